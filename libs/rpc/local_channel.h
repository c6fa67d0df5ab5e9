// Calls methods of a router in the same process, as a network would: the same checks,
// deadlines, errors and flow control, on bytes.
#pragma once

#include <memory>
#include <string>

#include "libs/base/task.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/observer.h"
#include "libs/rpc/router.h"
#include "libs/runtime/scheduler.h"

namespace souk::rpc {

class DeadlineQueue;

// Handlers start, and callers go on, in work posted to the scheduler. Calls may come
// from other threads; streams belong to the scheduler.
class LocalChannel final : public Channel {
 public:
  // Router and scheduler must outlive the channel and its calls; who reads a stream must be
  // gone before the channel. `observer` is optional.
  LocalChannel(const Router& router, Scheduler& scheduler, CallObserver observer = nullptr);
  ~LocalChannel() override;  // As EndStreams.

  // Destroys the handlers of all streams where they stand: for the end of a process, when
  // the scheduler runs nothing any more and what they refer to is about to go.
  void EndStreams();

  // A handler goes on when its caller's deadline passes or its caller is destroyed.
  Task<StatusOr<Bytes>> CallUnary(std::string path, CallOptions options, Bytes request) override;
  // Starts with the first Read. No limit but options.deadline.
  std::unique_ptr<ByteStream> CallServerStream(std::string path, CallOptions options, Bytes request) override;

 private:
  const Router& router_;
  Scheduler& scheduler_;
  const std::shared_ptr<const CallObserver> observer_;
  const std::shared_ptr<DeadlineQueue> deadlines_;
  std::shared_ptr<TaskScope> streams_;  // Their handlers.
};

}  // namespace souk::rpc
