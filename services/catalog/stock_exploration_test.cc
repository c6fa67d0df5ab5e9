// Nothing is sold twice, whatever happens to stock in whatever order.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "libs/testing/explore.h"
#include "libs/testing/spec.h"
#include "services/catalog/stock.h"
#include "services/catalog/stock_fixture.h"
#include "services/catalog/stock_index.h"

namespace souk::catalog {
namespace {

using testing::FromText;
using testing::Noon;

// Sums of the reservations, which the counters must agree with.
void CheckSums(const v1::StockState& stock, const std::string& path) {
  INFO(path);
  std::int64_t held = 0;
  std::int64_t allocated = 0;
  for (const v1::Reservation& reservation : stock.reservations()) {
    (reservation.order_id().empty() ? held : allocated) += reservation.quantity();
    CHECK(reservation.quantity() > 0);
    CHECK(FindEnded(stock, reservation.hold_id()) == nullptr);
  }
  CHECK(stock.held() == held);
  CHECK(stock.allocated() == allocated);
  CHECK(stock.on_hand() >= 0);
  CHECK(Available(stock) >= 0);
}

TEST_CASE("whatever happens, nothing is promised twice") {
  testing::Explorer<Stock> explorer(Noon());
  explorer.Add("receive", ReceiveStock{.quantity = 3});
  explorer.Add("lose one", AdjustStock{.delta = -1, .reason = "broken"});
  explorer.Add("hold a", Hold("a", 2));
  explorer.Add("hold b", Hold("b", 2, absl::Hours(2)));
  explorer.Add("commit a", CommitHold{.hold_id = "a", .order_id = "o-a"});
  explorer.Add("release a", ReleaseHold{.hold_id = "a"});
  explorer.Add("expire", ExpireHolds{});
  explorer.Add("cancel a", ReleaseAllocation{.order_id = "o-a", .quantity = 1});
  explorer.Add("dispatch a", DispatchStock{.order_id = "o-a", .quantity = 2});
  explorer.Add("return a", ReturnStock{.order_id = "o-a", .quantity = 1});
  explorer.AddWait("an hour", absl::Hours(1));
  explorer.Check(CheckSums);
  const auto opened = FromText<v1::StockState>(R"pb(product_id: "p-1" seller_id: "s-1" low_level: 2)pb");
  CHECK(explorer.Run(5, opened) > 10'000);
}

TEST_CASE("N buyers of k units: exactly min(k, demand) are sold, and the books balance") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto upto = [&random](int max) {
      return static_cast<std::int64_t>(random() % static_cast<unsigned>(max)) + 1;
    };
    v1::StockState stock;
    std::map<std::string, int> ends;  // By hold.
    std::int64_t received = 0;
    std::int64_t adjusted = 0;
    std::int64_t returned = 0;
    std::int64_t dispatched = 0;
    absl::Time now = Noon();
    const auto run = [&](const auto& command) {
      const auto events = Stock::Decide(stock, command, now);
      if (!events.ok()) return false;
      for (const v1::StockEvent& event : *events) {
        Stock::Evolve(stock, event);
        received += event.received().quantity();
        adjusted += event.adjusted().delta();
        returned += event.returned().quantity();
        dispatched += event.dispatched().quantity();
        if (event.has_reservation_released()) ++ends[event.reservation_released().hold_id()];
        if (event.has_reservation_expired()) ++ends[event.reservation_expired().hold_id()];
        if (event.has_allocated()) ++ends[event.allocated().hold_id()];
      }
      CheckSums(stock, "");
      return true;
    };
    REQUIRE(run(OpenStock{.product_id = "p-1", .seller_id = "s-1", .low_level = 2}));
    const std::int64_t units = upto(20);
    REQUIRE(run(ReceiveStock{.quantity = units}));

    // A rush for single pieces, each asked for twice, in any order.
    const int buyers = static_cast<int>(upto(40));
    std::vector<int> asks;
    for (int buyer = 0; buyer < buyers; ++buyer) asks.insert(asks.end(), {buyer, buyer});
    std::shuffle(asks.begin(), asks.end(), random);
    for (const int buyer : asks) run(Hold(absl::StrFormat("h-%d", buyer).c_str(), 1));
    const std::int64_t sold = std::min<std::int64_t>(units, buyers);
    CHECK(stock.held() == sold);
    CHECK(stock.reservations_size() == sold);

    // Each hold then meets any end, more than once, and orders take their course.
    for (int step = 0; step < 200; ++step) {
      const std::string hold = absl::StrFormat("h-%d", upto(buyers) - 1);
      const std::string order = "o-" + hold;
      switch (random() % 8) {
        case 0:
          run(ReleaseHold{.hold_id = hold});
          break;
        case 1:
          run(CommitHold{.hold_id = hold, .order_id = order});
          break;
        case 2:
          now += absl::Minutes(static_cast<std::int64_t>(random() % 3));
          run(ExpireHolds{});
          break;
        case 3:
          if (FindReservation(stock, hold) != nullptr)
            run(ReleaseAllocation{.order_id = order, .quantity = 1});
          break;
        case 4:
          if (FindReservation(stock, hold) != nullptr)
            run(DispatchStock{.order_id = order, .quantity = upto(2)});
          break;
        case 5:
          run(ReturnStock{.order_id = order, .quantity = 1});
          break;
        case 6:
          run(AdjustStock{.delta = upto(3) - 2, .reason = "count"});
          break;
        case 7:
          run(ReceiveStock{.quantity = 1});
          break;
      }
    }
    for (const auto& [hold, count] : ends) CHECK(count == 1);
    CHECK(stock.on_hand() == received + adjusted + returned - dispatched);

    // When all orders are over, nothing is held or allocated.
    now += absl::Hours(24);
    REQUIRE(run(ExpireHolds{}));
    while (stock.reservations_size() > 0) {
      const std::string order = stock.reservations(0).order_id();
      REQUIRE(run(ReleaseAllocation{.order_id = order, .quantity = 100}));
    }
    CHECK(stock.held() == 0);
    CHECK(stock.allocated() == 0);
    CHECK(Available(stock) == stock.on_hand());
  }
}

}  // namespace
}  // namespace souk::catalog
