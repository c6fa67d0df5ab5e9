#include "services/shipping/scan_order.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "services/shipping/shipment_fixture.h"

namespace souk::shipping {
namespace {

using State = v1::ShipmentState;

struct At {
  v1::ScanStatus status;
  int hours;
};

State::State After(const std::vector<At>& said) {
  Scans scans;
  for (const At& at : said) InsertScan(scans, ScanAt(at.status, at.hours).scan);
  return StateAfter(scans);
}

TEST_CASE("a shipment goes forward in the order of the carrier's times") {
  CHECK(After({}) == State::STATE_DISPATCHED);
  CHECK(After({{v1::SCAN_STATUS_LABEL_CREATED, 1}}) == State::STATE_DISPATCHED);
  CHECK(After({{v1::SCAN_STATUS_IN_TRANSIT, 1}, {v1::SCAN_STATUS_LABEL_CREATED, 2}}) ==
        State::STATE_IN_TRANSIT);
  CHECK(After({{v1::SCAN_STATUS_OUT_FOR_DELIVERY, 2}, {v1::SCAN_STATUS_IN_TRANSIT, 1}}) ==
        State::STATE_OUT_FOR_DELIVERY);
  CHECK(After({{v1::SCAN_STATUS_OUT_FOR_DELIVERY, 1}, {v1::SCAN_STATUS_IN_TRANSIT, 2}}) ==
        State::STATE_OUT_FOR_DELIVERY);
}

TEST_CASE("nothing takes a delivery back but a return") {
  CHECK(After({{v1::SCAN_STATUS_DELIVERED, 1}, {v1::SCAN_STATUS_IN_TRANSIT, 2}}) == State::STATE_DELIVERED);
  CHECK(After({{v1::SCAN_STATUS_DELIVERED, 1}, {v1::SCAN_STATUS_EXCEPTION, 2}}) == State::STATE_DELIVERED);
  CHECK(After({{v1::SCAN_STATUS_DELIVERED, 1}, {v1::SCAN_STATUS_LOST, 2}}) == State::STATE_DELIVERED);
  CHECK(After({{v1::SCAN_STATUS_DELIVERED, 1}, {v1::SCAN_STATUS_RETURNING, 2}}) == State::STATE_RETURNING);
  CHECK(After({{v1::SCAN_STATUS_RETURNED, 1}, {v1::SCAN_STATUS_DELIVERED, 2}}) == State::STATE_RETURNED);
}

TEST_CASE("trouble on the way passes, and what follows it counts again") {
  CHECK(After({{v1::SCAN_STATUS_OUT_FOR_DELIVERY, 1}, {v1::SCAN_STATUS_DELIVERY_ATTEMPT_FAILED, 2}}) ==
        State::STATE_ATTEMPT_FAILED);
  CHECK(After({{v1::SCAN_STATUS_OUT_FOR_DELIVERY, 1},
               {v1::SCAN_STATUS_DELIVERY_ATTEMPT_FAILED, 2},
               {v1::SCAN_STATUS_IN_TRANSIT, 3}}) == State::STATE_IN_TRANSIT);
  CHECK(After({{v1::SCAN_STATUS_OUT_FOR_DELIVERY, 1}, {v1::SCAN_STATUS_EXCEPTION, 2}}) ==
        State::STATE_EXCEPTION);
  CHECK(After({{v1::SCAN_STATUS_LOST, 1}, {v1::SCAN_STATUS_DELIVERED, 2}}) == State::STATE_DELIVERED);
}

TEST_CASE("the same scan is the same status at the same time, wherever it was") {
  Scans scans;
  v1::Scan scan = ScanAt(v1::SCAN_STATUS_IN_TRANSIT, 1).scan;
  InsertScan(scans, scan);
  scan.set_place("Leipzig");
  CHECK(HasScan(scans, scan));
  CHECK_FALSE(HasScan(scans, ScanAt(v1::SCAN_STATUS_IN_TRANSIT, 2).scan));
  CHECK_FALSE(HasScan(scans, ScanAt(v1::SCAN_STATUS_EXCEPTION, 1).scan));
}

// What is the same in the end, in whatever order the carrier's scans come.
std::string Outcome(const std::vector<v1::Scan>& scans) {
  State state = StateAfter({kPlanned, kReady, kPacked, kDispatched});
  for (const v1::Scan& scan : scans) {
    const StatusOr<Shipment::Events> events =
        Shipment::Decide(state, RecordScan{.scan = scan}, testing::Noon());
    REQUIRE(events.ok());
    for (const Shipment::Event& event : *events) Shipment::Evolve(state, event);
  }
  return state.ShortDebugString();
}

TEST_CASE("any order of the same scans, with repetitions, ends in the same shipment") {
  const std::vector<std::vector<At>> journeys = {
      {{v1::SCAN_STATUS_LABEL_CREATED, 1},
       {v1::SCAN_STATUS_IN_TRANSIT, 2},
       {v1::SCAN_STATUS_OUT_FOR_DELIVERY, 3},
       {v1::SCAN_STATUS_DELIVERY_ATTEMPT_FAILED, 4},
       {v1::SCAN_STATUS_AVAILABLE_FOR_PICKUP, 5},
       {v1::SCAN_STATUS_DELIVERED, 6}},
      {{v1::SCAN_STATUS_IN_TRANSIT, 1},
       {v1::SCAN_STATUS_EXCEPTION, 2},
       {v1::SCAN_STATUS_LOST, 3},
       {v1::SCAN_STATUS_IN_TRANSIT, 4},
       {v1::SCAN_STATUS_OUT_FOR_DELIVERY, 4},
       {v1::SCAN_STATUS_DELIVERED, 5}},
      {{v1::SCAN_STATUS_IN_TRANSIT, 1},
       {v1::SCAN_STATUS_DELIVERED, 2},
       {v1::SCAN_STATUS_DELIVERED, 3},
       {v1::SCAN_STATUS_RETURNING, 4},
       {v1::SCAN_STATUS_IN_TRANSIT, 5},
       {v1::SCAN_STATUS_RETURNED, 6}},
  };
  for (const std::vector<At>& journey : journeys) {
    std::vector<v1::Scan> scans;
    for (const At& at : journey) scans.push_back(ScanAt(at.status, at.hours).scan);
    std::vector<int> order = {0, 1, 2, 3, 4, 5};
    std::set<std::string> outcomes;
    do {
      std::vector<v1::Scan> permuted;
      for (const int i : order) permuted.push_back(scans[static_cast<std::size_t>(i)]);
      permuted.push_back(permuted.front());
      outcomes.insert(Outcome(permuted));
    } while (std::next_permutation(order.begin(), order.end()));
    CHECK(outcomes.size() == 1);
  }
}

}  // namespace
}  // namespace souk::shipping
