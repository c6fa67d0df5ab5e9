#include "libs/base/task.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

namespace souk {
namespace {

// Suspends whoever awaits it, until opened.
struct Gate {
  std::coroutine_handle<> waiting;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> self) noexcept { waiting = self; }
  void await_resume() const noexcept {}
  void Open() { std::exchange(waiting, {}).resume(); }
};

Task<int> Answer() { co_return 42; }
Task<StatusOr<int>> Half(int n) {
  if (n % 2 != 0) co_return InvalidArgument("%d is odd", n);
  co_return n / 2;
}
Task<StatusOr<std::string>> Quarter(int n) {
  const int half = co_await Try(Half(n));
  const int quarter = co_await Try(Half(half));
  co_return std::to_string(quarter);
}

TEST_CASE("a task yields its result") { CHECK(SyncWait(Answer()) == 42); }

TEST_CASE("a task does nothing until it is awaited") {
  bool ran = false;
  const auto run = [](bool& flag) -> Task<> {
    flag = true;
    co_return;
  };
  {
    const Task<> never = run(ran);
  }
  CHECK(!ran);
}

TEST_CASE("Try unwraps values and ends the coroutine with errors") {
  CHECK(SyncWait(Quarter(8)).value() == "2");
  CHECK(SyncWait(Quarter(6)).status() == InvalidArgument("3 is odd"));
  CHECK(SyncWait(Quarter(3)).status() == InvalidArgument("3 is odd"));
}

TEST_CASE("Try of a plain StatusOr ends the coroutine too, and destroys its locals") {
  const auto alive = std::make_shared<int>(0);
  const auto run = [](std::shared_ptr<int> local, StatusOr<int> n) -> Task<StatusOr<int>> {
    const auto copy = local;
    co_return co_await Try(std::move(n)) + 1;
  };
  CHECK(SyncWait(run(alive, 1)).value() == 2);
  CHECK(SyncWait(run(alive, NotFound("gone"))).status() == NotFound("gone"));
  CHECK(alive.use_count() == 1);
}

Task<Status> CheckEven(int n) {
  if (n % 2 != 0) co_return InvalidArgument("%d is odd", n);
  co_return OkStatus();
}

TEST_CASE("Try of a Status goes on or ends the coroutine, with a task or without") {
  const auto run = [](int n) -> Task<StatusOr<int>> {
    co_await Try(CheckEven(n));
    co_await Try(n > 100 ? NotFound("no %d", n) : OkStatus());
    co_return n;
  };
  CHECK(SyncWait(run(8)).value() == 8);
  CHECK(SyncWait(run(7)).status() == InvalidArgument("7 is odd"));
  CHECK(SyncWait(run(200)).status() == NotFound("no 200"));
}

TEST_CASE("a completion resumes who waits for it, once, with the first value") {
  Completion<int> completion;
  int result = 0;
  const auto run = [](Completion<int>& c, int& out) -> Task<> { out = co_await c; };
  TaskScope scope;
  scope.Spawn(run(completion, result));
  CHECK(completion.Set(1));
  CHECK_FALSE(completion.Set(2));
  CHECK(result == 1);
}

TEST_CASE("destroying a task destroys the computation where it stands") {
  const auto alive = std::make_shared<int>(0);
  Gate gate;
  const auto inner = [](std::shared_ptr<int> local, Gate& g) -> Task<int> {
    co_await g;
    co_return *local;
  };
  const auto outer = [&inner](std::shared_ptr<int> local, Gate& g) {
    return [](auto i, std::shared_ptr<int> l, Gate& gate_in) -> Task<> {
      const int n = co_await i(l, gate_in);
      static_cast<void>(n);
    }(inner, std::move(local), g);
  };
  {
    TaskScope scope;
    scope.Spawn(outer(alive, gate));
    CHECK(alive.use_count() > 1);
  }
  CHECK(alive.use_count() == 1);
}

TEST_CASE("a suspended task continues when it is resumed") {
  Gate gate;
  int result = 0;
  const auto run = [](Gate& g, int& out) -> Task<> {
    co_await g;
    out = co_await Answer();
  };
  TaskScope scope;
  scope.Spawn(run(gate, result));
  CHECK(result == 0);
  gate.Open();
  CHECK(result == 42);
}

// Needs tail calls: GCC makes them from -O2, or with -foptimize-sibling-calls.
TEST_CASE("a million awaits that never suspend need no stack") {
  const auto run = []() -> Task<int> {
    int sum = 0;
    for (int i = 0; i < 1'000'000; ++i) sum += co_await Answer() - 41;
    co_return sum;
  };
  CHECK(SyncWait(run()) == 1'000'000);
}

}  // namespace
}  // namespace souk
