#include "services/shipping/delivery_offer.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/testing/spec.h"
#include "services/shipping/date.h"
#include "services/shipping/profile_fixture.h"
#include "services/shipping/quote.h"

namespace souk::shipping {
namespace {

using testing::FromText;
using testing::Noon;
using Lines = google::protobuf::RepeatedPtrField<v1::DeliveryLine>;

v1::DeliveryLine Line(int quantity, int weight_grams, std::int64_t unit_price,
                      const std::string& profile_id = "parcels") {
  v1::DeliveryLine line;
  line.set_product_id("p");
  line.set_quantity(quantity);
  line.set_weight_grams(weight_grams);
  line.mutable_unit_price()->set_currency_code("EUR");
  line.mutable_unit_price()->set_minor_units(unit_price);
  line.set_profile_id(profile_id);
  return line;
}

Lines Of(const std::vector<v1::DeliveryLine>& lines) { return {lines.begin(), lines.end()}; }

v1::Destination To(const std::string& region, const std::string& postal_code = "10115") {
  v1::Destination destination;
  destination.set_region_code(region);
  destination.set_postal_code(postal_code);
  return destination;
}

using Profiles = std::map<std::string, v1::DeliveryProfile>;

Profiles Usual() { return {{"parcels", ParcelProfile()}}; }

// Big things: only standard delivery, slower and dearer.
Profiles WithFurniture() {
  Profiles profiles = Usual();
  v1::DeliveryProfile& furniture = profiles["furniture"] = ParcelProfile();
  furniture.set_profile_id("furniture");
  furniture.mutable_zones()->RemoveLast();
  furniture.mutable_zones(0)->mutable_options()->RemoveLast();
  v1::DeliveryOption& option = *furniture.mutable_zones(0)->mutable_options(0);
  option.set_transit_days_max(10);
  option.mutable_cost()->mutable_flat()->set_minor_units(2900);
  option.mutable_cost()->mutable_free_over()->set_minor_units(50'000);
  return profiles;
}

ComputedOffers Compute(const std::vector<v1::DeliveryLine>& lines, const v1::Destination& destination,
                       const Profiles& profiles = Usual(), absl::Time placed = Noon()) {
  const auto find = [&](const std::string& id) {
    const auto it = profiles.find(id);
    return it == profiles.end() ? nullptr : &it->second;
  };
  StatusOr<ComputedOffers> computed = ComputeOffers(Of(lines), destination, placed, find);
  INFO(computed.status().ToString());
  REQUIRE(computed.ok());
  return *std::move(computed);
}

TEST_CASE("a buyer sees each way with its cost and days") {
  const ComputedOffers computed = Compute({Line(1, 500, 1800)}, To("DE"));
  REQUIRE(computed.offers.size() == 2);
  const v1::DeliveryOffer& standard = computed.offers[0].offer;
  CHECK(standard.option_id() == "standard");
  CHECK(standard.display_name() == "Standard");
  CHECK(standard.carrier() == "DHL");
  CHECK(standard.cost().minor_units() == 490);
  CHECK(standard.free_over().minor_units() == 5000);
  CHECK(standard.free_over_missing().minor_units() == 3200);
  CHECK(FromProtoDate(standard.arrive_from()) == absl::CivilDay(2026, 3, 5));
  CHECK(FromProtoDate(standard.arrive_until()) == absl::CivilDay(2026, 3, 9));
  CHECK(standard.time_zone() == "Europe/Berlin");
  CHECK(computed.offers[1].offer.cost().minor_units() == 1000);
  CHECK_FALSE(computed.offers[1].offer.has_free_over());
}

TEST_CASE("delivery is free from the limit on, not a cent before") {
  const auto cost = [](std::int64_t price) {
    return Compute({Line(1, 500, price)}, To("DE")).offers[0].offer.cost().minor_units();
  };
  CHECK(cost(4999) == 490);
  CHECK(cost(5000) == 0);
  CHECK_FALSE(Compute({Line(2, 500, 2500)}, To("DE")).offers[0].offer.has_free_over_missing());
}

TEST_CASE("a cost has a part for the parcel, for each piece and for each begun kilogram") {
  v1::CostRule rule = FromText<v1::CostRule>(R"(
      flat { currency_code: "EUR" minor_units: 100 } per_item { currency_code: "EUR" minor_units: 10 }
      per_kilogram { currency_code: "EUR" minor_units: 1 } free_over { currency_code: "EUR" minor_units: 50 })");
  CHECK(CostOf(rule, 3, 0, 49) == 130);
  CHECK(CostOf(rule, 3, 1, 49) == 131);
  CHECK(CostOf(rule, 3, 1000, 49) == 131);
  CHECK(CostOf(rule, 3, 1001, 49) == 132);
  CHECK(CostOf(rule, 3, 1001, 50) == 0);
  CHECK(CostOf(v1::CostRule(), 9, 9000, 9) == 0);
}

TEST_CASE("sums stay exact at the highest amounts that are accepted") {
  v1::DeliveryProfile profile = ParcelProfile();
  v1::CostRule& cost = *profile.mutable_zones(0)->mutable_options(0)->mutable_cost();
  cost.clear_free_over();
  *cost.mutable_per_kilogram() = cost.flat();
  *cost.mutable_per_item() = cost.flat();
  for (auto* const part : {cost.mutable_flat(), cost.mutable_per_item(), cost.mutable_per_kilogram()}) {
    part->set_minor_units(kCostMax);
  }
  REQUIRE(CheckProfile(profile).empty());
  std::vector<v1::DeliveryLine> lines(kDeliveryLinesMax, Line(kPiecesMax, kPieceGramsMax, kPriceMax));
  REQUIRE(CheckLines(Of(lines)).ok());
  const std::int64_t pieces = std::int64_t{kDeliveryLinesMax} * kPiecesMax;
  CHECK(Compute(lines, To("DE"), {{"parcels", profile}}).offers[0].offer.cost().minor_units() ==
        kCostMax * (1 + pieces + pieces * (kPieceGramsMax / 1000)));
}

TEST_CASE("why there is no delivery is told") {
  const auto reason = [](const std::vector<v1::DeliveryLine>& lines, const v1::Destination& destination) {
    const ComputedOffers computed = Compute(lines, destination);
    CHECK(computed.offers.empty());
    CHECK(computed.profile_id == lines.back().profile_id());
    return computed.reason;
  };
  CHECK(reason({Line(1, 1, 1)}, To("FR")) == v1::UNDELIVERABLE_REASON_DESTINATION_NOT_SERVED);
  CHECK(reason({Line(1, 1, 1)}, To("DE", "27498")) == v1::UNDELIVERABLE_REASON_DESTINATION_NOT_SERVED);
  CHECK(reason({Line(2, 2501, 1)}, To("AT")) == v1::UNDELIVERABLE_REASON_TOO_HEAVY);
  CHECK(reason({Line(1, 1, 1), Line(1, 1, 1, "none")}, To("DE")) == v1::UNDELIVERABLE_REASON_PROFILE_UNKNOWN);
  v1::DeliveryLine reais = Line(1, 1, 1);
  reais.mutable_unit_price()->set_currency_code("BRL");
  CHECK(reason({reais}, To("DE")) == v1::UNDELIVERABLE_REASON_CURRENCY_MISMATCH);
}

TEST_CASE("several profiles of a seller add up, and arrive as the slowest does") {
  const ComputedOffers computed =
      Compute({Line(1, 500, 1800), Line(1, 20'000, 9900, "furniture")}, To("DE"), WithFurniture());
  REQUIRE(computed.offers.size() == 1);
  const v1::DeliveryOffer& offer = computed.offers[0].offer;
  CHECK(offer.option_id() == "standard");
  CHECK(offer.cost().minor_units() == 2900);  // The parcel is free over 50, by what everything is worth.
  CHECK(offer.free_over().minor_units() == 50'000);
  CHECK(FromProtoDate(offer.arrive_until()) == absl::CivilDay(2026, 3, 18));
  REQUIRE(computed.offers[0].profiles.size() == 2);
  CHECK(computed.offers[0].profiles[0].cost().minor_units() == 0);
  CHECK(computed.offers[0].profiles[1].cost().minor_units() == 2900);
}

TEST_CASE("without a way in common the cheapest of each are combined") {
  Profiles profiles = WithFurniture();
  v1::DeliveryOption& truck = *profiles["furniture"].mutable_zones(0)->mutable_options(0);
  truck.set_option_id("truck");
  truck.set_carrier("Movers");
  const ComputedOffers computed =
      Compute({Line(1, 500, 1800), Line(1, 20'000, 1900, "furniture")}, To("DE"), profiles);
  REQUIRE(computed.offers.size() == 1);
  CHECK(computed.offers[0].offer.option_id() == kCombinedOptionId);
  CHECK(computed.offers[0].offer.cost().minor_units() == 490 + 2900);
  CHECK(computed.offers[0].offer.carrier().empty());
}

TEST_CASE("without a destination there are the ways to every zone, the cheapest first") {
  const ComputedOffers computed = Compute({Line(1, 500, 1800)}, v1::Destination());
  REQUIRE(computed.offers.size() == 3);
  CHECK(computed.offers[0].offer.zone() == "Austria");
  CHECK(computed.offers[1].offer.zone() == "Germany");
  CHECK(computed.offers[2].offer.option_id() == "express");
}

TEST_CASE("every bad field of the lines is named") {
  CHECK(absl::IsInvalidArgument(CheckLines(Lines())));
  CHECK(CheckLines(Of({Line(1, 0, 0)})).ok());
  v1::DeliveryLine reais = Line(1, 1, 1);
  reais.mutable_unit_price()->set_currency_code("BRL");
  v1::DeliveryLine unknown = Line(1, 1, 1);
  unknown.mutable_unit_price()->set_currency_code("???");
  for (const v1::DeliveryLine& bad :
       {Line(0, 1, 1), Line(kPiecesMax + 1, 1, 1), Line(1, -1, 1), Line(1, kPieceGramsMax + 1, 1), reais,
        Line(1, 1, -1), Line(1, 1, kPriceMax + 1), unknown, Line(1, 1, 1, ""), Line(1, 1, 1, "a b")}) {
    INFO(bad.ShortDebugString());
    CHECK(absl::IsInvalidArgument(CheckLines(Of({Line(1, 1, 1), bad}))));
  }
  const std::vector<v1::DeliveryLine> many(kDeliveryLinesMax + 1, Line(1, 1, 1));
  CHECK(absl::IsInvalidArgument(CheckLines(Of(many))));
}

TEST_CASE("a quote keeps what was computed and expires after a day") {
  const ComputedOffers computed = Compute({Line(1, 500, 1800)}, To("DE"));
  const Quote quote{.seller_id = "s",
                    .destination = To("DE"),
                    .placed = Noon() - absl::Hours(1),
                    .offers = computed.offers,
                    .quote_set_id = "q"};
  QuoteSet::State state;
  const StatusOr<QuoteSet::Events> events = QuoteSet::Decide(state, quote, Noon());
  REQUIRE(events.ok());
  REQUIRE(events->size() == 1);
  QuoteSet::Evolve(state, events->front());
  REQUIRE(state.quotes_size() == 2);
  const v1::ShippingQuote& express = state.quotes(1);
  CHECK(express.quote_id() == "q.2");
  CHECK(express.cost().minor_units() == 1000);
  CHECK(express.promise().arrive_until().day() == computed.offers[1].offer.arrive_until().day());
  CHECK(FromProto(express.placed_time()) == Noon() - absl::Hours(1));
  CHECK(FromProto(express.expire_time()) == Noon() + absl::Hours(24));
  CHECK(express.profiles(0).profile_id() == "parcels");

  SECTION("and never changes") {
    Quote other = quote;
    other.offers[0].offer.mutable_cost()->set_minor_units(1);
    CHECK(QuoteSet::Decide(state, other, Noon() + absl::Hours(1))->empty());
  }
}

TEST_CASE("a quote's id tells its set") {
  CHECK(QuoteSetOf("abc.2")->str() == "abc");
  for (const char* const id : {"", "abc", "a b.1", ".1"}) {
    INFO(id);
    CHECK(absl::IsInvalidArgument(QuoteSetOf(id).status()));
  }
}

}  // namespace
}  // namespace souk::shipping
