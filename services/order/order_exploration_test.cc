#include <catch2/catch.hpp>
#include <string>

#include "libs/testing/explore.h"
#include "libs/testing/spec.h"
#include "services/order/history_fixture.h"
#include "services/order/order.h"

namespace souk::order {
namespace {

using testing::FromText;
using testing::Noon;
using State = Order::State;

TEST_CASE("whatever happens in whatever order, pieces add up and an order only moves forward") {
  testing::Explorer<Order> explorer(Noon());
  RecordDispatch part = kDispatchAll;
  part.shipment_id = "s0";
  part.lines = {Part("1", 1)};
  RecordDispatch rest = kDispatchAll;
  rest.lines = {Part("1", 1), Part("2", 1)};
  RecordRefund refund{.refund_id = "r",
                      .amount = FromText<type::v1::Money>(R"(currency_code: "EUR" minor_units: 4790)")};
  explorer.Add("place by card", ByCard());
  explorer.Add("place by transfer", ByTransfer());
  explorer.Add("pay", kMoneyIsThere);
  explorer.Add("fail", kCaptureFails);
  explorer.Add("dispatch a part", part);
  explorer.Add("dispatch the rest", rest);
  explorer.Add("deliver", kDelivery);
  explorer.Add("remind", RemindOfReceipt{});
  explorer.Add("receive", kBuyerHasIt);
  explorer.Add("cancel", kCancel);
  explorer.Add("refund", refund);
  explorer.Check([](const State& order, const std::string& path) {
    bool good =
        order.state() == State::STATE_UNSPECIFIED || order.content_hash() == ContentHash(order.snapshot());
    for (const v1::LineProgress& line : order.lines()) {
      const bool all =
          line.ordered() == line.cancelled() + Awaiting(line) + line.in_transit() + line.received();
      good = good && all && line.cancelled() >= 0 && Awaiting(line) >= 0 && line.in_transit() >= 0;
      if (order.state() == State::STATE_COMPLETED) good = good && line.received() == line.ordered();
      if (order.state() == State::STATE_CANCELLED) good = good && line.cancelled() == line.ordered();
    }
    if (!good) FAIL(path);
  });
  explorer.CheckTransition([](const State& before, const State& after, const std::string& path) {
    const bool ended = before.state() == State::STATE_COMPLETED || before.state() == State::STATE_CANCELLED;
    const bool forward = after.state() >= before.state() && (!ended || after.state() == before.state());
    const bool same =
        before.state() == State::STATE_UNSPECIFIED || before.content_hash() == after.content_hash();
    if (!forward || !same) FAIL(path);
  });
  CHECK(explorer.Run(6) > 10'000);
}

}  // namespace
}  // namespace souk::order
