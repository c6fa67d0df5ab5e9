// What the load generator asks of a store.
#pragma once

#include <memory>
#include <string>
#include <vector>

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

class Workload {
 public:
  virtual ~Workload() = default;
  // Makes what the operations need, such as products in stock.
  virtual Status Prepare(ctl::Session& session) = 0;
  virtual std::unique_ptr<Slot> MakeSlot(int number, rpc::Channel& channel) = 0;
};

// By name: "empty", an RPC that does nothing; "additem", CartService.AddItem, one command
// and one sync each; "checkout", from an empty cart to a placed order. NOT_FOUND otherwise.
// `run` makes ids of this run unlike those of any other.
StatusOr<std::unique_ptr<Workload>> MakeWorkload(const std::string& name, const std::string& run);

}  // namespace souk::load
