#include "tests/simulation/machine.h"

#include <map>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/messaging/local_feed.h"
#include "tests/simulation/audited_broker.h"
#include "tests/simulation/audited_feed.h"
#include "tests/simulation/mutant_channel.h"
#include "tests/simulation/mutant_feed.h"

namespace souk::simulation {
namespace {

// How soon a supervisor notices that a process has stopped working.
constexpr absl::Duration kHealthCheck = absl::Milliseconds(200);
// Small enough for short stories to have effects that are in the store and others that are not.
constexpr std::uint64_t kPositionsPerEffectWrite = 8;
// A live stream of a reader that vanished without a word ends at the latest after this.
constexpr absl::Duration kLookAgain = absl::Hours(12);

config::Settings LoadSettings(const ModuleFactory& factory, const Plan& plan) {
  std::vector<config::Setting> declared = factory.settings;
  for (config::Setting& setting : KafkaSettings()) declared.push_back(std::move(setting));
  config::Settings::Sources sources;
  if (plan.broker == Plan::Broker::kFeeds) sources.overrides.emplace_back("messaging.feed", "kafka");
  if (plan.log_topic) sources.overrides.emplace_back("kafka.log_topic", "true");
  return config::Settings::Load(std::move(declared), sources).value();
}

// Makes every call as one service.
class ServiceChannel final : public rpc::Channel {
 public:
  ServiceChannel(rpc::SimNetwork& network, const std::string& from, const std::string& to, Scheduler& home)
      : channel_(network, from, to, home), principal_{.kind = Principal::Kind::kService, .id = from} {}

  Task<StatusOr<rpc::Bytes>> CallUnary(std::string path, rpc::CallOptions options,
                                       rpc::Bytes request) override {
    options.principal = principal_;
    return channel_.CallUnary(std::move(path), std::move(options), std::move(request));
  }
  std::unique_ptr<rpc::ByteStream> CallServerStream(std::string path, rpc::CallOptions options,
                                                    rpc::Bytes request) override {
    options.principal = principal_;
    return channel_.CallServerStream(std::move(path), std::move(options), std::move(request));
  }

 private:
  rpc::SimChannel channel_;
  const Principal principal_;
};

DiskFaults FaultsOf(const Stage& stage) {
  return {.acknowledge_before_sync = stage.Has(Mutant::kAcknowledgeBeforeSync),
          .torn_batch = stage.Has(Mutant::kTornBatch),
          .lying_sync = stage.Has(Mutant::kLyingSync)};
}

// The id of a request, which is the first field of every message that has one.
std::string RequestIdOf(std::string_view request) {
  if (request.size() < 2 || request[0] != '\x0a') return "";
  const auto size = static_cast<unsigned char>(request[1]);
  return size < 128 && request.size() >= 2u + size ? std::string(request.substr(2, size)) : "";
}

}  // namespace

// Ways to the other services.
class Machine::Ways final : public Channels {
 public:
  Ways(Stage& stage, std::string service, Scheduler& home)
      : stage_(stage), service_(std::move(service)), home_(home) {}

  rpc::Channel& To(std::string_view service) override {
    std::unique_ptr<rpc::Channel>& channel = channels_[std::string(service)];
    if (channel == nullptr) {
      channel = MutateChannel(
          std::make_unique<ServiceChannel>(stage_.network, service_, std::string(service), home_), stage_);
    }
    return *channel;
  }

 private:
  Stage& stage_;
  const std::string service_;
  Scheduler& home_;
  std::map<std::string, std::unique_ptr<rpc::Channel>> channels_;
};

Machine::Parts::Parts(Stage& stage, SimDisk& disk, const std::string& service)
    : process(stage.scheduler),
      disk_store(stage.scheduler, process, disk),
      store(disk_store, stage),
      keys(store, std::string(32, 'k'),
           [&stage](std::size_t size) {
             std::string bytes(size, '\0');
             for (char& byte : bytes) byte = static_cast<char>(stage.Below(256));
             return bytes;
           }),
      ways(std::make_unique<Ways>(stage, service, process)),
      event_logs(kLookAgain) {}

Machine::Parts::~Parts() = default;

Machine::Machine(Stage& stage, ModuleFactory factory, WitnessOf witness_of)
    : stage_(stage),
      factory_(std::move(factory)),
      witness_of_(std::move(witness_of)),
      settings_(LoadSettings(factory_, stage.plan)),
      disk_(FaultsOf(stage)),
      witness_(factory_.service, stage, [this] { OnDiskFailure(); }) {
  disk_.SetObserver(&witness_);
  disk_.condition() = stage.plan.disk;
}

Machine::~Machine() = default;

void Machine::Boot(bool rebuild) {
  if (filling_) return;
  ++boots_;
  stage_.history.Note(service(), rebuild ? "boots and rebuilds" : "boots");
  parts_ = std::make_unique<Parts>(stage_, disk_, service());
  if (const Status opened = Open(*parts_); !opened.ok()) {
    stage_.history.Fail("L-3 a service starts", service() + ": " + opened.ToString());
    return;
  }
  parts_->tasks.Spawn(Start(parts_.get(), rebuild));
}

Status Machine::Open(Parts& parts) {
  ASSIGN_OR_RETURN(parts.module,
                   factory_.open({.service = service(),
                                  .engine_options = {.service = service(),
                                                     .partitions = partitions(),
                                                     .new_incarnation = stage_.ids.NewId(),
                                                     .positions_per_effect_write = kPositionsPerEffectWrite},
                                  .scheduler = parts.process,
                                  .blocking = parts.process,
                                  .clock = stage_.clock,
                                  .ids = stage_.ids,
                                  .store = parts.store,
                                  .subject_keys = parts.keys,
                                  .channels = *parts.ways,
                                  .settings = settings_,
                                  .data_dir = "",
                                  .writer_of = nullptr}));
  witness_.SetMapping(parts.module->engine().public_mapping());
  parts.module->AddTo(parts.router);
  if (stage_.plan.broker != Plan::Broker::kNone) {
    if (stage_.plan.log_topic) parts.keys.NoteNewKeys();
    parts.kafka = KafkaLink::On(std::make_unique<AuditedBroker>(stage_, witness_, parts.process), settings_,
                                parts.process, stage_.clock, stage_.ids.NewId(), kLookAgain);
  }
  std::vector<const Consumer*> consumers;
  for (Subscription* const subscription : parts.module->subscriptions()) {
    const std::string& source = subscription->source();
    parts.subscriptions.push_back(ListenTo(*subscription));
    auto feeds = std::make_unique<AuditedFeedSource>(MutateFeed(FeedOf(parts, source), stage_),
                                                     witness_of_(source), service(), stage_.history);
    parts.consumers.push_back(std::make_unique<Consumer>(*parts.subscriptions.back(), std::move(feeds),
                                                         parts.process, stage_.clock, parts.store));
    consumers.push_back(parts.consumers.back().get());
  }
  parts.event_logs.Add(parts.module->engine(), std::move(consumers));
  parts.event_logs.AddTo(parts.router);
  parts.server = std::make_unique<rpc::SimServer>(
      parts.router, parts.process,
      [this](const std::string&, const rpc::CallContext& call, std::string_view request,
             const StatusOr<rpc::Bytes>& response) { OnAnswer(call, request, response); });
  return OkStatus();
}

std::unique_ptr<Subscription> Machine::ListenTo(const Subscription& subscription) {
  Subscription::Handlers handlers;
  for (const auto& [type, handler] : subscription.handlers()) {
    if (forgotten_types_.contains(type)) continue;
    handlers[type] = [this, inner = &handler](Delivery delivery) {
      return Handle(inner, std::move(delivery));
    };
  }
  return std::make_unique<Subscription>(subscription.source(), std::move(handlers));
}

Task<Status> Machine::Handle(const Subscription::Handler* handler, Delivery delivery) {
  LogWitness& source = witness_of_(delivery.source);
  const std::uint32_t partition = delivery.event->partition();
  const std::uint64_t position = delivery.event->position();
  const Status status = co_await (*handler)(std::move(delivery));
  if (status.ok()) source.Handled(service(), partition, position);
  co_return status;
}

std::unique_ptr<FeedSource> Machine::FeedOf(Parts& parts, const std::string& source) {
  if (parts.kafka != nullptr && parts.kafka->feeds()) return parts.kafka->FeedOf(source);
  return std::make_unique<LocalFeedSource>(source, service(), parts.ways->To(source));
}

Task<> Machine::Start(Parts* parts, bool rebuild) {
  Engine& started_engine = parts->module->engine();
  Status started;
  if (rebuild) started = co_await started_engine.DropDerived();
  if (started.ok()) started = co_await started_engine.Start();
  if (started.ok() && parts->kafka != nullptr) started = co_await parts->kafka->Publish(started_engine);
  if (restoring() && Reason(started) == "LOG_BEHIND_TOPIC") {
    RefusedBackup();
    co_return;
  }
  if (!started.ok()) {
    stage_.history.Note(service(), "does not start: " + started.ToString());
    if (absl::IsDataLoss(started) || absl::IsFailedPrecondition(started)) {
      stage_.history.Fail("L-3 a service starts", service() + ": " + started.ToString());
    } else {
      OnDiskFailure();
    }
    co_return;
  }
  if (restoring()) StartedOnBackup();
  parts->serving = true;
  stage_.network.Listen(service(), parts->server.get());
  started_engine.StartEffects();
  for (const auto& consumer : parts->consumers) consumer->Start();
  if (parts->kafka != nullptr) parts->kafka->Start();
  parts->module->Started();
  stage_.history.Note(service(), "serves");
}

void Machine::OnAnswer(const rpc::CallContext&, std::string_view request,
                       const StatusOr<rpc::Bytes>& response) {
  if (response.ok()) {
    if (const std::string id = RequestIdOf(request); !id.empty()) witness_.Acknowledged(id);
    return;
  }
  const std::string reason = Reason(response.status());
  stage_.history.Count("rejection",
                       reason.empty() ? absl::StatusCodeToString(response.status().code()) : reason);
}

void Machine::OnDiskFailure() {
  stage_.history.Count("fault", "disk error");
  stage_.scheduler.PostAt(stage_.scheduler.Now() + kHealthCheck, [this, boot = boots_] {
    if (boot != boots_ || !exists()) return;
    stage_.history.Note(service(), "stops: its disk failed");
    Kill(/*power_failure=*/false);
    BootLater(absl::Seconds(1));
  });
}

void Machine::Kill(bool power_failure) {
  if (exists()) {
    stage_.history.Note(service(), power_failure ? "loses power" : "is killed");
    stage_.network.Listen(service(), nullptr);
    parts_ = nullptr;
  }
  if (power_failure) {
    disk_.Crash(stage_.scheduler);
  } else {
    disk_.Kill();
  }
}

void Machine::KillWhenWriting(bool power_failure, absl::Duration outage) {
  witness_.OnNextWrite([this, power_failure, outage] {
    const absl::Time when = stage_.scheduler.Now() + stage_.Upto(disk_.condition().sync_time_max / 2);
    stage_.scheduler.PostAt(when, [this, power_failure, outage, boot = boots_] {
      if (boot != boots_ || !exists()) return;
      Kill(power_failure);
      BootLater(outage);
    });
  });
}

void Machine::Downgrade() {
  for (Subscription* const subscription :
       parts_ == nullptr ? std::vector<Subscription*>() : parts_->module->subscriptions()) {
    for (const auto& [type, handler] : subscription->handlers()) {
      if (stage_.Chance(0.3)) forgotten_types_.insert(type);
    }
  }
  stage_.history.Note(
      service(), absl::StrFormat("is of an older version: it has %d handlers less", forgotten_types_.size()));
  Kill(/*power_failure=*/false);
  Boot();
}

void Machine::Upgrade() {
  if (forgotten_types_.empty()) return;
  stage_.history.Note(service(), "is upgraded");
  CountWaiting();
  forgotten_types_.clear();
  if (!exists()) return;  // What is started next is of the new version.
  Kill(/*power_failure=*/false);
  Boot();
}

// What waits for the version that comes now.
void Machine::CountWaiting() {
  if (!serving()) return;
  for (const auto& consumer : consumers()) {
    const std::map<std::string, std::uint64_t> reasons = consumer->letters().CountByReason();
    const auto unknown = reasons.find("UNKNOWN_EVENT");
    if (unknown == reasons.end()) continue;
    stage_.history.Count("fault", "event unknown to an older version",
                         static_cast<std::int64_t>(unknown->second));
  }
}

void Machine::Heal() {
  witness_.OnNextWrite(nullptr);
  disk_.condition() = {};
  Resume();
  Upgrade();
  BootLater(absl::ZeroDuration());
}

void Machine::Pause() {
  if (!exists()) return;
  stage_.history.Note(service(), "is suspended");
  parts_->process.Pause();
}

void Machine::Resume() {
  if (!paused()) return;
  stage_.history.Note(service(), "goes on");
  parts_->process.Resume();
  if (serving()) engine().ClockMoved();
}

void Machine::BootLater(absl::Duration pause) {
  stage_.scheduler.PostAt(stage_.scheduler.Now() + pause, [this, boot = boots_] {
    if (boot == boots_ && !exists()) Boot();
  });
}

absl::Time Machine::NextTimer() const {
  if (stage_.Has(Mutant::kTimersStandStill) && service() == "order") return absl::InfiniteFuture();
  return serving() && !paused() ? parts_->module->engine().NextDue() : absl::InfiniteFuture();
}

void Machine::ClockMoved() {
  if (serving() && !paused()) engine().ClockMoved();
}

std::optional<std::string> Machine::Unrest() const {
  if (std::optional<std::string> busy = Busy()) return busy;
  const absl::Time due = parts_->module->engine().NextDue();
  if (due == absl::InfiniteFuture()) return std::nullopt;
  return absl::StrFormat("a timer of %s is due at %s", service(), absl::FormatTime(due));
}

std::optional<std::string> Machine::Busy() const {
  if (!serving() || paused()) return service() + " does not serve";
  const Engine& running = parts_->module->engine();
  if (!running.Health().ok()) return service() + " has stopped: " + running.Health().ToString();
  if (!running.Idle() || !running.Drained()) return service() + " is busy";
  if (!parts_->module->Idle()) return service() + "'s module is busy";
  if (std::optional<std::string> unrest = PublicationUnrest()) return unrest;
  for (const auto& consumer : parts_->consumers) {
    if (!consumer->Drained()) return service() + " handles events of " + consumer->source();
    const std::vector<std::uint64_t>& checkpoints = consumer->checkpoints();
    const LogWitness& source = witness_of_(consumer->source());
    if (checkpoints.size() != stage_.plan.partitions.at(consumer->source())) {
      return service() + " has no feed of " + consumer->source();
    }
    for (std::uint32_t i = 0; i < checkpoints.size(); ++i) {
      // A topic has nothing of what is not public.
      const bool by_topic = parts_->kafka != nullptr && parts_->kafka->feeds();
      const std::uint64_t end = by_topic ? source.published_head(i) : source.durable_head(i);
      if (checkpoints[i] < end) {
        return absl::StrFormat("%s is at %d of %d in partition %d of %s", service(), checkpoints[i], end, i,
                               consumer->source());
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> Machine::PublicationUnrest() const {
  if (parts_->kafka == nullptr) return std::nullopt;
  if (const Status health = parts_->kafka->Health(); !health.ok()) {
    return service() + " must not publish: " + health.ToString();
  }
  for (std::uint32_t i = 0; i < partitions(); ++i) {
    if (!parts_->kafka->SettledPosition(service(), i).has_value()) return service() + " publishes";
  }
  return std::nullopt;
}

}  // namespace souk::simulation
