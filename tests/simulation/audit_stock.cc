// Stock: never negative, never sold twice, and all there at the end.
#include <set>

#include "absl/strings/str_format.h"
#include "souk/catalog/v1/catalog_service.pb.h"
#include "souk/catalog/v1/stock_events.pb.h"
#include "tests/simulation/audit.h"

namespace souk::simulation {
namespace {

namespace catalog = souk::catalog::v1;
using order::v1::OrderState;

// A model of one product's stock, told event by event.
class Shelf {
 public:
  Shelf(std::string product_id, History& history) : product_id_(std::move(product_id)), history_(history) {}

  void See(const catalog::StockEvent& event) {
    switch (event.kind_case()) {
      case catalog::StockEvent::kReceived:
        on_hand_ += event.received().quantity();
        break;
      case catalog::StockEvent::kAdjusted:
        on_hand_ += event.adjusted().delta();
        break;
      case catalog::StockEvent::kReserved:
        held_ += event.reserved().quantity();
        if (!holds_.emplace(event.reserved().hold_id(), event.reserved().quantity()).second) {
          Fail("I-4 a reservation has one end", "held twice: " + event.reserved().hold_id());
        }
        if (held_ + allocated_ > on_hand_)
          Fail("I-2 nothing is held that is not there", event.reserved().hold_id());
        break;
      case catalog::StockEvent::kReservationExpired:
        EndHold(event.reservation_expired().hold_id(), event.reservation_expired().quantity());
        break;
      case catalog::StockEvent::kReservationReleased:
        EndHold(event.reservation_released().hold_id(), event.reservation_released().quantity());
        break;
      case catalog::StockEvent::kAllocated:
        EndHold(event.allocated().hold_id(), event.allocated().quantity());
        allocated_ += event.allocated().quantity();
        break;
      case catalog::StockEvent::kAllocationReleased:
        allocated_ -= event.allocation_released().quantity();
        break;
      case catalog::StockEvent::kDispatched:
        allocated_ -= event.dispatched().quantity();
        on_hand_ -= event.dispatched().quantity();
        dispatched_ += event.dispatched().quantity();
        break;
      case catalog::StockEvent::kReturned:
        on_hand_ += event.returned().quantity();
        break;
      case catalog::StockEvent::kOpened:
      case catalog::StockEvent::kLowLevelSet:
      case catalog::StockEvent::kReservationExtended:
      case catalog::StockEvent::kSettledEarly:
      case catalog::StockEvent::kLowReached:
      case catalog::StockEvent::kDepleted:
      case catalog::StockEvent::kReplenished:
      case catalog::StockEvent::KIND_NOT_SET:
        break;
    }
    if (on_hand_ < 0 || held_ < 0 || allocated_ < 0) {
      Fail("I-1 no stock is negative",
           absl::StrFormat("%d on hand, %d held, %d allocated", on_hand_, held_, allocated_));
    }
  }

  std::int64_t on_hand() const { return on_hand_; }
  std::int64_t held() const { return held_; }
  std::int64_t allocated() const { return allocated_; }
  std::int64_t dispatched() const { return dispatched_; }

 private:
  void EndHold(const std::string& hold_id, std::int64_t quantity) {
    held_ -= quantity;
    // What was never held may be released: then it cannot be held any more.
    std::int64_t& left = holds_.try_emplace(hold_id, 0).first->second;
    if (left < quantity) Fail("I-4 a reservation has one end", hold_id);
    left -= quantity;
  }
  void Fail(const char* invariant, const std::string& detail) {
    history_.Fail(invariant, "product " + product_id_ + ": " + detail);
  }

  const std::string product_id_;
  History& history_;
  std::map<std::string, std::int64_t> holds_;  // What is left of each.
  std::int64_t on_hand_ = 0;
  std::int64_t held_ = 0;
  std::int64_t allocated_ = 0;
  std::int64_t dispatched_ = 0;
};

}  // namespace

void AuditStock(World& world, const Orders& orders) {
  History& history = world.stage().history;
  std::map<std::string, Shelf> shelves;
  ForEachEvent(world.machine("catalog"), [&](const event::v1::EventRecord& record) {
    if (record.aggregate() != "stock") return;
    catalog::StockEvent event;
    if (!event.ParseFromString(record.payload())) return;
    shelves.try_emplace(record.aggregate_id(), record.aggregate_id(), history).first->second.See(event);
  });
  std::map<std::string, std::int64_t> sold;
  for (const auto& [id, one] : orders) {
    if (one.state() != OrderState::STATE_COMPLETED) continue;
    for (const auto& line : one.snapshot().lines()) sold[line.product_id()] += line.quantity();
  }
  Inquiry inquiry(world);
  for (const auto& [product_id, received] : world.testimony().stock_received) {
    catalog::GetStockRequest get;
    get.set_product_id(product_id);
    const auto answer = inquiry.Ask<catalog::GetStockResponse>("operator/auditor", get);
    if (!answer.ok()) {
      history.Fail("P-2 a healthy store answers", "GetStock: " + answer.status().ToString());
      continue;
    }
    const catalog::Stock& stock = answer->stock();
    const auto shelf = shelves.find(product_id);
    if (stock.held_quantity() != 0 || stock.allocated_quantity() != 0) {
      history.Fail("I-5 stock adds up",
                   absl::StrFormat("product %s: %d held and %d allocated when all orders have ended",
                                   product_id, stock.held_quantity(), stock.allocated_quantity()));
    }
    const std::int64_t on_hand = stock.on_hand_quantity();
    if (on_hand < received.least - sold[product_id] || on_hand > received.most - sold[product_id]) {
      history.Fail("I-5 stock adds up",
                   absl::StrFormat("product %s: %d received, %d sold, %d on hand", product_id, received.most,
                                   sold[product_id], on_hand));
    }
    if (shelf != shelves.end() && shelf->second.on_hand() != on_hand) {
      history.Fail("I-5 stock adds up", absl::StrFormat("product %s: its events say %d, it says %d",
                                                        product_id, shelf->second.on_hand(), on_hand));
    }
  }
}

}  // namespace souk::simulation
