// The RPCs of shipping, and what it does when other services tell something.
#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "libs/base/proto_time.h"
#include "libs/testing/service_fixture.h"
#include "libs/testing/spec.h"
#include "services/shipping/module.h"
#include "services/shipping/profile_fixture.h"
#include "services/shipping/tracker.h"
#include "souk/order/events/v1/order_events.pb.h"
#include "souk/shipping/events/v1/shipping_events.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"

namespace souk::shipping {
namespace {

using order::events::v1::OrderCancelled;
using order::events::v1::OrderPaymentConfirmed;
using order::events::v1::OrderPlaced;
using testing::FromText;
using testing::Noon;
using testing::ServiceFixture;
using State = v1::ShipmentState;

// A shipping service with one seller's profile, and orders of lamps.
struct Depot {
  Depot() { fixture.Start(); }

  StatusOr<v1::DeliveryProfile> Define(v1::DeliveryProfile profile, const std::string& request_id,
                                       const std::string& seller = "s") {
    v1::DefineDeliveryProfileRequest request;
    request.set_request_id(request_id);
    request.set_seller_id(seller);
    *request.mutable_profile() = std::move(profile);
    ASSIGN_OR_RETURN(auto response,
                     fixture.Call<v1::DefineDeliveryProfileResponse>("seller/" + seller, request));
    return response.profile();
  }

  // A seller's profile, newly defined.
  std::string NewProfile() {
    v1::DeliveryProfile profile = ParcelProfile();
    profile.clear_profile_id();
    const StatusOr<v1::DeliveryProfile> defined = Define(profile, "define");
    INFO(defined.status().ToString());
    REQUIRE(defined.ok());
    return defined->profile_id();
  }

  void Place(const std::string& order_id, const std::string& seller = "s") {
    OrderPlaced placed = FromText<OrderPlaced>(R"(
        group_id: "g" buyer_id: "b" lines { line_id: "1" product_id: "lamp" title: "Lamp" quantity: 2 }
        shipping { quote_id: "q.1" option_id: "standard" arrive_from { year: 2026 month: 3 day: 5 }
                   arrive_until { year: 2026 month: 3 day: 6 } time_zone: "Europe/Berlin" })");
    placed.set_order_id(order_id);
    placed.set_seller_id(seller);
    *placed.mutable_place_time() = ToProto(fixture.now());
    *placed.mutable_shipping()->mutable_ship_by_time() = ToProto(fixture.now() + absl::Hours(48));
    REQUIRE(fixture.Deliver("order", order_id, placed).ok());
  }
  void Pay(const std::string& order_id) {
    OrderPaymentConfirmed confirmed;
    confirmed.set_order_id(order_id);
    REQUIRE(fixture.Deliver("order", order_id, confirmed).ok());
  }
  void PlaceAndPay(const std::string& order_id, const std::string& seller = "s") {
    Place(order_id, seller);
    Pay(order_id);
  }

  StatusOr<v1::Shipment> Dispatch(const std::string& order_id, const std::string& code,
                                  const std::string& seller = "s", const std::string& carrier = "DHL") {
    v1::DispatchShipmentRequest request;
    request.set_request_id("dispatch-" + order_id);
    request.set_order_id(order_id);
    request.set_carrier(carrier);
    request.set_tracking_code(code);
    ASSIGN_OR_RETURN(auto response, fixture.Call<v1::DispatchShipmentResponse>("seller/" + seller, request));
    return response.shipment();
  }

  StatusOr<v1::RecordScanResponse> Scan(const std::string& code, v1::ScanStatus status) {
    v1::RecordScanRequest request;
    request.set_request_id("scan-" + std::to_string(++scans));
    request.set_carrier("dhl");
    request.set_tracking_code(code);
    request.set_status(status);
    return fixture.Call<v1::RecordScanResponse>("operator/o", request);
  }

  StatusOr<v1::Shipment> Get(const std::string& order_id, const std::string& principal = "buyer/b") {
    v1::GetShipmentRequest request;
    request.set_order_id(order_id);
    ASSIGN_OR_RETURN(auto response, fixture.Call<v1::GetShipmentResponse>(principal, request));
    return response.shipment();
  }
  State::State StateOf(const std::string& order_id) { return Get(order_id)->state(); }

  ServiceFixture fixture{ShippingModule()};
  int scans = 0;
};

v1::DeliveryLine Lamp(const std::string& profile_id) {
  v1::DeliveryLine line = FromText<v1::DeliveryLine>(R"(
      product_id: "lamp" quantity: 1 weight_grams: 500
      unit_price { currency_code: "EUR" minor_units: 1800 })");
  line.set_profile_id(profile_id);
  return line;
}

TEST_CASE("a profile is the seller's own") {
  Depot depot;
  const std::string id = depot.NewProfile();
  v1::GetDeliveryProfileRequest get;
  get.set_profile_id(id);
  CHECK(depot.fixture.Call<v1::GetDeliveryProfileResponse>("seller/s", get)->profile().version() == 1);
  CHECK(absl::IsNotFound(depot.fixture.Call<v1::GetDeliveryProfileResponse>("seller/s-2", get).status()));
  v1::DeliveryProfile stolen = ParcelProfile();
  stolen.set_profile_id(id);
  CHECK(absl::IsNotFound(depot.Define(stolen, "steal", "s-2").status()));
  v1::ListDeliveryProfilesRequest list;
  list.set_seller_id("s");
  CHECK(depot.fixture.Call<v1::ListDeliveryProfilesResponse>("seller/s", list)->profiles_size() == 1);
  CHECK(absl::IsNotFound(depot.fixture.Call<v1::ListDeliveryProfilesResponse>("seller/s-2", list).status()));
}

TEST_CASE("a changed profile keeps its id and has the next version") {
  Depot depot;
  v1::DeliveryProfile profile = ParcelProfile();
  profile.set_profile_id(depot.NewProfile());
  profile.set_display_name("Small parcels");
  const StatusOr<v1::DeliveryProfile> changed = depot.Define(profile, "change");
  REQUIRE(changed.ok());
  CHECK(changed->profile_id() == profile.profile_id());
  CHECK(changed->version() == 2);
  CHECK(depot.fixture.PublicEvents<events::v1::DeliveryProfileDefined>().size() == 2);
}

TEST_CASE("product page, checkout and quote say the same cost and days") {
  Depot depot;
  const std::string id = depot.NewProfile();
  v1::ListDeliveryOffersRequest page;
  *page.add_lines() = Lamp(id);
  page.mutable_destination()->set_region_code("DE");
  const auto offers = depot.fixture.Call<v1::ListDeliveryOffersResponse>("guest/g", page);
  REQUIRE(offers.ok());
  REQUIRE(offers->offers_size() == 2);

  v1::QuoteDeliveryRequest ask;
  ask.set_request_id("quote-1");
  ask.set_seller_id("s");
  *ask.mutable_lines() = page.lines();
  *ask.mutable_destination() = page.destination();
  const auto quoted = depot.fixture.Call<v1::QuoteDeliveryResponse>("service/order", ask);
  REQUIRE(quoted.ok());
  REQUIRE(quoted->quotes_size() == 2);
  for (int i = 0; i < 2; ++i) {
    CHECK(quoted->quotes(i).cost().minor_units() == offers->offers(i).cost().minor_units());
    CHECK(quoted->quotes(i).promise().ship_by_time().seconds() == offers->offers(i).ship_by_time().seconds());
    CHECK(quoted->quotes(i).promise().arrive_until().day() == offers->offers(i).arrive_until().day());
  }

  SECTION("and the quote says it for ever, whatever the profile says by then") {
    v1::DeliveryProfile dearer = ParcelProfile();
    dearer.set_profile_id(id);
    dearer.mutable_zones(0)->mutable_options(0)->mutable_cost()->mutable_flat()->set_minor_units(9900);
    REQUIRE(depot.Define(dearer, "dearer").ok());
    depot.fixture.AdvanceBy(absl::Hours(30));
    const auto again = depot.fixture.Call<v1::QuoteDeliveryResponse>("service/order", ask);
    REQUIRE(again.ok());
    CHECK(again->SerializeAsString() == quoted->SerializeAsString());
    v1::GetQuoteRequest get;
    get.set_quote_id(quoted->quotes(0).quote_id());
    const auto one = depot.fixture.Call<v1::GetQuoteResponse>("service/order", get);
    REQUIRE(one.ok());
    CHECK(one->quote().SerializeAsString() == quoted->quotes(0).SerializeAsString());
  }
}

TEST_CASE("a quote is refused with the reason when the seller does not deliver there") {
  Depot depot;
  v1::QuoteDeliveryRequest ask;
  ask.set_request_id("quote-1");
  ask.set_seller_id("s");
  *ask.add_lines() = Lamp(depot.NewProfile());
  ask.mutable_destination()->set_region_code("FR");
  const Status refused = depot.fixture.Call<v1::QuoteDeliveryResponse>("service/order", ask).status();
  CHECK(absl::IsFailedPrecondition(refused));
  CHECK(Reason(refused) == "DELIVERY_UNAVAILABLE");
  ask.set_seller_id("s-2");  // With another seller's profile.
  ask.set_request_id("quote-2");
  ask.mutable_destination()->set_region_code("DE");
  CHECK(Reason(depot.fixture.Call<v1::QuoteDeliveryResponse>("service/order", ask).status()) ==
        "DELIVERY_UNAVAILABLE");
}

TEST_CASE("times outside of the calendar are refused") {
  Depot depot;
  v1::ListDeliveryOffersRequest page;
  *page.add_lines() = Lamp(depot.NewProfile());
  for (const std::int64_t seconds : {std::int64_t{-1}, std::int64_t{253'402'300'800}, INT64_MAX, INT64_MIN}) {
    page.mutable_place_time()->set_seconds(seconds);
    CHECK(absl::IsInvalidArgument(
        depot.fixture.Call<v1::ListDeliveryOffersResponse>("guest/g", page).status()));
  }
}

TEST_CASE("an order's shipment is planned, ready when paid, packed, dispatched and delivered") {
  Depot depot;
  depot.Place("o-1");
  CHECK(depot.StateOf("o-1") == State::STATE_PLANNED);
  depot.Pay("o-1");
  CHECK(depot.StateOf("o-1") == State::STATE_READY);
  v1::PackShipmentRequest pack;
  pack.set_request_id("pack");
  pack.set_order_id("o-1");
  REQUIRE(depot.fixture.Call<v1::PackShipmentResponse>("seller/s", pack).ok());
  CHECK(depot.StateOf("o-1") == State::STATE_PACKED);
  REQUIRE(depot.Dispatch("o-1", "T 1").ok());
  REQUIRE(depot.Scan("t1", v1::SCAN_STATUS_DELIVERED).ok());
  CHECK(depot.StateOf("o-1") == State::STATE_DELIVERED);
  const auto dispatched = depot.fixture.PublicEvents<events::v1::ShipmentDispatched>();
  REQUIRE(dispatched.size() == 1);
  CHECK(dispatched[0].lines(0).quantity() == 2);
  CHECK(dispatched[0].tracking_code() == "T1");
  CHECK(depot.fixture.PublicEvents<events::v1::ShipmentDelivered>().size() == 1);
}

TEST_CASE("a shipment shows itself to its buyer, its seller and operators") {
  Depot depot;
  depot.PlaceAndPay("o-1");
  for (const char* const who : {"buyer/b", "seller/s", "operator/o", "service/notification"}) {
    CHECK(depot.Get("o-1", who).ok());
  }
  for (const char* const who : {"buyer/b-2", "seller/s-2", "guest/b", "seller/b"}) {
    INFO(who);
    CHECK(absl::IsNotFound(depot.Get("o-1", who).status()));
  }
}

TEST_CASE("a cancelled order is not sent") {
  Depot depot;
  depot.PlaceAndPay("o-1");
  OrderCancelled cancelled;
  cancelled.set_order_id("o-1");
  REQUIRE(depot.fixture.Deliver("order", "o-1", cancelled).ok());
  CHECK(depot.StateOf("o-1") == State::STATE_CANCELLED);
  CHECK(absl::IsFailedPrecondition(depot.Dispatch("o-1", "T1").status()));
}

TEST_CASE("a scan that is faster than the seller is kept for her") {
  Depot depot;
  depot.PlaceAndPay("o-1");
  CHECK(depot.Scan("T1", v1::SCAN_STATUS_IN_TRANSIT)->shipments().empty());
  REQUIRE(depot.Dispatch("o-1", "T1").ok());
  CHECK(depot.StateOf("o-1") == State::STATE_IN_TRANSIT);
}

TEST_CASE("a scan of before the order was about another parcel with that number") {
  Depot depot;
  REQUIRE(depot.Scan("T1", v1::SCAN_STATUS_DELIVERED).ok());
  depot.fixture.AdvanceBy(absl::Hours(1));
  depot.PlaceAndPay("o-1");
  REQUIRE(depot.Dispatch("o-1", "T1").ok());
  CHECK(depot.StateOf("o-1") == State::STATE_DISPATCHED);
}

TEST_CASE("several orders of a seller in one parcel are tracked together, told sooner or later") {
  Depot depot;
  depot.PlaceAndPay("o-1");
  depot.PlaceAndPay("o-2");
  REQUIRE(depot.Dispatch("o-1", "T1").ok());
  CHECK(depot.Scan("T1", v1::SCAN_STATUS_IN_TRANSIT)->shipments_size() == 1);
  REQUIRE(depot.Dispatch("o-2", "T1").ok());
  CHECK(depot.StateOf("o-2") == State::STATE_IN_TRANSIT);
  depot.fixture.AdvanceBy(absl::Hours(1));
  CHECK(depot.Scan("T1", v1::SCAN_STATUS_DELIVERED)->shipments_size() == 2);
  CHECK(depot.StateOf("o-2") == State::STATE_DELIVERED);
}

TEST_CASE("another seller's tracking code is refused, unless it is so old that it is used again") {
  Depot depot;
  depot.PlaceAndPay("o-1");
  depot.PlaceAndPay("o-2", "s-2");
  REQUIRE(depot.Dispatch("o-1", "T1").ok());
  CHECK(Reason(depot.Dispatch("o-2", "t1", "s-2").status()) == "TRACKING_CODE_IN_USE");
  REQUIRE(depot.Dispatch("o-2", "T1", "s-2", "UPS").ok());
  depot.fixture.AdvanceBy(kTrackingCodeLifetime + absl::Hours(24));
  depot.PlaceAndPay("o-3", "s-2");
  REQUIRE(depot.Dispatch("o-3", "T1", "s-2").ok());
  depot.fixture.AdvanceBy(absl::Hours(1));
  CHECK(depot.Scan("T1", v1::SCAN_STATUS_DELIVERED)->shipments_size() == 1);
  CHECK(depot.StateOf("o-1") == State::STATE_DISPATCHED);
}

TEST_CASE("what cannot be a dispatch is refused with its field") {
  Depot depot;
  depot.PlaceAndPay("o-1");
  CHECK(absl::IsInvalidArgument(depot.Dispatch("o-1", "T1", "s", "").status()));
  CHECK(absl::IsInvalidArgument(depot.Dispatch("o-1", "T#1").status()));
  CHECK(absl::IsInvalidArgument(depot.Dispatch("o-1", std::string(41, 'T')).status()));
  CHECK(absl::IsInvalidArgument(depot.Dispatch("o-1", "T1", "s", std::string(61, 'c')).status()));
  CHECK(absl::IsInvalidArgument(depot.Dispatch("", "T1").status()));
  CHECK(depot.StateOf("o-1") == State::STATE_READY);
}

TEST_CASE("a seller's work queue is by the time to hand over, and has only what waits") {
  Depot depot;
  depot.PlaceAndPay("o-2");
  depot.fixture.AdvanceBy(absl::Hours(1));
  depot.PlaceAndPay("o-1");
  depot.PlaceAndPay("o-3");
  depot.Place("o-unpaid");
  depot.PlaceAndPay("o-theirs", "s-2");
  REQUIRE(depot.Dispatch("o-3", "T3").ok());
  v1::ListShipmentsRequest list;
  list.set_to_dispatch(true);
  list.set_page_size(1);
  const auto first = depot.fixture.Call<v1::ListShipmentsResponse>("seller/s", list);
  REQUIRE(first.ok());
  REQUIRE(first->shipments_size() == 1);
  CHECK(first->shipments(0).order_id() == "o-2");
  list.set_page_token(first->next_page_token());
  const auto second = depot.fixture.Call<v1::ListShipmentsResponse>("seller/s", list);
  REQUIRE(second.ok());
  CHECK(second->shipments(0).order_id() == "o-1");
  CHECK(second->next_page_token().empty());
  CHECK(absl::IsInvalidArgument(  // A token of another list.
      depot.fixture.Call<v1::ListShipmentsResponse>("seller/s-2", list).status()));

  v1::ListShipmentsRequest mine;
  const auto bought = depot.fixture.Call<v1::ListShipmentsResponse>("buyer/b", mine);
  REQUIRE(bought.ok());
  CHECK(bought->shipments_size() == 5);
  mine.set_buyer_id("b");
  CHECK(absl::IsNotFound(depot.fixture.Call<v1::ListShipmentsResponse>("buyer/b-2", mine).status()));
}

TEST_CASE("the seller is reminded a day before and told when it is overdue, also after a crash") {
  Depot depot;
  depot.PlaceAndPay("o-1");
  depot.fixture.AdvanceBy(absl::Hours(24));
  CHECK(depot.fixture.PublicEvents<events::v1::ShipBySlaAtRisk>().size() == 1);
  depot.fixture.Restart();
  depot.fixture.AdvanceBy(absl::Hours(24));
  CHECK(depot.fixture.PublicEvents<events::v1::ShipBySlaMissed>().empty());
  depot.fixture.AdvanceBy(absl::Seconds(1));
  CHECK(depot.fixture.PublicEvents<events::v1::ShipBySlaMissed>().size() == 1);
  depot.fixture.AdvanceBy(absl::Hours(1000));
  CHECK(depot.fixture.PublicEvents<events::v1::ShipBySlaAtRisk>().size() == 1);
  CHECK(depot.fixture.PublicEvents<events::v1::ShipBySlaMissed>().size() == 1);
}

TEST_CASE("whoever cancels an order stops its shipment, unless it has left, or is not known yet") {
  Depot depot;
  v1::StopShipmentRequest stop;
  const auto ask = [&](const std::string& order_id, const char* caller = "service/order") {
    stop.set_request_id("stop-" + order_id);
    stop.set_order_id(order_id);
    return depot.fixture.Call<v1::StopShipmentResponse>(caller, stop);
  };
  CHECK(absl::IsNotFound(ask("o-1").status()));
  depot.PlaceAndPay("o-1");
  CHECK(absl::IsPermissionDenied(ask("o-1", "seller/s").status()));
  CHECK(ask("o-1")->shipment().state() == State::STATE_CANCELLED);
  CHECK(ask("o-1").ok());
  CHECK(absl::IsFailedPrecondition(depot.Dispatch("o-1", "T1").status()));
  depot.PlaceAndPay("o-2");
  REQUIRE(depot.Dispatch("o-2", "T2").ok());
  CHECK(Reason(ask("o-2").status()) == "ORDER_DISPATCHED");
}

TEST_CASE("an event that comes twice, or a request that is repeated, has one effect") {
  Depot depot;
  OrderPlaced placed = FromText<OrderPlaced>(R"(order_id: "o-1" seller_id: "s" buyer_id: "b")");
  REQUIRE(depot.fixture.Deliver("order", "o-1", placed, "event-1").ok());
  REQUIRE(depot.fixture.Deliver("order", "o-1", placed, "event-1").ok());
  depot.Pay("o-1");
  REQUIRE(depot.Dispatch("o-1", "T1").ok());
  REQUIRE(depot.Dispatch("o-1", "T1").ok());
  CHECK(Reason(depot.Dispatch("o-1", "T2").status()) == "REQUEST_ID_REUSED");
  CHECK(depot.fixture.PublicEvents<events::v1::ShipmentPlanned>().size() == 1);
  CHECK(depot.fixture.PublicEvents<events::v1::ShipmentDispatched>().size() == 1);
}

}  // namespace
}  // namespace souk::shipping
