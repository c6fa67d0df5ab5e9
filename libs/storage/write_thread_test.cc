#include "libs/storage/write_thread.h"

#include <catch2/catch.hpp>
#include <optional>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "libs/storage/hand_scheduler_for_test.h"
#include "libs/storage/memory_store.h"

namespace souk {
namespace {

// Tells what is written to it, and holds writes up until it is told to go on.
class SlowStore final : public Store {
 public:
  struct Written {
    std::size_t rows;
    Durability durability;
    std::thread::id thread;
  };

  StatusOr<std::optional<std::string>> Get(ColumnFamily family, std::string_view key) const override {
    return rows_.Get(family, key);
  }
  Status Scan(ColumnFamily family, const KeyRange& range, Direction direction,
              absl::FunctionRef<bool(std::string_view, std::string_view)> row) const override {
    return rows_.Scan(family, range, direction, row);
  }
  Task<Status> Write(Batch batch, Durability durability) override {
    begun.release();
    go_on.acquire();
    written.push_back({batch.size(), durability, std::this_thread::get_id()});
    if (fail) co_return Internal("broken");
    co_return co_await rows_.Write(std::move(batch), durability);
  }

  std::counting_semaphore<> begun{0};
  std::counting_semaphore<> go_on{0};
  std::vector<Written> written;
  bool fail = false;

 private:
  MemoryStore rows_;
};

struct World {
  explicit World(std::function<bool()> quiet = nullptr) : thread(store, home, std::move(quiet)) {}

  // Begins to write one row; its status is added to `answers`.
  void Begin(const std::string& key, Durability durability = Durability::kSynced) {
    Batch batch;
    batch.Put(ColumnFamily::kMeta, key, key);
    scope.Spawn([](Task<Status> task, std::string k, World& world) -> Task<> {
      const Status status = co_await std::move(task);
      world.answers.push_back(k + (status.ok() ? "" : " failed"));
    }(thread.Write(std::move(batch), durability), key, *this));
  }
  void RunUntilAnswers(std::size_t count) {
    while (answers.size() < count) home.RunOne();
  }

  HandScheduler home;
  SlowStore store;
  WriteThread thread;
  std::vector<std::string> answers;
  TaskScope scope;
};

}  // namespace

TEST_CASE("what waits while a write is made is written together, and answered in order") {
  World world;
  world.Begin("a");
  world.store.begun.acquire();
  world.Begin("b", Durability::kBuffered);
  world.Begin("c");
  world.Begin("d", Durability::kBuffered);
  world.store.go_on.release(2);
  world.RunUntilAnswers(4);
  CHECK(world.answers == std::vector<std::string>{"a", "b", "c", "d"});
  REQUIRE(world.store.written.size() == 2);
  CHECK(world.store.written[0].rows == 1);
  CHECK(world.store.written[1].rows == 3);
  CHECK(world.store.written[1].durability == Durability::kSynced);
  CHECK(world.thread.Get(ColumnFamily::kMeta, "d").value() == "d");
}

TEST_CASE("nobody is answered before the write is done") {
  World world;
  world.Begin("a");
  world.store.begun.acquire();
  CHECK(world.answers.empty());
  world.store.go_on.release();
  world.RunUntilAnswers(1);
  CHECK(world.store.written.size() == 1);
}

TEST_CASE("a write that fails fails everyone who was in it") {
  World world;
  world.store.fail = true;
  world.Begin("a");
  world.store.begun.acquire();
  world.Begin("b");
  world.Begin("c");
  world.store.go_on.release(2);
  world.RunUntilAnswers(3);
  CHECK(world.answers == std::vector<std::string>{"a failed", "b failed", "c failed"});
}

TEST_CASE("a quiet home writes itself, but never past a write that is under way") {
  bool quiet = true;
  World world([&quiet] { return quiet; });
  world.store.go_on.release();
  world.Begin("here");
  CHECK(world.answers == std::vector<std::string>{"here"});
  CHECK(world.store.written.back().thread == std::this_thread::get_id());

  quiet = false;
  world.Begin("there");
  quiet = true;
  world.Begin("behind");
  CHECK(world.answers.size() == 1);
  world.store.go_on.release(2);
  world.RunUntilAnswers(3);
  CHECK(world.answers == std::vector<std::string>{"here", "there", "behind"});
  CHECK(world.store.written.back().thread != std::this_thread::get_id());
}

TEST_CASE("a write is made though nobody waits for it any more") {
  World world;
  world.Begin("a");
  world.scope = TaskScope();
  world.store.go_on.release();
  world.home.RunOne();
  CHECK(world.answers.empty());
  CHECK(world.store.Get(ColumnFamily::kMeta, "a").value() == "a");
}

}  // namespace souk
