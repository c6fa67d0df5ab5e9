#include "libs/testing/service_fixture.h"

#include <stdlib.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "libs/base/proto_time.h"
#include "libs/testing/spec.h"

namespace souk::testing {
namespace {

// Messages that a test hands over.
class ListSource final : public rpc::ByteSource {
 public:
  explicit ListSource(std::vector<rpc::Bytes> messages) : messages_(std::move(messages)) {}
  Task<StatusOr<std::optional<rpc::Bytes>>> Read() override {
    if (next_ == messages_.size()) co_return std::nullopt;
    co_return std::move(messages_[next_++]);
  }

 private:
  std::vector<rpc::Bytes> messages_;
  std::size_t next_ = 0;
};

}  // namespace

// One message, and then nothing, for as long as the test likes.
class UnendedSource final : public rpc::ByteSource {
 public:
  explicit UnendedSource(rpc::Bytes message) : message_(std::move(message)) {}
  Task<StatusOr<std::optional<rpc::Bytes>>> Read() override {
    if (message_.has_value()) co_return *std::exchange(message_, std::nullopt);
    co_await end_;
    co_return std::nullopt;
  }
  void End() { end_.Set(true); }

 private:
  std::optional<rpc::Bytes> message_;
  Completion<bool> end_;
};

namespace {

class ListSink final : public rpc::ByteSink {
 public:
  Task<Status> Write(rpc::Bytes message) override {
    messages.push_back(std::move(message));
    co_return OkStatus();
  }
  bool cancelled() const override { return false; }
  std::vector<rpc::Bytes> messages;
};

class NoStream final : public rpc::ByteStream {
 public:
  Task<StatusOr<std::optional<rpc::Bytes>>> Read() override {
    co_return absl::UnimplementedError("fakes have no streams");
  }
};

std::string NewFolder() {
  std::string path = (std::filesystem::temp_directory_path() / "souk-test-XXXXXX").string();
  REQUIRE(mkdtemp(path.data()) != nullptr);
  return path;
}

}  // namespace

Task<StatusOr<rpc::Bytes>> FakeService::CallUnary(std::string path, rpc::CallOptions, rpc::Bytes request) {
  const std::string method = path.substr(path.rfind('/') + 1);
  const std::string package = path.substr(1, path.rfind('.') - 1);
  const auto it = answers_.find(package + "." + method + "Request");
  if (it == answers_.end()) co_return absl::UnimplementedError("the test scripts no answer to " + path);
  co_return it->second(request);
}

std::unique_ptr<rpc::ByteStream> FakeService::CallServerStream(std::string, rpc::CallOptions, rpc::Bytes) {
  return std::make_unique<NoStream>();
}

int FakeService::Count(std::string_view request_name) const {
  return static_cast<int>(std::count(log_.begin(), log_.end(), request_name));
}

ServiceFixture::ServiceFixture(ModuleFactory factory,
                               std::vector<std::pair<std::string, std::string>> settings)
    : factory_(std::move(factory)),
      settings_overrides_(std::move(settings)),
      data_dir_(NewFolder()),
      clock_(Noon()),
      subject_keys_(std::make_unique<SubjectKeys>(store_, std::string(32, 'k'))) {}

ServiceFixture::~ServiceFixture() {
  Crash();
  std::filesystem::remove_all(data_dir_);
}

void ServiceFixture::Start() {
  StatusOr<config::Settings> settings =
      config::Settings::Load(factory_.settings, {.overrides = settings_overrides_});
  INFO(settings.status().ToString());
  REQUIRE(settings.ok());
  settings_ = *std::move(settings);
  process_ = std::make_unique<SimProcess>(scheduler_);
  StatusOr<std::unique_ptr<Module>> module =
      factory_.open({.service = factory_.service,
                     .engine_options = {.service = factory_.service, .new_incarnation = "test"},
                     .scheduler = *process_,
                     .blocking = *process_,
                     .clock = clock_,
                     .ids = ids_,
                     .store = store_,
                     .subject_keys = *subject_keys_,
                     .channels = *this,
                     .settings = *settings_,
                     .data_dir = data_dir_});
  INFO(module.status().ToString());
  REQUIRE(module.ok());
  module_ = *std::move(module);
  const Status started = Run(module_->engine().Start());
  INFO(started.ToString());
  REQUIRE(started.ok());
  router_ = std::make_unique<rpc::Router>();
  module_->AddTo(*router_);
  calls_ = std::make_unique<TaskScope>();
  module_->engine().StartEffects();
  module_->Started();
  Settle();
}

void ServiceFixture::Crash() {
  calls_.reset();
  router_.reset();
  module_.reset();
  process_.reset();
}

void ServiceFixture::Restart() {
  Crash();
  Start();
}

StatusOr<const rpc::Router::Route*> ServiceFixture::Route(const std::string& path, std::string_view principal,
                                                          std::string_view request,
                                                          rpc::CallContext& call) const {
  const rpc::Router::Route* const route = router_->Find(path);
  if (route == nullptr) return absl::UnimplementedError("no such method: " + path);
  ASSIGN_OR_RETURN(call.principal, ParsePrincipal(principal));
  call.deadline = scheduler_.Now() + absl::Seconds(20);
  RETURN_IF_ERROR(rpc::Router::Admit(*route, request, scheduler_.Now(), call));
  return route;
}

void ServiceFixture::Begin(std::string path, std::string_view principal, rpc::Bytes request,
                           std::function<void(StatusOr<rpc::Bytes>)> done) {
  rpc::CallContext call;
  const StatusOr<const rpc::Router::Route*> route = Route(path, principal, request, call);
  if (!route.ok()) return done(route.status());
  calls_->Spawn([](Task<StatusOr<rpc::Bytes>> task, std::function<void(StatusOr<rpc::Bytes>)> d) -> Task<> {
    d(co_await std::move(task));
  }((*route)->unary(std::move(call), request), std::move(done)));
}

StatusOr<rpc::Bytes> ServiceFixture::CallBytes(std::string path, std::string_view principal,
                                               rpc::Bytes request) {
  std::optional<StatusOr<rpc::Bytes>> answer;
  Begin(std::move(path), principal, std::move(request),
        [&answer](StatusOr<rpc::Bytes> a) { answer = std::move(a); });
  while (!answer.has_value() && scheduler_.Step()) {
  }
  REQUIRE(answer.has_value());
  Settle();
  return *std::move(answer);
}

StatusOr<rpc::Bytes> ServiceFixture::UploadBytes(std::string path, std::string_view principal,
                                                 std::vector<rpc::Bytes> messages) {
  rpc::CallContext call;
  ASSIGN_OR_RETURN(const rpc::Router::Route* const route, Route(path, principal, "", call));
  ListSource source(std::move(messages));
  StatusOr<rpc::Bytes> answer = Run(route->client_stream(std::move(call), source));
  Settle();
  return answer;
}

void ServiceFixture::BeginUploadOf(std::string path, std::string_view principal, rpc::Bytes message) {
  rpc::CallContext call;
  const StatusOr<const rpc::Router::Route*> route = Route(path, principal, "", call);
  REQUIRE(route.ok());
  uploads_.push_back(std::make_unique<UnendedSource>(std::move(message)));
  calls_->Spawn([](Task<StatusOr<rpc::Bytes>> task) -> Task<> {
    static_cast<void>(co_await std::move(task));
  }((*route)->client_stream(std::move(call), *uploads_.back())));
  Settle();
}

void ServiceFixture::EndUploads() {
  for (const auto& upload : uploads_) upload->End();
  Settle();
  uploads_.clear();
}

StatusOr<std::vector<rpc::Bytes>> ServiceFixture::DownloadBytes(std::string path, std::string_view principal,
                                                                rpc::Bytes request) {
  rpc::CallContext call;
  ASSIGN_OR_RETURN(const rpc::Router::Route* const route, Route(path, principal, request, call));
  ListSink sink;
  RETURN_IF_ERROR(Run(route->server_stream(std::move(call), request, sink)));
  return std::move(sink.messages);
}

Status ServiceFixture::Deliver(const std::string& source, const std::string& aggregate_id,
                               const google::protobuf::Message& event, std::string event_id) {
  const auto record = std::make_shared<event::v1::EventRecord>();
  record->set_event_id(event_id.empty() ? DerivedUuid("test-event", std::to_string(++events_delivered_))
                                        : std::move(event_id));
  record->set_type(event.GetTypeName());
  record->set_aggregate_id(aggregate_id);
  record->set_correlation_id(aggregate_id);
  record->set_actor("service/" + source);
  *record->mutable_occur_time() = ToProto(clock_.Now());
  *record->mutable_record_time() = ToProto(clock_.Now());
  record->set_payload(event.SerializeAsString());
  for (Subscription* const subscription : module_->subscriptions()) {
    if (subscription->source() != source) continue;
    const Subscription::Handler* const handler = subscription->Find(record->type());
    if (handler == nullptr) continue;
    const Status status =
        Run((*handler)({.source = source, .event = Shared<event::v1::EventRecord>(record)}));
    Settle();
    return status;
  }
  return OkStatus();
}

void ServiceFixture::Settle() {
  // Work that is due in real time (quick retries, deadlines) is done as well; live streams
  // that look around for ever are not part of this fixture.
  while (scheduler_.Step()) {
  }
}

void ServiceFixture::AdvanceTo(absl::Time time) {
  for (;;) {
    Settle();
    const absl::Time due = module_->engine().NextDue();
    if (due > time) break;
    clock_.AdvanceTo(due);
    module_->engine().ClockMoved();
  }
  clock_.AdvanceTo(time);
  module_->engine().ClockMoved();
  Settle();
}

std::vector<PublicEvent> ServiceFixture::AllPublicEvents() const {
  std::vector<PublicEvent> events;
  Engine& engine = module_->engine();
  for (std::uint32_t i = 0; i < engine.options().partitions; ++i) {
    const Status read =
        engine.partition(i).log().ReadAfter(0, [&](const event::v1::EventRecord& record, auto) {
          if (record.aggregate().empty()) return true;
          if (auto event = engine.public_mapping()(record); event.has_value())
            events.push_back(*std::move(event));
          return true;
        });
    REQUIRE(read.ok());
  }
  return events;
}

}  // namespace souk::testing
