#include "libs/messaging/consumer.h"

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/big_endian.h"
#include "libs/messaging/dead_letter_service.h"
#include "libs/messaging/event_log_service.h"
#include "libs/messaging/local_feed.h"
#include "libs/rpc/local_channel.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/counter.h"
#include "libs/testing/counter_service.h"

namespace souk {
namespace {

using event::v1::EventRecord;
using testing::CounterService;
namespace v1 = testing::v1;

constexpr std::uint32_t kAttemptsMax = 3;

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
    return source.Open(partition, std::move(after), std::move(types));
  }

  struct Broken final : EventFeed {
    Task<StatusOr<FeedBatch>> Next() override { co_return Unavailable("connection refused"); }
  };
  FeedSource& source;
  bool away = false;
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
  void RunUntil(const std::function<bool()>& done) {
    for (int steps = 0; !done(); ++steps) {
      REQUIRE(steps < 1'000'000);
      REQUIRE(world_.Step());
    }
  }
  template <typename T>
  T Run(Task<T> task) {
    std::optional<T> result;
    TaskScope scope;
    scope.Spawn([](Task<T> inner, std::optional<T>& out) -> Task<> {
      out.emplace(co_await std::move(inner));
    }(std::move(task), result));
    RunUntil([&result] { return result.has_value(); });
    return *std::move(result);
  }
  void Do(Task<Status> task) {
    const Status status = Run(std::move(task));
    INFO(status.ToString());
    REQUIRE(status.ok());
  }

  // The source is away until it is there again.
  void SetAway(bool away) { away_.away = away; }
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
    const std::optional<Status> status = self->handle(delivery.event);
    if (!status.has_value()) co_await Completion<bool>();
    if (status->ok()) self->handled_.emplace_back(delivery.event.aggregate_id(), delivery.event.position());
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

bool IsOf(const EventRecord& event, const std::string& counter) { return event.aggregate_id() == counter; }

std::optional<Status> RefuseC1(const EventRecord& event) {
  return IsOf(event, "c1") ? Rejected("NO_ONES", {}, "not this one") : OkStatus();
}

TEST_CASE("a source that is away is asked less and less often, and at once when it answers") {
  World world;
  world.UseSourceThatGoesAway();
  world.SetAway(true);
  world.StartConsumer();
  world.Advance(absl::Minutes(1));
  CHECK(world.opened > 30);
  CHECK(world.opened < 40);  // Every 2 s in the end.
  CHECK(absl::IsUnavailable(world.consumer().problem(0)));
  world.SetAway(false);
  world.Count(1);
  world.Settle();
  CHECK(world.HandledPositions("c0") == world.PublicPositions("c0"));
  CHECK(world.consumer().problem(0).ok());
}

TEST_CASE("nothing is taken from a log that is not the one that was read") {
  World world;
  world.StartConsumer();
  world.Count(2);
  world.Settle();
  world.KillConsumer();
  world.RestoreSource();
  const int attempts = world.attempts;
  world.StartConsumer();
  world.Advance(absl::Minutes(1));
  CHECK(world.attempts == attempts);
  CHECK(Reason(world.consumer().problem(0)) == "LOG_DIVERGED");
}

TEST_CASE("a checkpoint is not written for every event that nobody listens to") {
  World world;
  world.listens_to_what_is_private = true;
  world.StartConsumer();
  for (int i = 0; i < 20; ++i) world.Count(1);
  world.Settle();
  CHECK(world.consumer().checkpoints()[0] > 0);
  CHECK(world.SavedCheckpoint() == 0);

  for (int i = 0; i < 100; ++i) world.Count(1);
  world.Settle();
  CHECK(world.SavedCheckpoint() > 0);
  CHECK(world.attempts == 0);
}

TEST_CASE("an event that fails again and again is set aside, with what follows it") {
  World world;
  world.handle = RefuseC1;
  world.StartConsumer();
  world.Count(3);
  world.Settle();
  CHECK(world.HandledPositions("c0") == world.PublicPositions("c0"));
  CHECK(world.HandledPositions("c2") == world.PublicPositions("c2"));
  CHECK(world.HandledPositions("c1").empty());
  const auto& letters = world.consumer().letters();
  REQUIRE(letters.entries().size() == world.PublicPositions("c1").size());
  CHECK(letters.CountByReason() ==
        std::map<std::string, std::uint64_t>{{"EARLIER_EVENT", 1}, {"NO_ONES", 1}});
  const auto first = *letters.Read({.position = world.PublicPositions("c1")[0]});
  REQUIRE(first.has_value());
  CHECK(first->attempts() == kAttemptsMax);
  CHECK(first->cause().find("not this one") != std::string::npos);
  // What follows later is not tried either, though it would succeed; the others go on.
  world.handle = [](const EventRecord&) { return OkStatus(); };
  world.Count(3);
  world.Settle();
  CHECK(world.HandledPositions("c1").empty());
  CHECK(world.HandledPositions("c0") == world.PublicPositions("c0"));
  CHECK(letters.CountOf("counter/c1") == world.PublicPositions("c1").size());
}

TEST_CASE("a new process finds what was set aside, and tries none of it") {
  World world;
  world.handle = RefuseC1;
  world.StartConsumer();
  world.Count(2);
  world.Settle();
  world.KillConsumer();
  world.attempts = 0;
  world.StartConsumer();
  world.Settle();
  CHECK(world.attempts == 0);
  CHECK(world.consumer().letters().CountOf("counter/c1") == 2);
  CHECK(world.consumer().letters().Holds("counter/c1"));
  CHECK_FALSE(world.consumer().letters().Holds("counter/c0"));
}

TEST_CASE("failures that pass do not count, and nothing more is taken from the feed meanwhile") {
  World world;
  world.handle = [](const EventRecord&) {
    return absl::ResourceExhaustedError("the queue of the partition is full");
  };
  world.StartConsumer();
  world.Count(2);
  world.RunUntil([&world] { return world.attempts >= 50; });
  const int asked = world.asked;
  for (int i = 0; i < 5; ++i) world.Count(2);
  world.RunUntil([&world] { return world.attempts >= 100; });
  CHECK(world.asked == asked);
  CHECK(world.consumer().dead_letters() == 0);
  // Neither do they over a restart.
  world.KillConsumer();
  world.StartConsumer();
  world.RunUntil([&world] { return world.attempts >= 120; });
  world.handle = [](const EventRecord&) { return OkStatus(); };
  world.Settle();
  CHECK(world.consumer().dead_letters() == 0);
  CHECK(world.HandledPositions("c0") == world.PublicPositions("c0"));
  CHECK(world.HandledPositions("c1") == world.PublicPositions("c1"));
}

TEST_CASE("an event that ends the process again and again is set aside, and no other one") {
  World world;
  bool ended = false;
  world.handle = [&ended](const EventRecord& event) -> std::optional<Status> {
    if (!IsOf(event, "c1")) return OkStatus();
    ended = true;
    return std::nullopt;
  };
  world.Count(4);
  int starts = 0;
  world.StartConsumer();
  // The first time nobody knows which event of the batch it was; then each start counts.
  while (++starts <= static_cast<int>(kAttemptsMax) + 1) {
    world.RunUntil([&ended] { return ended; });
    ended = false;
    world.KillConsumer();
    world.StartConsumer();
  }
  world.Settle();
  CHECK_FALSE(ended);
  CHECK(world.consumer().letters().CountOf("counter/c1") == 2);
  CHECK(world.consumer().dead_letters() == 2);
  CHECK(world.consumer().letters().CountByReason().at("PROCESS_ENDED") == 1);
  for (const char* const counter : {"c0", "c2", "c3"}) CHECK_FALSE(world.HandledPositions(counter).empty());
}

TEST_CASE("failures are counted over restarts") {
  World world;
  std::uint32_t refused = 0;
  world.handle = [&refused](const EventRecord& event) {
    if (IsOf(event, "c1")) ++refused;
    return RefuseC1(event);
  };
  world.Count(2);
  world.StartConsumer();
  for (std::uint32_t i = 1; i < kAttemptsMax; ++i) {
    world.RunUntil([&refused, i] { return refused == i; });
    world.KillConsumer();
    world.StartConsumer();
  }
  world.Settle();
  const auto& letters = world.consumer().letters();
  REQUIRE(letters.FirstOf("counter/c1").has_value());
  CHECK((*letters.Read(*letters.FirstOf("counter/c1")))->attempts() == kAttemptsMax);
  CHECK(refused == kAttemptsMax);
}

// -- Versions --

constexpr bool kOlder = true;

TEST_CASE("an event that an older version does not know waits for the newer one, and what follows it, too") {
  World world;
  world.StartConsumer();
  world.Count(1);
  world.Settle();
  world.KillConsumer();

  world.StartConsumer(kOlder);
  world.Count(2);  // c0 is added to, c1 is opened and added to.
  world.Settle();
  CHECK(world.HandledPositions("c0").size() == world.PublicPositions("c0").size() - 1);
  CHECK(world.HandledPositions("c1").size() == 1);
  CHECK(world.consumer().letters().CountByReason().at("UNKNOWN_EVENT") == 2);
  CHECK(world.consumer().dead_letters() == 2);
  world.KillConsumer();

  world.StartConsumer();
  world.Count(2);
  world.Settle();
  world.RunUntil([&] { return world.consumer().Drained() && world.consumer().dead_letters() == 0; });
  for (const char* const counter : {"c0", "c1"}) {
    CHECK(world.HandledPositions(counter) == world.PublicPositions(counter));
  }
}

TEST_CASE(
    "an older version that ends and comes again loses nothing, nor does a newer one that ends amid it") {
  World world;
  world.StartConsumer();
  world.Count(1);
  world.Settle();
  for (int times = 0; times < 2; ++times) {
    world.KillConsumer();
    world.StartConsumer(kOlder);
    world.Count(1);
    world.Settle();
  }
  world.KillConsumer();
  world.handle = [](const EventRecord&) { return Unavailable("not now"); };
  world.StartConsumer();
  world.Advance(absl::Seconds(3));
  CHECK(world.consumer().dead_letters() == 2);
  CHECK_FALSE(world.consumer().Drained());
  world.KillConsumer();
  world.handle = [](const EventRecord&) { return OkStatus(); };
  world.StartConsumer();
  world.Settle();
  world.RunUntil([&] { return world.consumer().dead_letters() == 0; });
  CHECK(world.HandledPositions("c0") == world.PublicPositions("c0"));
}

TEST_CASE("an event that no version has ever asked for is passed by") {
  World world;
  world.StartConsumer(kOlder);
  world.Count(2);
  world.Settle();
  CHECK(world.consumer().dead_letters() == 0);
}

TEST_CASE("a newer version that refuses what it takes up leaves it to the operator") {
  World world;
  world.StartConsumer();
  world.Count(2);
  world.Settle();
  world.KillConsumer();
  world.StartConsumer(kOlder);
  world.Count(2);
  world.Settle();
  world.KillConsumer();
  world.handle = RefuseC1;
  world.StartConsumer();
  world.RunUntil([&] { return !world.consumer().checkpoints().empty() && world.consumer().Drained(); });
  CHECK(world.HandledPositions("c0") == world.PublicPositions("c0"));
  CHECK(world.consumer().letters().CountByReason().at("NO_ONES") == 1);
}

TEST_CASE("dead letters are tried again in order, and free their aggregate") {
  World world;
  world.handle = RefuseC1;
  world.StartConsumer();
  world.Count(2);
  world.Count(2);
  world.Settle();
  const StatusOr<Consumer::RetryOutcome> in_vain = world.Run(world.consumer().Retry("counter/c1"));
  REQUIRE(in_vain.ok());
  CHECK(in_vain->handled == 0);
  REQUIRE(in_vain->failed.has_value());
  CHECK(in_vain->failed->attempts() == kAttemptsMax + 1);
  CHECK(world.consumer().letters().CountOf("counter/c1") == 3);

  world.handle = [](const EventRecord&) { return OkStatus(); };
  const StatusOr<Consumer::RetryOutcome> outcome = world.Run(world.consumer().Retry("counter/c1"));
  REQUIRE(outcome.ok());
  CHECK(outcome->handled == 3);
  CHECK_FALSE(outcome->failed.has_value());
  CHECK(world.consumer().dead_letters() == 0);
  world.Count(2);
  world.Settle();
  CHECK(world.HandledPositions("c1") == world.PublicPositions("c1"));
  world.KillConsumer();
  world.StartConsumer();
  world.Settle();
  CHECK(world.consumer().dead_letters() == 0);
}

TEST_CASE("a dead letter that is skipped never has an effect; those behind it wait for a retry") {
  World world;
  world.handle = RefuseC1;
  world.StartConsumer();
  world.Count(2);
  world.Settle();
  std::vector<std::uint64_t> positions = world.PublicPositions("c1");
  world.Do(world.consumer().Skip({.position = positions[0]}));
  CHECK(absl::IsNotFound(world.Run(world.consumer().Skip({.position = positions[0]}))));
  CHECK(world.consumer().letters().CountOf("counter/c1") == 1);
  world.handle = [](const EventRecord&) { return OkStatus(); };
  REQUIRE(world.Run(world.consumer().Retry("counter/c1")).ok());
  positions.erase(positions.begin());
  CHECK(world.HandledPositions("c1") == positions);
}

TEST_CASE("operators see dead letters page by page, and act on them by name") {
  using namespace eventlog::v1;  // NOLINT: requests and responses of one service.
  World world;
  world.handle = RefuseC1;
  world.StartConsumer();
  for (int i = 0; i < 4; ++i) world.Count(2);
  world.Settle();
  DeadLetterService service;
  service.Add("reader", {&world.consumer()});
  ListDeadLettersRequest list;
  list.set_service("reader");
  list.set_page_size(2);
  std::vector<std::uint64_t> positions;
  do {
    const StatusOr<ListDeadLettersResponse> page = world.Run(service.ListDeadLetters({}, list));
    REQUIRE(page.ok());
    CHECK(page->total_size() == 5);
    for (const DeadLetter& letter : page->dead_letters()) {
      CHECK(letter.event().payload().empty());
      positions.push_back(letter.event().position());
    }
    list.set_page_token(page->next_page_token());
  } while (!list.page_token().empty());
  CHECK(positions == world.PublicPositions("c1"));

  GetDeadLetterRequest get;
  get.mutable_name()->set_service("reader");
  get.mutable_name()->set_source("counter");
  get.mutable_name()->set_position(positions[1]);
  const StatusOr<GetDeadLetterResponse> found = world.Run(service.GetDeadLetter({}, get));
  REQUIRE(found.ok());
  CHECK(found->waiting() == 3);
  CHECK(found->dead_letter().reason() == "EARLIER_EVENT");
  CHECK_FALSE(found->dead_letter().event().payload().empty());

  SkipDeadLetterRequest skip;
  *skip.mutable_name() = get.name();
  CHECK(world.Run(service.SkipDeadLetter({}, skip))->left() == 4);
  CHECK(absl::IsNotFound(world.Run(service.SkipDeadLetter({}, skip)).status()));
  RetryDeadLettersRequest retry;
  *retry.mutable_name() = get.name();
  retry.mutable_name()->set_position(positions[0]);
  CHECK(world.Run(service.RetryDeadLetters({}, retry))->has_failed());
  world.handle = [](const EventRecord&) { return OkStatus(); };
  const StatusOr<RetryDeadLettersResponse> retried = world.Run(service.RetryDeadLetters({}, retry));
  REQUIRE(retried.ok());
  CHECK(retried->handled() == 4);
  CHECK(retried->left() == 0);
}

}  // namespace
}  // namespace souk
