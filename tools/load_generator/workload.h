// What the load generator asks of a store.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/rpc/channel.h"
#include "tools/soukctl/session.h"

namespace souk::load {

// One operation after the other, on one channel. Each slot in flight has its own.
class Slot {
 public:
  virtual ~Slot() = default;
  // Does one more operation.
  virtual Task<Status> Next() = 0;
};

// Told of an answer: the aggregate that the command changed by one event, and its revision
// since.
using OnAnswer = std::function<void(const std::string& aggregate_id, std::uint64_t revision)>;

class Workload {
 public:
  virtual ~Workload() = default;
  // The service whose events OnAnswer is told of; "" when it is not told.
  virtual std::string watched_service() const { return ""; }
  // Makes what the operations need, such as products in stock.
  virtual Status Prepare(ctl::Session& session) = 0;
  // `on_answer` may be null.
  virtual std::unique_ptr<Slot> MakeSlot(int number, rpc::Channel& channel, OnAnswer on_answer) = 0;
};

// By name: "empty", an RPC that does nothing; "additem", CartService.AddItem, one command
// and one sync each; "checkout", from an empty cart to a placed order. NOT_FOUND otherwise.
// `run` makes ids of this run unlike those of any other.
StatusOr<std::unique_ptr<Workload>> MakeWorkload(const std::string& name, const std::string& run);

}  // namespace souk::load
