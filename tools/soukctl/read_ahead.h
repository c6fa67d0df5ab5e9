// Work done on another thread while this one is busy with what came before.
#pragma once

#include <future>
#include <type_traits>
#include <utility>

#include "libs/runtime/strand.h"

namespace souk::ctl {

// What `function` returns, once `strand` has come to it.
template <typename Function>
std::future<std::invoke_result_t<Function&>> Begin(Strand& strand, Function function) {
  std::packaged_task<std::invoke_result_t<Function&>()> task(std::move(function));
  auto result = task.get_future();
  strand.Post(std::move(task));
  return result;
}

}  // namespace souk::ctl
