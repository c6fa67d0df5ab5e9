#pragma once

#include <coroutine>

#include "libs/runtime/scheduler.h"

namespace souk::notification {

// `co_await HopTo(scheduler)` continues there. For calls that block:
//
//   co_await HopTo(blocking);
//   const SendResult result = SendNow(mail);
//   co_await HopTo(home);
inline auto HopTo(Scheduler& scheduler) {
  struct Awaiter {
    Scheduler& scheduler;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> caller) { scheduler.Post(caller); }
    void await_resume() const noexcept {}
  };
  return Awaiter{scheduler};
}

}  // namespace souk::notification
