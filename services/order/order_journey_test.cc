#include "services/order/order_journey.h"

#include <catch2/catch.hpp>
#include <string>

#include "libs/testing/spec.h"
#include "services/order/placed_fixture.h"

namespace souk::order {
namespace {

using absl::StatusCode;
using testing::Noon;

// "placed+ paid+ packed_and_dispatched* ...": + done, * current, - to come.
std::string Sketch(const v1::OrderJourney& journey) {
  std::string sketch;
  for (const v1::JourneyStep& step : journey.steps()) {
    if (!sketch.empty()) sketch += " ";
    sketch += step.name();
    sketch += step.progress() == v1::JourneyStep::PROGRESS_DONE      ? "+"
              : step.progress() == v1::JourneyStep::PROGRESS_CURRENT ? "*"
                                                                     : "-";
  }
  return sketch;
}
const v1::JourneyStep& Current(const v1::OrderJourney& journey) {
  for (const v1::JourneyStep& step : journey.steps()) {
    if (step.progress() == v1::JourneyStep::PROGRESS_CURRENT) return step;
  }
  return v1::JourneyStep::default_instance();
}

TEST_CASE("while a card's money is being taken, nobody waits for the buyer") {
  Shop shop(v1::PAYMENT_METHOD_CARD, /*captured=*/false);
  const v1::OrderJourney journey = shop.Journey("buyer/b-1", shop.cups);
  CHECK(Sketch(journey) == "placed+ paid* packed_and_dispatched- delivered- received- completed-");
  CHECK(Current(journey).waiting_on() == v1::PARTY_SYSTEM);
  CHECK(FromProto(Current(journey).waiting_until_time()) == Noon() + absl::Hours(24 * 5));
}

TEST_CASE("the journey tells both sides what happened, what comes next, and who is waited for until when") {
  Shop shop;
  v1::OrderJourney journey = shop.Journey("buyer/b-1", shop.cups);
  CHECK(Sketch(journey) == "placed+ paid+ packed_and_dispatched* delivered- received- completed-");
  CHECK(Current(journey).waiting_on() == v1::PARTY_SELLER);
  CHECK(FromProto(Current(journey).waiting_until_time()) == Noon() + absl::Hours(48 + 14 * 24));
  CHECK(journey.steps(0).lane() == v1::JourneyStep::LANE_BUYER);
  CHECK(journey.steps(2).lane() == v1::JourneyStep::LANE_SELLER);
  CHECK(journey.steps(0).event_ids_size() == 1);
  CHECK(journey.steps(0).actor() == "buyer/b-1");
  CHECK(journey.SerializeAsString() == shop.Journey("seller/s-1", shop.cups).SerializeAsString());

  REQUIRE(shop.Dispatch(shop.cups, 2).ok());
  journey = shop.Journey("seller/s-1", shop.cups);
  CHECK(Sketch(journey) == "placed+ paid+ packed_and_dispatched+ delivered* received- completed-");
  CHECK(Current(journey).waiting_on() == v1::PARTY_CARRIER);
  CHECK(journey.steps(2).actor() == "service/shipping");

  REQUIRE(shop.Arrive(shop.cups).ok());
  journey = shop.Journey("seller/s-1", shop.cups);
  CHECK(Sketch(journey) == "placed+ paid+ packed_and_dispatched+ delivered+ received* completed-");
  CHECK(Current(journey).waiting_on() == v1::PARTY_BUYER);
  CHECK(FromProto(Current(journey).waiting_until_time()) == Noon() + absl::Hours(72));
  shop.fixture.AdvanceBy(absl::Hours(72));
  CHECK(Sketch(shop.Journey("buyer/b-1", shop.cups)) ==
        "placed+ paid+ packed_and_dispatched+ delivered+ received+ completed+");
}

TEST_CASE("the journey of a cancelled order ends there") {
  Shop shop(v1::PAYMENT_METHOD_BANK_TRANSFER);
  CHECK(Sketch(shop.Journey("buyer/b-1", shop.cups)) ==
        "placed+ paid* packed_and_dispatched- delivered- received- completed-");
  REQUIRE(shop.Cancel("buyer/b-1", shop.cups).ok());
  CHECK(Sketch(shop.Journey("buyer/b-1", shop.cups)) == "placed+ cancelled+");
  v1::GetOrderJourneyRequest request;
  request.set_order_id(shop.cups);
  CHECK(shop.fixture.Call<v1::GetOrderJourneyResponse>("seller/s-2", request).status().code() ==
        StatusCode::kNotFound);
}

}  // namespace
}  // namespace souk::order
