// A stock with thousands of open reservations does what a plain list of them would.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/base/uuid.h"
#include "libs/testing/spec.h"
#include "services/catalog/stock.h"
#include "services/catalog/stock_index.h"

namespace souk::catalog {
namespace {

using Events = Stock::Events;

// What is open, in the order in which it was held. Looks at all of it for every question.
class PlainList {
 public:
  struct Entry {
    std::string hold_id;
    std::int64_t quantity;
    absl::Time expire_time;
    std::string order_id;
  };

  Events Expire(absl::Time now) {
    Events events;
    std::erase_if(entries_, [&](const Entry& entry) {
      if (!entry.order_id.empty() || entry.expire_time > now) return false;
      auto& expired = *events.emplace_back().mutable_reservation_expired();
      expired.set_hold_id(entry.hold_id);
      expired.set_quantity(entry.quantity);
      return true;
    });
    return events;
  }

  Events Add(const HoldStock& hold, absl::Time now) {
    Events events = Expire(now);
    auto& reserved = *events.emplace_back().mutable_reserved();
    reserved.set_hold_id(hold.hold_id);
    reserved.set_quantity(hold.quantity);
    *reserved.mutable_expire_time() = ToProto(hold.expire_time);
    entries_.push_back({.hold_id = hold.hold_id,
                        .quantity = hold.quantity,
                        .expire_time = hold.expire_time,
                        .order_id = {}});
    return events;
  }

  Events Extend(const ExtendHold& extend) {
    Entry& entry = *Find(extend.hold_id);
    if (!entry.order_id.empty() || extend.expire_time <= entry.expire_time) return {};
    entry.expire_time = extend.expire_time;
    Events events(1);
    events[0].mutable_reservation_extended()->set_hold_id(extend.hold_id);
    *events[0].mutable_reservation_extended()->mutable_expire_time() = ToProto(extend.expire_time);
    return events;
  }

  Events Commit(const CommitHold& commit) {
    Entry& entry = *Find(commit.hold_id);
    entry.order_id = commit.order_id;
    Events events(1);
    events[0].mutable_allocated()->set_hold_id(commit.hold_id);
    events[0].mutable_allocated()->set_order_id(commit.order_id);
    events[0].mutable_allocated()->set_quantity(entry.quantity);
    return events;
  }

  Events Release(const ReleaseHold& release) {
    const auto entry = Find(release.hold_id);
    Events events(1);
    events[0].mutable_reservation_released()->set_hold_id(release.hold_id);
    events[0].mutable_reservation_released()->set_quantity(entry->quantity);
    entries_.erase(entry);
    return events;
  }

  // Takes up to `quantity` from an order; returns how many, for an event.
  std::int64_t Take(const std::string& order_id, std::int64_t quantity) {
    std::int64_t all = 0;
    std::erase_if(entries_, [&](Entry& entry) {
      if (entry.order_id != order_id) return false;
      const std::int64_t taken = std::min(quantity - all, entry.quantity);
      all += taken;
      entry.quantity -= taken;
      return entry.quantity == 0;
    });
    return all;
  }

  std::vector<Entry>::iterator Find(const std::string& hold_id) {
    return std::find_if(entries_.begin(), entries_.end(),
                        [&](const Entry& entry) { return entry.hold_id == hold_id; });
  }

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

void CheckSame(const v1::StockState& stock, const PlainList& list) {
  REQUIRE(stock.reservations_size() == static_cast<int>(list.entries().size()));
  int allocated = 0;
  for (const PlainList::Entry& entry : list.entries()) {
    const v1::Reservation* const found = FindReservation(stock, entry.hold_id);
    REQUIRE(found != nullptr);
    REQUIRE(found->quantity() == entry.quantity);
    REQUIRE(found->order_id() == entry.order_id);
    if (entry.order_id.empty()) {
      REQUIRE(FromProto(found->expire_time()) == entry.expire_time);
    } else {
      const auto of_order = ReservationsOf(stock, entry.order_id);
      REQUIRE(std::count(of_order.begin(), of_order.end(), found) == 1);
      ++allocated;
    }
  }
  CHECK(stock.allocated_holds_size() == allocated);
  CHECK(stock.expiring_holds_size() == stock.reservations_size() - allocated);
}

TEST_CASE("thousands of open reservations are kept as a plain list would keep them") {
  std::mt19937 random(7);
  const auto upto = [&random](std::size_t max) { return static_cast<std::int64_t>(random() % max) + 1; };
  v1::StockState stock;
  PlainList list;
  absl::Time now = testing::Noon();
  const auto run = [&](const auto& command, const Events& expected) {
    const StatusOr<Events> events = Stock::Decide(stock, command, now);
    REQUIRE(events.ok());
    REQUIRE(events->size() == expected.size());
    for (std::size_t i = 0; i < events->size(); ++i) {
      REQUIRE((*events)[i].ShortDebugString() == expected[i].ShortDebugString());
      Stock::Evolve(stock, (*events)[i]);
    }
  };
  for (const char* const text :
       {R"pb(opened { product_id: "p-1" seller_id: "s-1" })pb", R"pb(received { quantity: 1000000 })pb"}) {
    Stock::Evolve(stock, testing::FromText<v1::StockEvent>(text));
  }
  int holds = 0;
  const auto hold = [&] {
    const HoldStock command{.hold_id = DerivedUuid("hold", std::to_string(++holds), ""),
                            .quantity = upto(3),
                            .expire_time = now + absl::Minutes(upto(600))};
    run(command, list.Add(command, now));
  };
  const auto any = [&] { return list.entries()[random() % list.entries().size()]; };

  for (int i = 0; i < 4'000; ++i) hold();
  CheckSame(stock, list);
  for (int step = 0; step < 12'000; ++step) {
    INFO("step " << step);
    if (step % 2'000 == 0) CheckSame(stock, list);
    if (step % 20 == 0) now += absl::Seconds(upto(10));
    const PlainList::Entry entry = any();
    if (entry.order_id.empty()) {
      // Most go to orders of their own, some to one that has some already.
      const std::string other = any().order_id;
      const bool shared = !other.empty() && upto(4) == 1;
      const CommitHold commit{.hold_id = entry.hold_id,
                              .order_id = shared ? other : DerivedUuid("order", entry.hold_id, "")};
      const ExtendHold extend{.hold_id = entry.hold_id, .expire_time = now + absl::Minutes(upto(600))};
      const ReleaseHold release{.hold_id = entry.hold_id};
      const std::int64_t dice = upto(6);
      if (dice == 1) {
        run(release, list.Release(release));
      } else if (dice == 2) {
        run(extend, list.Extend(extend));
      } else {
        run(commit, list.Commit(commit));
      }
    } else {
      const std::int64_t quantity = upto(4);
      Events expected(1);
      if (upto(2) == 1) {
        auto& dispatched = *expected[0].mutable_dispatched();
        dispatched.set_order_id(entry.order_id);
        dispatched.set_quantity(list.Take(entry.order_id, quantity));
        run(DispatchStock{.order_id = entry.order_id, .quantity = quantity}, expected);
      } else {
        auto& released = *expected[0].mutable_allocation_released();
        released.set_order_id(entry.order_id);
        released.set_quantity(list.Take(entry.order_id, quantity));
        run(ReleaseAllocation{.order_id = entry.order_id, .quantity = quantity}, expected);
      }
      hold();
    }
  }
  CheckSame(stock, list);
  CHECK(stock.reservations_size() > 2'000);

  now += absl::Hours(24);
  run(ExpireHolds{}, list.Expire(now));
  CheckSame(stock, list);
  CHECK(stock.held() == 0);
}

}  // namespace
}  // namespace souk::catalog
