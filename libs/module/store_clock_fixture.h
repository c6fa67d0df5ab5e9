// A store of several processes in a simulated world, each with a manual clock of its own, for
// tests of what moves those together.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/messaging/consumer.h"
#include "libs/messaging/event_log_service.h"
#include "libs/messaging/local_feed.h"
#include "libs/module/admin_service.h"
#include "libs/module/store_clock.h"
#include "libs/module/time_keeper.h"
#include "libs/rpc/principal_channel.h"
#include "libs/rpc/sim_network.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/storage/temporary_folder.h"
#include "libs/testing/counter.h"
#include "libs/testing/counter_service.h"
#include "libs/testing/run_to_end.h"

namespace souk {

inline constexpr absl::Time kStart = absl::FromUnixSeconds(1'000'000);
inline constexpr absl::Duration kDay = absl::Hours(24);

class StoreWorld;

// A process with a service of counters, which close themselves after an idle day.
class StoreProcess {
 public:
  StoreProcess(StoreWorld& world, std::string name, absl::Time start, bool manual);

  // -- What a store is made of; before Start --
  void Knows(StoreProcess& peer) { clock_.AddPeer(peer.name(), ChannelTo(peer)); }
  // Hears of every counter that is opened there.
  void ListensTo(StoreProcess& source);
  Task<Status> Start();

  const std::string& name() const { return name_; }
  StoreClock& clock() { return clock_; }
  AdminService& admin() { return admin_; }
  absl::Time now() const { return business_clock_.Now(); }
  std::string clock_file() const { return folder_.path() + "/clock"; }
  rpc::Channel& ChannelTo(StoreProcess& other);

  // A new counter, which will close itself.
  Task<Status> Open(std::string counter);

  // When its counters closed themselves, by the earliest clock of the store at that moment.
  std::vector<absl::Time> closed;
  // When it heard of counters opened elsewhere, by its own clock.
  std::vector<absl::Time> heard;
  // Whether a counter that closes itself opens the next one.
  bool goes_on = false;

 private:
  class CounterModule final : public Module {
   public:
    explicit CounterModule(testing::CounterService& service) : service_(service) {}
    Engine& engine() override { return service_.engine(); }
    void AddTo(rpc::Router&) override {}

   private:
    testing::CounterService& service_;
  };

  static Task<Status> Close(StoreProcess* self, Effect effect);
  static Task<Status> Hear(StoreProcess* self);

  StoreWorld& world_;
  const std::string name_;
  const TemporaryFolder folder_;
  SimProcess process_;
  ManualClock business_clock_;
  MemoryStore store_;
  testing::CounterService service_;
  CounterModule module_{service_};
  TimeKeeper keeper_;
  StoreClock clock_;
  AdminService admin_{clock_};
  EventLogService event_log_;
  rpc::Router router_;
  rpc::SimServer server_{router_, process_};
  std::list<rpc::SimChannel> wires_;
  std::list<rpc::PrincipalChannel> channels_;
  std::list<Subscription> subscriptions_;
  std::list<Consumer> consumers_;
};

class StoreWorld {
 public:
  explicit StoreWorld(std::uint64_t seed = 3) : scheduler_(seed) {}

  StoreProcess& Add(const std::string& name, absl::Time start = kStart, bool manual = true) {
    return processes_.emplace_back(*this, name, start, manual);
  }
  // Lets them know each other, and starts them.
  void Start() {
    for (StoreProcess& one : processes_) {
      for (StoreProcess& other : processes_) {
        if (&one != &other) one.Knows(other);
      }
    }
    for (StoreProcess& process : processes_) REQUIRE(Run(process.Start()).ok());
  }

  template <typename T>
  T Run(Task<T> task) {
    return testing::RunToEnd(scheduler_, std::move(task));
  }

  // Nothing gets from one to the other and back.
  void Cut(const StoreProcess& one, const StoreProcess& other) {
    network_.Cut(one.name(), other.name());
    network_.Cut(other.name(), one.name());
  }
  void RestoreAll() { network_.RestoreAll(); }

  absl::Time EarliestClock() const {
    absl::Time earliest = absl::InfiniteFuture();
    for (const StoreProcess& process : processes_) earliest = std::min(earliest, process.now());
    return earliest;
  }
  // So long from now in real time, which has nothing to do with the clocks of the store.
  absl::Time In(absl::Duration duration) const { return scheduler_.Now() + duration; }

  SimScheduler& scheduler() { return scheduler_; }
  rpc::SimNetwork& network() { return network_; }

 private:
  SimScheduler scheduler_;
  // Nothing is lost, but much is late.
  rpc::SimNetwork network_{
      scheduler_, {.loss = 0, .repetition = 0, .slow = 0.3, .slow_delay_max = absl::Milliseconds(300)}};
  std::deque<StoreProcess> processes_;
};

inline StoreProcess::StoreProcess(StoreWorld& world, std::string name, absl::Time start, bool manual)
    : world_(world),
      name_(std::move(name)),
      process_(world.scheduler()),
      business_clock_(start),
      service_(name_, process_, business_clock_, store_),
      keeper_(business_clock_, manual ? &business_clock_ : nullptr, clock_file(), process_),
      clock_(keeper_, process_) {
  service_.engine().OnEffect<testing::Counter>(
      "idle", [this](Effect effect) { return Close(this, std::move(effect)); });
  keeper_.Watch(module_, [this](std::uint32_t partition) -> std::optional<std::uint64_t> {
    return service_.engine().partition(partition).head();
  });
  event_log_.Add(service_.engine());
  event_log_.AddTo(router_);
  admin_.AddTo(router_);
  world_.network().Listen(name_, &server_);
}

inline rpc::Channel& StoreProcess::ChannelTo(StoreProcess& other) {
  rpc::SimChannel& wire = wires_.emplace_back(world_.network(), name_, other.name(), process_);
  return channels_.emplace_back(wire, Principal{.kind = Principal::Kind::kService, .id = name_});
}

inline void StoreProcess::ListensTo(StoreProcess& source) {
  Subscription& subscription = subscriptions_.emplace_back(source.name());
  subscription.On<testing::v1::CounterOpened>(
      [this](const Delivery&, const testing::v1::CounterOpened&) { return Hear(this); });
  consumers_.emplace_back(subscription,
                          std::make_unique<LocalFeedSource>(source.name(), name_, ChannelTo(source)),
                          process_, business_clock_, store_);
  keeper_.Watch(consumers_.back());
}

inline Task<Status> StoreProcess::Start() {
  co_await Try(service_.Start());
  service_.engine().StartEffects();
  for (Consumer& consumer : consumers_) consumer.Start();
  co_return OkStatus();
}

inline Task<Status> StoreProcess::Open(std::string counter) {
  CommandMetadata metadata;
  metadata.request_id = "open-" + counter;
  metadata.actor = "operator/test";
  co_await Try(service_.engine().Execute<testing::Counter>(testing::CounterId::Of(counter),
                                                           testing::Open{.owner = "o"}, metadata));
  co_return OkStatus();
}

inline Task<Status> StoreProcess::Close(StoreProcess* self, Effect effect) {
  self->closed.push_back(self->world_.EarliestClock());
  co_await Try(self->service_.engine().Execute<testing::Counter>(
      testing::CounterId::Of(effect.aggregate_id), testing::Close{.reason = "idle"}, effect.Metadata()));
  if (self->goes_on) co_await Try(self->Open(effect.aggregate_id + "'"));
  co_return OkStatus();
}

inline Task<Status> StoreProcess::Hear(StoreProcess* self) {
  self->heard.push_back(self->now());
  co_return OkStatus();
}

}  // namespace souk
