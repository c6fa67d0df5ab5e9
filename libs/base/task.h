// A Task<T> is a computation that may wait, and ends with a T.
//
//   Task<StatusOr<Receipt>> Buy(OrderId id) {
//     const Order order = co_await Try(orders.Load(id));  // Returns the error, if any.
//     const Receipt receipt = co_await Try(bank.Charge(order.total()));
//     co_return receipt;
//   }
//
// A task does nothing until it is awaited, and is awaited once. It is owned by
// one variable, and destroying that variable destroys the computation wherever
// it stands, as a crash would. Nothing here knows of threads: a task runs on
// whichever thread resumes it. Exceptions terminate the process.
//
// Rules for coroutines: take parameters by value, not by reference; never capture
// in a lambda coroutine; make awaiters non-copyable. Build with clang: GCC 12
// miscompiles awaits in conditions and aggregate temporaries.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <list>
#include <optional>
#include <semaphore>
#include <type_traits>
#include <utility>

#include "libs/base/status.h"

namespace souk {

template <typename T = void>
class Task;

namespace task_internal {

// What the promises of all tasks share. `T` is the type of the result.
template <typename T>
struct PromiseBase {
  std::optional<T> result;
  std::coroutine_handle<> continuation = std::noop_coroutine();

  // Names the coroutine that runs next, once there is a result. Try changes it.
  std::coroutine_handle<> (*next)(PromiseBase&) = [](PromiseBase& self) { return self.continuation; };

  // Ends the task from within an await, as if it had said `co_return value`.
  template <typename U>
  std::coroutine_handle<> EndWith(U&& value) {
    result.emplace(std::forward<U>(value));
    return next(*this);
  }

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <typename Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
      return self.promise().next(self.promise());
    }
    void await_resume() noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { std::terminate(); }
};

struct Nothing {};

template <typename T>
struct Promise : PromiseBase<T> {
  Task<T> get_return_object() noexcept;
  template <typename U = T>
  void return_value(U&& value) {
    this->result.emplace(std::forward<U>(value));
  }
};

template <>
struct Promise<void> : PromiseBase<Nothing> {
  Task<void> get_return_object() noexcept;
  void return_void() { result.emplace(); }
};

}  // namespace task_internal

template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = task_internal::Promise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  explicit Task(Handle handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  // Runs up to the first suspension. For owners; everyone else awaits.
  void Start() { handle_.resume(); }
  bool done() const { return handle_.promise().result.has_value(); }

  auto operator co_await() && noexcept {
    struct Awaiter {
      Handle handle;
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
        handle.promise().continuation = caller;
        return handle;
      }
      T await_resume() {
        if constexpr (!std::is_void_v<T>) return *std::move(handle.promise().result);
      }
    };
    return Awaiter{handle_};
  }

  promise_type& promise() { return handle_.promise(); }

 private:
  Handle handle_;
};

namespace task_internal {

template <typename T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

// The value of a result, or nothing for a plain Status.
inline void ValueOf(const Status&) {}
template <typename U>
U ValueOf(StatusOr<U>&& result) {
  return *std::move(result);
}
inline Status StatusOf(const Status& status) { return status; }
template <typename U>
Status StatusOf(const StatusOr<U>& result) {
  return result.status();
}

// `Result` is Status or StatusOr<U>.
template <typename Result>
struct TryTask {
  using Child = PromiseBase<Result>;
  Task<Result> task;

  TryTask(Task<Result> t) : task(std::move(t)) {}
  TryTask(const TryTask&) = delete;  // The child knows where its parent waits.

  bool await_ready() const noexcept { return false; }
  template <typename P>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<P> caller) noexcept {
    task.promise().continuation = caller;
    task.promise().next = [](Child& child) -> std::coroutine_handle<> {
      if (child.result->ok()) return child.continuation;
      auto parent = std::coroutine_handle<P>::from_address(child.continuation.address());
      return parent.promise().EndWith(StatusOf(*child.result));
    };
    return std::coroutine_handle<Promise<Result>>::from_promise(task.promise());
  }
  decltype(auto) await_resume() { return ValueOf(*std::move(task.promise().result)); }
};

template <typename Result>
struct TryValue {
  Result result;

  explicit TryValue(Result r) : result(std::move(r)) {}
  TryValue(const TryValue&) = delete;

  bool await_ready() const noexcept { return result.ok(); }
  template <typename P>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<P> caller) {
    return caller.promise().EndWith(StatusOf(result));
  }
  decltype(auto) await_resume() { return ValueOf(std::move(result)); }
};

}  // namespace task_internal

// In a coroutine whose result is a Status or StatusOr, `co_await Try(x)` is the
// value of x when x is OK; otherwise the coroutine ends with the error of x.
template <typename U>
task_internal::TryValue<StatusOr<U>> Try(StatusOr<U> result) {
  return task_internal::TryValue<StatusOr<U>>(std::move(result));
}
inline task_internal::TryValue<Status> Try(Status status) {
  return task_internal::TryValue<Status>(std::move(status));
}
template <typename U>
task_internal::TryTask<StatusOr<U>> Try(Task<StatusOr<U>> task) {
  return task_internal::TryTask<StatusOr<U>>(std::move(task));
}
inline task_internal::TryTask<Status> Try(Task<Status> task) {
  return task_internal::TryTask<Status>(std::move(task));
}

// A value that somebody will have and one task waits for: `co_await completion`.
// The first Set counts, and resumes the waiting task within the call. Not
// thread-safe; must outlive the wait.
template <typename T>
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  // False when there already was a value.
  bool Set(T value) {
    if (value_.has_value()) return false;
    value_ = std::move(value);
    if (waiting_) std::exchange(waiting_, {}).resume();
    return true;
  }
  bool has_value() const { return value_.has_value(); }

  bool await_ready() const noexcept { return value_.has_value(); }
  void await_suspend(std::coroutine_handle<> self) noexcept { waiting_ = self; }
  T await_resume() { return *std::move(value_); }

 private:
  std::optional<T> value_;
  std::coroutine_handle<> waiting_;
};

// The return type of a coroutine that starts at once and that nobody waits for.
struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

// Runs `task` on its own.
inline Detached Detach(Task<> task) { co_await std::move(task); }

// Runs `task` and blocks the calling thread until it is done. For main and tests.
template <typename T>
T SyncWait(Task<T> task) {
  std::optional<T> result;
  std::binary_semaphore done(0);
  [](Task<T> t, std::optional<T>& r, std::binary_semaphore& d) -> Detached {
    r.emplace(co_await std::move(t));
    d.release();
  }(std::move(task), result, done);
  done.acquire();
  return *std::move(result);
}

// Owns running tasks; those still waiting end with it. Not thread-safe.
class TaskScope {
 public:
  void Spawn(Task<> task) {
    Sweep();
    tasks_.push_back(std::move(task));
    tasks_.back().Start();
  }

  std::size_t running() {
    Sweep();
    return tasks_.size();
  }

 private:
  void Sweep() {
    tasks_.remove_if([](const Task<>& task) { return task.done(); });
  }

  std::list<Task<>> tasks_;
};

}  // namespace souk
