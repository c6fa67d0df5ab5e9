// A thread for code of one scheduler, which a test drives from outside.
#pragma once

#include <type_traits>
#include <utility>

#include "libs/base/task.h"
#include "libs/runtime/scheduler.h"
#include "libs/runtime/strand.h"

namespace souk::testing {

class HomeThread {
 public:
  Scheduler& scheduler() { return strand_; }

  // Runs `task` there to its end.
  template <typename T>
  T Run(Task<T> task) {
    if constexpr (std::is_void_v<T>) {
      SyncWait(OnHome(strand_, Finish(std::move(task))));
    } else {
      return SyncWait(OnHome(strand_, std::move(task)));
    }
  }
  // Calls `function` there.
  template <typename Function>
  auto Call(Function function) {
    return Run(CallTask(std::move(function)));
  }

 private:
  static Task<bool> Finish(Task<> task) {
    co_await std::move(task);
    co_return true;
  }
  template <typename T>
  static Task<T> OnHome(Scheduler& home, Task<T> task) {
    co_await Yield(home);
    co_return co_await std::move(task);
  }
  template <typename Function>
  static Task<std::invoke_result_t<Function&>> CallTask(Function function) {
    co_return function();
  }

  Strand strand_;
};

}  // namespace souk::testing
