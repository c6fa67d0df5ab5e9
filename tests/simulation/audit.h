// What must be true of a world that has come to rest. docs/simulation.md lists the
// invariants with their numbers: I-n is number n of the list of the business, L-n is about
// logs, M-n about money outside, P-n about people. To add one: a function here, called in
// Audit.
#pragma once

#include <map>
#include <string>

#include "souk/order/v1/order_service.pb.h"
#include "tests/simulation/client.h"
#include "tests/simulation/world.h"

namespace souk::simulation {

// Asks Souk as somebody would, and lets the world run until there is an answer.
class Inquiry {
 public:
  explicit Inquiry(World& world) : world_(world) {}

  template <typename Response, typename Request>
  StatusOr<Response> Ask(const std::string& principal, Request request) {
    Client client(world_.stage(), principal, Client::Patience::kEndless);
    StatusOr<Response> answer = Unavailable("no answer");
    bool done = false;
    TaskScope scope;
    scope.Spawn(Keep(client.Call<Response>(std::move(request)), answer, done));
    world_.RunWhile([&done] { return !done; });
    return answer;
  }

 private:
  template <typename T>
  static Task<> Keep(Task<T> task, T& result, bool& done) {
    result = co_await std::move(task);
    done = true;
  }

  World& world_;
};

// All orders there are, as operators see them.
using Orders = std::map<std::string, order::v1::Order>;
Orders AllOrders(World& world);

// Calls `record` for every event of a service's log, partition after partition.
void ForEachEvent(Machine& machine, absl::FunctionRef<void(const event::v1::EventRecord&)> record);

// Reports what is wrong to the world's history. Returns how many orders there are.
int Audit(World& world);

void AuditOrders(World& world, const Orders& orders);
void AuditStock(World& world, const Orders& orders);
void AuditMoney(World& world, const Orders& orders);
void AuditMail(World& world, const Orders& orders);
void AuditPrivacy(World& world, const Orders& orders);
// The logs: dense, chained, each request once; state made anew from the log is the same to
// the byte. Restarts every service.
void AuditLogs(World& world);
// Topics: each public event once, in order.
void AuditTopics(World& world);

}  // namespace souk::simulation
