// Groups of commands that are decided while earlier ones are on their way to the disk.
#include <catch2/catch.hpp>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/eventsourcing/engine.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/counter.h"
#include "libs/testing/spec.h"

namespace souk {
namespace {

using testing::Add;
using testing::Counter;
using testing::CounterId;
using testing::Open;

// Commits when the test says so.
class HeldLog final : public CommitLog {
 public:
  explicit HeldLog(Store& store) : store_(store) {}

  Task<Status> Commit(Batch batch) override { return CommitTo(this, std::move(batch)); }

  std::size_t held() const { return held_.size(); }
  // The disk has the batches up to this one, counted from the oldest that is held.
  void Reach(std::size_t index) {
    for (std::size_t i = 0; i <= index; ++i) {
      Held& held = *held_[i];
      if (!std::exchange(held.written, true))
        CHECK(SyncWait(store_.Write(held.batch, Durability::kSynced)).ok());
    }
    Answer(index, OkStatus());
  }
  void Answer(std::size_t index, Status status) {
    const std::shared_ptr<Held> held = held_[index];
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(index));
    held->done.Set(std::move(status));
  }

 private:
  struct Held {
    Batch batch;
    bool written = false;
    Completion<Status> done;
  };
  static Task<Status> CommitTo(HeldLog* log, Batch batch) {
    const auto held = std::make_shared<Held>();
    held->batch = std::move(batch);
    log->held_.push_back(held);
    co_return co_await held->done;
  }

  Store& store_;
  std::deque<std::shared_ptr<Held>> held_;
};

struct World {
  World() {
    engine.Register<Counter>();
    REQUIRE(SyncWait(engine.Start()).ok());
  }

  // Executes `command` in a group of its own; says in `answers` what it was answered.
  template <typename Command>
  void Begin(const std::string& name, Command command, const std::string& request_id = "") {
    scope.Spawn([](World& w, std::string n, Command c, std::string r) -> Task<> {
      CommandMetadata metadata;
      metadata.request_id = r;
      const auto state = co_await w.engine.Execute<Counter>(CounterId::Of("c-1"), c, std::move(metadata));
      w.answers.push_back(n + (state.ok() ? "=" + std::to_string((*state)->value())
                                          : " " + absl::StatusCodeToString(state.status().code())));
    }(*this, name, std::move(command), request_id));
    Settle();
  }
  // Adds `amount` in a transaction that then fails.
  void BeginFailing(std::int64_t amount) {
    scope.Spawn([](World& w, std::int64_t n) -> Task<> {
      const auto work = [&](Unit& unit) -> Status {
        RETURN_IF_ERROR(unit.Execute<Counter>(CounterId::Of("c-1"), Add{n}));
        return FailedPrecondition("thought better of it");
      };
      const auto nothing = [](Unit&) { return OkStatus(); };
      const Status status = co_await w.engine.Transact("c-1", CommandMetadata(), work, nothing);
      w.answers.push_back("failing " + absl::StatusCodeToString(status.code()));
    }(*this, amount));
    Settle();
  }
  void Settle() {
    while (scheduler.Step()) {
    }
  }
  std::vector<std::string> TakeAnswers() {
    Settle();
    return std::exchange(answers, {});
  }
  std::int64_t Value() { return (*engine.Read<Counter>(CounterId::Of("c-1")))->value(); }

  SimScheduler scheduler{1};
  SimProcess process{scheduler};
  ManualClock clock{testing::Noon()};
  MemoryStore store;
  HeldLog log{store};
  Engine engine{{.service = "test", .new_incarnation = "i-1"}, process, clock, store, nullptr, &log};
  std::vector<std::string> answers;
  TaskScope scope;
};

using Answers = std::vector<std::string>;

}  // namespace

TEST_CASE("a group is decided while earlier ones are on their way to the disk") {
  World world;
  world.Begin("open", Open{"ann"});
  world.Begin("add", Add{5});
  world.Begin("add again", Add{2});
  CHECK(world.log.held() == 3);
  CHECK(world.TakeAnswers().empty());
  world.log.Reach(0);
  CHECK(world.TakeAnswers() == Answers{"open=0"});
  world.log.Reach(0);
  world.log.Reach(0);
  CHECK(world.TakeAnswers() == Answers{"add=5", "add again=7"});
}

TEST_CASE("answers come in the order of the groups, whichever is heard of first") {
  World world;
  world.Begin("open", Open{"ann"});
  world.Begin("add", Add{5});
  world.log.Reach(1);
  CHECK(world.TakeAnswers().empty());
  CHECK(world.engine.partition(0).head() == 0);
  world.log.Reach(0);
  CHECK(world.TakeAnswers() == Answers{"open=0", "add=5"});
  CHECK(world.engine.partition(0).head() == 2);
}

TEST_CASE("an answer that stores nothing waits for what it rests on") {
  World world;
  world.Begin("open", Open{"ann"}, "r-1");
  world.Begin("repeated", Open{"ann"}, "r-1");
  world.Begin("refused", Open{"bob"});
  CHECK(world.log.held() == 1);
  CHECK(world.TakeAnswers().empty());
  world.log.Reach(0);
  CHECK(world.TakeAnswers() == Answers{"open=0", "repeated=0", "refused FAILED_PRECONDITION"});
}

TEST_CASE("readers see what is durable, not what is decided") {
  World world;
  world.Begin("open", Open{"ann"});
  world.log.Reach(0);
  world.Begin("1", Add{1});
  CHECK(world.Value() == 0);
  world.Begin("2", Add{2});
  world.Begin("3", Add{4});
  CHECK(world.Value() == 0);
  world.log.Reach(0);
  CHECK(world.Value() == 1);
  world.log.Reach(1);  // The disk has both, but only the later one was heard of.
  CHECK(world.Value() == 1);
  world.log.Reach(0);
  CHECK(world.Value() == 7);
  world.Begin("4", Add{8});
  CHECK(world.Value() == 7);
  world.log.Reach(0);
  CHECK(world.Value() == 15);
}

TEST_CASE("a reader who comes when the disk is ahead of the news counts nothing twice") {
  World world;
  world.Begin("open", Open{"ann"});
  world.log.Reach(0);
  world.Begin("1", Add{1});
  world.Begin("2", Add{2});
  world.log.Reach(1);
  CHECK(world.Value() == 3);
  world.log.Reach(0);
  CHECK(world.Value() == 3);
  world.Begin("3", Add{4});
  world.log.Reach(0);
  CHECK(world.Value() == 7);
}

TEST_CASE("a transaction that fails leaves what earlier groups decided") {
  World world;
  world.Begin("open", Open{"ann"});
  world.log.Reach(0);
  world.Begin("1", Add{1});
  world.BeginFailing(100);
  world.Begin("2", Add{2});
  CHECK(world.log.held() == 2);
  world.log.Reach(0);
  CHECK(world.TakeAnswers() == Answers{"open=0", "1=1", "failing FAILED_PRECONDITION"});
  world.log.Reach(0);
  CHECK(world.TakeAnswers() == Answers{"2=3"});
  CHECK(world.Value() == 3);
}

TEST_CASE("a commit that fails fails everything behind it, and the partition stops") {
  World world;
  world.Begin("open", Open{"ann"});
  world.Begin("1", Add{1});
  world.Begin("2", Add{2});
  world.log.Reach(1);
  world.log.Answer(0, Internal("broken disk"));
  world.log.Reach(0);
  CHECK(world.TakeAnswers() == Answers{"open UNAVAILABLE", "1 UNAVAILABLE", "2 UNAVAILABLE"});
  CHECK_FALSE(world.engine.Health().ok());
  world.Begin("late", Add{1});
  CHECK(world.TakeAnswers() == Answers{"late UNAVAILABLE"});
}

}  // namespace souk
