// A shipment on its way: what the carrier's scans make of it.
#include <catch2/catch.hpp>

#include "libs/testing/spec.h"
#include "services/shipping/shipment.h"
#include "services/shipping/shipment_fixture.h"

namespace souk::shipping {
namespace {

using testing::Noon;
using ShipmentSpec = testing::Spec<Shipment>;
using State = Shipment::State;

TEST_CASE("a shipment that was not dispatched cannot be tracked") {
  ShipmentSpec()
      .Given({kPlanned, kReady})
      .When(ScanAt(v1::SCAN_STATUS_IN_TRANSIT, 1))
      .ThenFails(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION");
}

TEST_CASE("a delivery is announced once, with whether the promise was kept") {
  const State after =
      ShipmentSpec()
          .Given({kPlanned, kReady, kPacked, kDispatched})
          .When(ScanAt(v1::SCAN_STATUS_DELIVERED, 24))
          .Then({R"(scan_recorded { shipment { shipment_id: "o-1.s1" order_id: "o-1"
                                      seller_id: "s" buyer_id: "b" } scan { status: SCAN_STATUS_DELIVERED
                                      occur_time { seconds: 1772539200 } } state: STATE_DELIVERED })",
                 R"(delivered { shipment { shipment_id: "o-1.s1" order_id: "o-1" seller_id: "s"
                                      buyer_id: "b" } deliver_time { seconds: 1772539200 } })",
                 R"(promise_kept { shipment { shipment_id: "o-1.s1" order_id: "o-1" seller_id:
                                      "s" buyer_id: "b" } early_days: 3 arrive_date { year: 2026 month: 3
                                      day: 3 } })"});
  const StatusOr<Shipment::Events> again =
      Shipment::Decide(after, ScanAt(v1::SCAN_STATUS_DELIVERED, 25), Noon());
  REQUIRE(again.ok());
  CHECK(again->size() == 1);
}

TEST_CASE("the promise is missed by days of the seller's time zone") {
  // 2026-03-06 23:30 UTC is the 7th in Berlin; the 6th was promised.
  ShipmentSpec spec;
  const StatusOr<Shipment::Events> events =
      Shipment::Decide(spec.Given({kPlanned, kReady, kPacked, kDispatched}).state(),
                       ScanAt(v1::SCAN_STATUS_DELIVERED, 4 * 24 + 11.5), Noon());
  REQUIRE(events.ok());
  REQUIRE(events->size() == 3);
  CHECK(events->back().promise_missed().late_days() == 1);
}

TEST_CASE("a delivery is announced when the scan after it came first") {
  ShipmentSpec spec;
  spec.Given({kPlanned, kReady, kPacked, kDispatched}).When(ScanAt(v1::SCAN_STATUS_RETURNING, 48));
  CHECK_FALSE(spec.state().delivery_announced());
  spec.When(ScanAt(v1::SCAN_STATUS_DELIVERED, 24));
  CHECK(spec.state().delivery_announced());
  CHECK(spec.state().state() == State::STATE_RETURNING);
}

TEST_CASE("what comes back to the seller was not delivered to the buyer") {
  ShipmentSpec spec;
  spec.Given({kPlanned, kReady, kPacked, kDispatched}).When(ScanAt(v1::SCAN_STATUS_RETURNING, 24));
  spec.When(ScanAt(v1::SCAN_STATUS_DELIVERED, 48));
  CHECK_FALSE(spec.state().delivery_announced());
  CHECK(spec.state().state() == State::STATE_RETURNING);
}

TEST_CASE("a shipment keeps a bounded number of scans") {
  ShipmentSpec spec;
  spec.Given({kPlanned, kReady, kPacked, kDispatched});
  for (int i = 0; i < kScansMax; ++i) spec.When(ScanAt(v1::SCAN_STATUS_IN_TRANSIT, i));
  spec.When(ScanAt(v1::SCAN_STATUS_IN_TRANSIT, kScansMax))
      .ThenFails(absl::StatusCode::kFailedPrecondition, "SCAN_LIMIT");
}

}  // namespace
}  // namespace souk::shipping
