// `co_await RunOn(blocking, home, function)` is the result of `function`, which runs on
// `blocking`, for calls that wait in ways a coroutine cannot: files, client libraries. The
// caller continues on `home`. The wait may be given up: the function then runs to its end,
// and nobody hears of it. Both schedulers must outlive the function.
#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "libs/runtime/scheduler.h"

namespace souk {

template <typename Function>
class RunOn {
 public:
  RunOn(Scheduler& blocking, Scheduler& home, Function function)
      : blocking_(blocking),
        home_(home),
        function_(std::move(function)),
        shared_(std::make_shared<Shared>()) {}
  RunOn(const RunOn&) = delete;
  RunOn& operator=(const RunOn&) = delete;
  ~RunOn() { shared_->waiting = {}; }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> caller) {
    shared_->waiting = caller;
    blocking_.Post([shared = shared_, function = std::move(function_), &home = home_]() mutable {
      shared->result.emplace(function());
      home.Post([shared] {
        if (shared->waiting) shared->waiting.resume();
      });
    });
  }
  auto await_resume() { return *std::move(shared_->result); }

 private:
  // Each member belongs to one thread at a time: the posts are the hand-over.
  struct Shared {
    std::coroutine_handle<> waiting;  // Of the home scheduler.
    std::optional<std::invoke_result_t<Function&>> result;
  };
  Scheduler& blocking_;
  Scheduler& home_;
  Function function_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace souk
