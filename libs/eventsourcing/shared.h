// A state of an aggregate, as it was when somebody asked for it.
//
//   const Shared<State> order = co_await Try(engine.Read<Order>(id));
//   if (order->state() == State::STATE_PLACED) ...
#pragma once

#include <memory>
#include <utility>

namespace souk {

// The engine's own, so there is no copy to make; never null, and never changed: the engine
// goes on with a copy while somebody holds it. For the thread of the service only.
template <typename T>
class Shared {
 public:
  explicit Shared(std::shared_ptr<const T> value) : value_(std::move(value)) {}

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }

  // Gives it back early, for who goes on to change it: then there is nothing to copy. Not to be
  // used afterwards.
  void Release() { value_.reset(); }

 private:
  std::shared_ptr<const T> value_;
};

}  // namespace souk
