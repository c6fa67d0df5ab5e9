#include "libs/rpc/event_loop.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

namespace souk::rpc {
namespace {

TEST_CASE("a loop runs what was posted in order, until it is stopped") {
  EventLoop loop;
  std::vector<int> order;
  loop.Post([&] {
    order.push_back(1);
    loop.Post([&] {
      order.push_back(3);
      loop.Stop();
    });
  });
  loop.Post([&order] { order.push_back(2); });
  loop.Run();
  CHECK(order == std::vector<int>{1, 2, 3});
  loop.Post([&order] { order.push_back(4); });
  loop.Stop();
  loop.Run();
  CHECK(order.back() == 4);
}

TEST_CASE("timers fire in order of time, not before their time") {
  EventLoop loop;
  std::vector<int> order;
  const absl::Time start = loop.Now();
  loop.PostAt(start + absl::Milliseconds(20), [&] {
    order.push_back(2);
    loop.Stop();
  });
  loop.PostAt(start + absl::Milliseconds(10), [&] {
    order.push_back(1);
    CHECK(loop.Now() >= start + absl::Milliseconds(10));
    loop.PostAt(start, [&order] { order.push_back(0); });
  });
  loop.Run();
  CHECK(order == std::vector<int>{1, 0, 2});
}

TEST_CASE("other threads wake a loop that waits") {
  EventLoop loop;
  int done = 0;
  constexpr int kThreads = 4, kEach = 5000;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        if (i % 3 == 0) {
          loop.PostAt(loop.Now(), [&done] { ++done; });
        } else {
          loop.Post([&done] { ++done; });
        }
      }
    });
  }
  loop.RunUntil([&done] { return done == kThreads * kEach; });
  for (std::thread& thread : threads) thread.join();
  CHECK(done == kThreads * kEach);
}

Task<int> Relay(EventLoop* here, EventLoop* there, int hops) {
  struct Move {
    EventLoop& to;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) { to.Post(self); }
    void await_resume() const noexcept {}
  };
  int moved = 0;
  for (; moved < hops; ++moved) {
    co_await Move{*there};
    co_await Move{*here};
  }
  co_return moved;
}

TEST_CASE("no wake-up is lost between two loops that mostly wait") {
  EventLoop here, there;
  std::thread thread([&there] { there.Run(); });
  CHECK(here.Wait(Relay(&here, &there, 2000)) == 2000);
  there.Stop();
  thread.join();
}

TEST_CASE("all events that are ready come before what was posted") {
  EventLoop loop;
  std::vector<int> order;
  struct Tag final : EventTag {
    explicit Tag(std::vector<int>& o) : order(o) {}
    void OnEvent(bool) override { order.push_back(1); }
    std::vector<int>& order;
  } tag(order);
  std::vector<grpc::Alarm> alarms(20);
  loop.Post([&order] { order.push_back(2); });
  for (grpc::Alarm& alarm : alarms) {
    alarm.Set(&loop.queue(), std::chrono::system_clock::time_point(), static_cast<EventTag*>(&tag));
  }
  loop.RunUntil([&order] { return order.size() == 21; });
  CHECK(order.back() == 2);
}

TEST_CASE("what is still posted when a loop goes is forgotten") {
  bool ran = false;
  {
    EventLoop loop;
    loop.Post([&ran] { ran = true; });
    loop.PostAt(loop.Now() + absl::Hours(1), [&ran] { ran = true; });
  }
  CHECK_FALSE(ran);
}

}  // namespace
}  // namespace souk::rpc
