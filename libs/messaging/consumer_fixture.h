// A world in which a consumer listens to counters: both may be killed, restored and kept away.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/big_endian.h"
#include "libs/messaging/consumer.h"
#include "libs/messaging/dead_letter_service.h"
#include "libs/messaging/event_log_service.h"
#include "libs/messaging/local_feed.h"
#include "libs/rpc/local_channel.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/counter.h"
#include "libs/testing/counter_service.h"
#include "libs/testing/run_to_end.h"

namespace souk::consumer_world {

using event::v1::EventRecord;
using testing::CounterService;
namespace v1 = testing::v1;

inline constexpr std::uint32_t kAttemptsMax = 3;

// A feed that counts how often it is asked for more, and how often it is opened.
class CountedSource final : public FeedSource {
 public:
  CountedSource(FeedSource& source, int& asked, int& opened)
      : source_(source), asked_(asked), opened_(opened) {}
  Task<StatusOr<std::uint32_t>> Partitions() override { return source_.Partitions(); }
  std::unique_ptr<EventFeed> Open(std::uint32_t partition, FeedPosition after,
                                  std::vector<std::string> types) override {
    ++opened_;
    return std::make_unique<Feed>(source_.Open(partition, std::move(after), std::move(types)), asked_);
  }

 private:
  class Feed final : public EventFeed {
   public:
    Feed(std::unique_ptr<EventFeed> feed, int& asked) : feed_(std::move(feed)), asked_(asked) {}
    Task<StatusOr<FeedBatch>> Next() override {
      ++asked_;
      return feed_->Next();
    }

   private:
    const std::unique_ptr<EventFeed> feed_;
    int& asked_;
  };
  FeedSource& source_;
  int& asked_;
  int& opened_;
};

// A source that cannot be reached at times.
struct FickleSource final : FeedSource {
  explicit FickleSource(FeedSource& s) : source(s) {}
  Task<StatusOr<std::uint32_t>> Partitions() override { return source.Partitions(); }
  std::unique_ptr<EventFeed> Open(std::uint32_t partition, FeedPosition after,
                                  std::vector<std::string> types) override {
    if (away) return std::make_unique<Broken>();
    if (breaks_off) return std::make_unique<BreaksOff>();
    return source.Open(partition, std::move(after), std::move(types));
  }

  struct Broken final : EventFeed {
    Task<StatusOr<FeedBatch>> Next() override { co_return Unavailable("connection refused"); }
  };
  // Answers, has nothing new, and breaks off.
  struct BreaksOff final : EventFeed {
    Task<StatusOr<FeedBatch>> Next() override { return NextOf(this); }
    static Task<StatusOr<FeedBatch>> NextOf(BreaksOff* self) {
      if (std::exchange(self->answered, true)) co_return Unavailable("the stream broke");
      co_return FeedBatch{};
    }
    bool answered = false;
  };
  FeedSource& source;
  bool away = false;
  bool breaks_off = false;
};

// Counters in one process, and in another one whoever listens to their events, which may be
// killed and started again.
class World {
 public:
  World() {
    event_logs_.Add(counters_.engine());
    event_logs_.AddTo(router_);
    Do(counters_.Start());
  }

  // What the handler says to an event; nothing: it never comes to an end.
  std::function<std::optional<Status>(const EventRecord&)> handle = [](const EventRecord&) {
    return OkStatus();
  };

  // An older version does not know that counters can be added to.
  void StartConsumer(bool older = false) {
    process_.emplace(world_);
    subscription_.emplace("counter");
    if (listens_to_what_is_private) {
      Listen<v1::CounterClosed>();
    } else {
      Listen<v1::CounterOpened>();
      if (!older) Listen<v1::CounterAdded>();
    }
    consumer_.emplace(*subscription_, std::make_unique<CountedSource>(*source_in_use_, asked, opened),
                      *process_, clock_, store_, ConsumerOptions{.attempts_max = kAttemptsMax});
    consumer_->Start();
  }
  void KillConsumer() {
    consumer_.reset();
    subscription_.reset();
    process_.reset();
  }
  Consumer& consumer() { return *consumer_; }

  // Adds 1 to each of so many counters, c0 and so on.
  void Count(int counters) { Do(counters_.Count(counters, 1)); }
  // Runs until everything is consumed.
  void Settle() {
    RunUntil([this] {
      return !consumer_->checkpoints().empty() &&
             consumer_->checkpoints()[0] == counters_.engine().partition(0).head();
    });
  }
  void RunUntil(const std::function<bool()>& done) { testing::RunUntil(world_, done); }
  template <typename T>
  T Run(Task<T> task) {
    return testing::RunToEnd(world_, std::move(task));
  }
  void Do(Task<Status> task) {
    const Status status = Run(std::move(task));
    INFO(status.ToString());
    REQUIRE(status.ok());
  }

  // The source is away until it is there again.
  void SetAway(bool away) { away_.away = away; }
  void SetBreaksOff() { away_.breaks_off = true; }
  void UseSourceThatGoesAway() { source_in_use_ = &away_; }
  // From now on the source has another log, which is longer.
  void RestoreSource() {
    Do(restored_.Start());
    Do(restored_.Count(1, 20));
    event_logs_.Add(restored_.engine());
  }
  void Advance(absl::Duration duration) {
    bool over = false;
    world_.PostAt(world_.Now() + duration, [&over] { over = true; });
    RunUntil([&over] { return over; });
  }

  // The checkpoint in the store; 0 when there is none.
  std::uint64_t SavedCheckpoint() {
    const auto stored = store_.Get(ColumnFamily::kMeta, "feed/counter/0");
    REQUIRE(stored.ok());
    return stored->has_value() ? ReadBigEndian<std::uint64_t>(**stored) : 0;
  }

  bool listens_to_what_is_private = false;
  int attempts = 0;
  int asked = 0;
  int opened = 0;

  std::vector<std::uint64_t> PublicPositions(const std::string& counter) {
    std::vector<std::uint64_t> positions;
    for (const EventRecord& event : counters_.PublicEvents()) {
      if (event.aggregate_id() == counter) positions.push_back(event.position());
    }
    return positions;
  }
  std::vector<std::uint64_t> HandledPositions(const std::string& counter) {
    std::vector<std::uint64_t> positions;
    for (const auto& [id, position] : handled_) {
      if (id == counter) positions.push_back(position);
    }
    return positions;
  }

 private:
  template <typename Event>
  void Listen() {
    subscription_->On<Event>(
        [this](Delivery delivery, const Event&) { return Handle(this, std::move(delivery)); });
  }
  static Task<Status> Handle(World* self, Delivery delivery) {
    ++self->attempts;
    co_await Yield(*self->process_);
    const std::optional<Status> status = self->handle(*delivery.event);
    if (!status.has_value()) co_await Completion<bool>();
    if (status->ok()) self->handled_.emplace_back(delivery.event->aggregate_id(), delivery.event->position());
    co_return *status;
  }

  SimScheduler world_{5};
  ManualClock clock_{absl::FromUnixSeconds(1'500'000'000)};
  MemoryStore counters_store_;
  CounterService counters_{"counter", world_, clock_, counters_store_};
  MemoryStore restored_store_;
  CounterService restored_{"counter", world_, clock_, restored_store_};
  EventLogService event_logs_;
  rpc::Router router_;
  rpc::LocalChannel channel_{router_, world_};
  LocalFeedSource source_{"counter", "reader", channel_};
  FickleSource away_{source_};
  FeedSource* source_in_use_ = &source_;

  MemoryStore store_;
  std::vector<std::pair<std::string, std::uint64_t>> handled_;
  std::optional<SimProcess> process_;
  std::optional<Subscription> subscription_;
  std::optional<Consumer> consumer_;
};

inline bool IsOf(const EventRecord& event, const std::string& counter) {
  return event.aggregate_id() == counter;
}

inline std::optional<Status> RefuseC1(const EventRecord& event) {
  return IsOf(event, "c1") ? Rejected("NO_ONES", {}, "not this one") : OkStatus();
}

}  // namespace souk::consumer_world
