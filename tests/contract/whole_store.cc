#include "tests/contract/whole_store.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <utility>

#include "libs/config/settings.h"
#include "libs/eventstore/subject_keys.h"
#include "libs/messaging/local_feed.h"
#include "libs/rpc/principal_channel.h"
#include "libs/testing/run_to_end.h"
#include "libs/testing/spec.h"
#include "services/cart/module.h"
#include "services/catalog/module.h"
#include "services/notification/module.h"
#include "services/order/module.h"
#include "services/payment/module.h"
#include "services/shipping/module.h"

namespace souk::contract {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::MessageFactory;

std::unique_ptr<google::protobuf::Message> New(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<google::protobuf::Message>(
      MessageFactory::generated_factory()->GetPrototype(type)->New());
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// An upload: what the test says, and then a photo.
class PhotoSource final : public rpc::ByteSource {
 public:
  explicit PhotoSource(const Rpc& rpc, std::string first) {
    const std::unique_ptr<google::protobuf::Message> chunk = rpc.NewRequest();
    chunk->GetReflection()->SetString(chunk.get(), chunk->GetDescriptor()->FindFieldByName("chunk"),
                                      ReadFile(SOUK_PHOTO));
    messages_ = {std::move(first), chunk->SerializeAsString()};
  }
  Task<StatusOr<std::optional<rpc::Bytes>>> Read() override {
    if (next_ == messages_.size()) co_return std::nullopt;
    co_return messages_[next_++];
  }

 private:
  std::vector<std::string> messages_;
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<google::protobuf::Message> Rpc::NewRequest() const { return New(descriptor->input_type()); }
std::unique_ptr<google::protobuf::Message> Rpc::NewResponse() const { return New(descriptor->output_type()); }

// Calls everybody as one service.
class WholeStore::AsService final : public Channels {
 public:
  AsService(rpc::Channel& channel, std::string service)
      : channel_(channel, {.kind = Principal::Kind::kService, .id = std::move(service)}) {}

  rpc::Channel& To(std::string_view) override { return channel_; }

 private:
  rpc::PrincipalChannel channel_;
};

struct WholeStore::Hosted {
  std::string service;
  MemoryStore store;
  std::unique_ptr<SubjectKeys> subject_keys;
  std::unique_ptr<AsService> channels;
  std::optional<config::Settings> settings;
  std::unique_ptr<Module> module;
  std::vector<std::unique_ptr<Consumer>> consumers;
};

WholeStore::WholeStore()
    : clock_(testing::Noon()),
      folder_((std::filesystem::temp_directory_path() / "souk-contract-XXXXXX").string()),
      process_(std::make_unique<SimProcess>(scheduler_)) {
  REQUIRE(mkdtemp(folder_.data()) != nullptr);
  channel_ = std::make_unique<rpc::LocalChannel>(router_, *process_);
  for (const ModuleFactory& factory :
       {catalog::CatalogModule(), cart::CartModule(), order::OrderModule(), payment::PaymentModule(),
        shipping::ShippingModule(), notification::NotificationModule()}) {
    Open(factory);
  }
  time_keeper_ = std::make_unique<TimeKeeper>(clock_, &clock_, folder_ + "/clock", *process_);
  Connect();
  AddRpcs();
}

WholeStore::~WholeStore() {
  for (const auto& hosted : hosted_) hosted->consumers.clear();
  hosted_.clear();
  channel_.reset();
  process_.reset();
  std::filesystem::remove_all(folder_);
}

void WholeStore::Open(const ModuleFactory& factory) {
  Hosted& hosted = *hosted_.emplace_back(std::make_unique<Hosted>());
  hosted.service = factory.service;
  hosted.subject_keys = std::make_unique<SubjectKeys>(hosted.store, std::string(32, 'k'));
  hosted.channels = std::make_unique<AsService>(*channel_, factory.service);
  hosted.settings = *config::Settings::Load(factory.settings, {});
  const std::string files = folder_ + "/" + factory.service;
  std::filesystem::create_directories(files);
  StatusOr<std::unique_ptr<Module>> module =
      factory.open({.service = factory.service,
                    .engine_options = {.service = factory.service, .new_incarnation = "test"},
                    .scheduler = *process_,
                    .blocking = *process_,
                    .clock = clock_,
                    .ids = ids_,
                    .store = hosted.store,
                    .subject_keys = *hosted.subject_keys,
                    .channels = *hosted.channels,
                    .settings = *hosted.settings,
                    .data_dir = files});
  INFO(factory.service << ": " << module.status().ToString());
  REQUIRE(module.ok());
  hosted.module = *std::move(module);
  REQUIRE(Run(hosted.module->engine().Start()).ok());
  hosted.module->AddTo(router_);
}

void WholeStore::Connect() {
  for (const auto& hosted : hosted_) {
    Engine& engine = hosted->module->engine();
    time_keeper_->Watch(*hosted->module, [&engine](std::uint32_t partition) {
      return std::optional(engine.partition(partition).head());
    });
  }
  for (const auto& hosted : hosted_) {
    std::vector<const Consumer*> consumers;
    for (Subscription* const subscription : hosted->module->subscriptions()) {
      auto feeds = std::make_unique<LocalFeedSource>(subscription->source(), hosted->service,
                                                     hosted->channels->To(subscription->source()));
      hosted->consumers.push_back(
          std::make_unique<Consumer>(*subscription, std::move(feeds), *process_, clock_, hosted->store));
      consumers.push_back(hosted->consumers.back().get());
      time_keeper_->Watch(*hosted->consumers.back());
    }
    event_logs_.Add(hosted->module->engine(), std::move(consumers));
  }
  event_logs_.AddTo(router_);
  for (const auto& hosted : hosted_) {
    hosted->module->engine().StartEffects();
    for (const auto& consumer : hosted->consumers) consumer->Start();
  }
  for (const auto& hosted : hosted_) hosted->module->Started();
}

void WholeStore::AddRpcs() {
  for (const auto& [path, route] : router_.routes()) {
    std::string full_name = path.substr(1);
    full_name[full_name.find('/')] = '.';
    const auto* const method = DescriptorPool::generated_pool()->FindMethodByName(full_name);
    INFO(path);
    REQUIRE(method != nullptr);
    REQUIRE(rpcs_.emplace(method->name(), Rpc{&route, method}).second);
  }
}

template <typename T>
T WholeStore::Run(Task<T> task) {
  return testing::RunToEnd(scheduler_, std::move(task));
}

Task<StatusOr<std::string>> WholeStore::CallOnce(const Rpc* rpc, rpc::CallOptions options,
                                                 std::string request) {
  const std::string& path = rpc->route->path;
  switch (rpc->route->kind) {
    case rpc::MethodKind::kUnary:
      co_return co_await channel_->CallUnary(path, std::move(options), std::move(request));
    case rpc::MethodKind::kServerStream: {
      std::unique_ptr<rpc::ByteStream> stream =
          channel_->CallServerStream(path, std::move(options), std::move(request));
      std::string first;
      for (bool is_first = true;; is_first = false) {
        const std::optional<rpc::Bytes> message = co_await Try(stream->Read());
        if (!message.has_value()) co_return first;
        if (is_first) first = *message;
      }
    }
    case rpc::MethodKind::kClientStream: {
      rpc::CallContext call{.principal = options.principal, .deadline = options.deadline};
      co_await Try(rpc::Router::Admit(*rpc->route, "", scheduler_.Now(), call));
      PhotoSource source(*rpc, std::move(request));
      co_return co_await rpc->route->client_stream(std::move(call), source);
    }
  }
  co_return Internal("no such kind of method");
}

StatusOr<std::unique_ptr<google::protobuf::Message>> WholeStore::Call(
    const Rpc& rpc, std::string_view principal, const google::protobuf::Message& request) {
  rpc::CallOptions options{.deadline = scheduler_.Now() + absl::Seconds(20)};
  ASSIGN_OR_RETURN(options.principal, ParsePrincipal(principal));
  const StatusOr<std::string> answer = Run(CallOnce(&rpc, std::move(options), request.SerializeAsString()));
  Advance(absl::ZeroDuration());
  if (!answer.ok()) return answer.status();
  std::unique_ptr<google::protobuf::Message> response = rpc.NewResponse();
  REQUIRE(response->ParseFromString(*answer));
  return response;
}

std::uint64_t WholeStore::Records() {
  std::uint64_t records = 0;
  for (const auto& hosted : hosted_) {
    Engine& engine = hosted->module->engine();
    for (std::uint32_t i = 0; i < engine.options().partitions; ++i) records += engine.partition(i).head();
  }
  return records;
}

void WholeStore::ForEachKept(
    absl::FunctionRef<void(const std::string& where, std::string_view bytes)> see) const {
  for (const auto& hosted : hosted_) {
    for (const ColumnFamily family : kColumnFamilies) {
      const std::string where = hosted->service + " " + NameOf(family);
      const auto row = [&](std::string_view key, std::string_view value) {
        see(where, key);
        see(where, value);
        return true;
      };
      REQUIRE(hosted->store.Scan(family, {}, Direction::kForward, row).ok());
    }
  }
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    see("a name of a file", entry.path().string());
    if (entry.is_regular_file()) see(entry.path().string(), ReadFile(entry.path()));
  }
}

void WholeStore::Advance(absl::Duration duration) {
  const StatusOr<std::uint64_t> moved =
      Run(time_keeper_->AdvanceTo(clock_.Now() + duration, scheduler_.Now() + absl::Hours(1)));
  INFO(moved.status().ToString());
  REQUIRE(moved.ok());
}

}  // namespace souk::contract
