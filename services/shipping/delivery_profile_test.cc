#include "services/shipping/delivery_profile.h"

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/testing/command_table.h"
#include "libs/testing/explore.h"
#include "libs/testing/spec.h"
#include "services/shipping/profile_fixture.h"
#include "services/shipping/zone.h"

namespace souk::shipping {
namespace {

using testing::Noon;
using State = DeliveryProfile::State;
using Events = DeliveryProfile::Events;

Define New(v1::DeliveryProfile profile = ParcelProfile()) { return {std::move(profile), true}; }
Define Change(v1::DeliveryProfile profile) { return {std::move(profile), false}; }

State After(const State& before, const Define& command, absl::Time now = Noon()) {
  State state = before;
  const StatusOr<Events> events = DeliveryProfile::Decide(state, command, now);
  INFO(events.status().ToString());
  REQUIRE(events.ok());
  for (const auto& event : *events) DeliveryProfile::Evolve(state, event);
  return state;
}

TEST_CASE("a seller defines how she delivers") {
  const State state = After({}, New());
  CHECK(state.profile().version() == 1);
  CHECK(FromProto(state.profile().create_time()) == Noon());
  CHECK(state.profile().zones_size() == 2);
}

TEST_CASE("a new definition replaces the old one and has the next version") {
  v1::DeliveryProfile cheaper = ParcelProfile();
  cheaper.mutable_zones()->RemoveLast();
  const State state = After(After({}, New()), Change(cheaper), Noon() + absl::Hours(1));
  CHECK(state.profile().version() == 2);
  CHECK(FromProto(state.profile().create_time()) == Noon());
  CHECK(FromProto(state.profile().update_time()) == Noon() + absl::Hours(1));
  CHECK(state.profile().zones_size() == 1);
}

TEST_CASE("versions and times that a caller sends count for nothing") {
  v1::DeliveryProfile profile = ParcelProfile();
  profile.set_version(77);
  *profile.mutable_create_time() = ToProto(Noon() - absl::Hours(1));
  const State state = After({}, New(profile));
  CHECK(state.profile().version() == 1);
  CHECK(FromProto(state.profile().create_time()) == Noon());
}

TEST_CASE("what a profile allows in which state") {
  v1::DeliveryProfile changed = ParcelProfile();
  changed.set_display_name("More");
  v1::DeliveryProfile stolen = changed;
  stolen.set_seller_id("s-2");
  v1::DeliveryProfile broken = ParcelProfile();
  broken.clear_zones();
  const State defined = After({}, New());
  const auto table = testing::CommandTable<DeliveryProfile>(Noon())
                         .Add(New())
                         .Add(New(changed))
                         .Add(Change(ParcelProfile()))
                         .Add(Change(changed))
                         .Add(Change(stolen))
                         .Add(New(broken));
  CHECK(table.RowOf({}) == "++---?");
  CHECK(table.RowOf(defined) == "=+=+-?");
}

TEST_CASE("every bad field is named") {
  using Break = std::function<void(v1::DeliveryProfile&)>;
  const auto option = [](v1::DeliveryProfile& p) { return p.mutable_zones(0)->mutable_options(0); };
  const std::vector<std::pair<std::string, Break>> breaks = {
      {"profile.display_name", [](auto& p) { p.set_display_name(std::string(101, 'x')); }},
      {"profile.time_zone", [](auto& p) { p.set_time_zone("Moon/Crater"); }},
      {"profile.cutoff_minute_of_day", [](auto& p) { p.set_cutoff_minute_of_day(1440); }},
      {"profile.cutoff_minute_of_day", [](auto& p) { p.set_cutoff_minute_of_day(-1); }},
      {"profile.handling_days", [](auto& p) { p.set_handling_days_min(3); }},
      {"profile.handling_days", [](auto& p) { p.set_handling_days_min(-1); }},
      {"profile.handling_days", [](auto& p) { p.set_handling_days_max(kHandlingDaysMax + 1); }},
      {"profile.buffer_days", [](auto& p) { p.set_buffer_days(kBufferDaysMax + 1); }},
      {"profile.calendar.weekdays", [](auto& p) { p.mutable_calendar()->add_weekdays(8); }},
      {"profile.calendar.holidays",
       [](auto& p) {
         auto& day = *p.mutable_calendar()->add_holidays();
         day.set_year(2026), day.set_month(2), day.set_day(29);
       }},
      {"profile.zones", [](auto& p) { p.clear_zones(); }},
      {"profile.zones",
       [](auto& p) {
         while (p.zones_size() <= kZonesMax) *p.add_zones() = p.zones(1);
       }},
      {"profile.zones[1].region_codes", [](auto& p) { p.mutable_zones(1)->clear_region_codes(); }},
      {"profile.zones[1].region_codes", [](auto& p) { p.mutable_zones(1)->add_region_codes("at"); }},
      {"profile.zones[0].excluded_postal_prefixes",
       [](auto& p) { p.mutable_zones(0)->add_excluded_postal_prefixes(" - "); }},
      {"profile.zones[0].postal_prefixes",
       [](auto& p) { p.mutable_zones(0)->add_postal_prefixes(std::string(21, '1')); }},
      {"profile.zones[0].postal_ranges",
       [](auto& p) {
         auto& range = *p.mutable_zones(0)->add_postal_ranges();
         range.set_first("2"), range.set_last("10");
       }},
      {"profile.zones[0].options", [](auto& p) { p.mutable_zones(0)->clear_options(); }},
      {"profile.zones[0].options[1].option_id",
       [](auto& p) { p.mutable_zones(0)->mutable_options(1)->set_option_id("standard"); }},
      {"profile.zones[0].options[0].option_id", [&](auto& p) { option(p)->set_option_id("a b"); }},
      {"profile.zones[0].options[0].display_name", [&](auto& p) { option(p)->clear_display_name(); }},
      {"profile.zones[0].options[0].carrier",
       [&](auto& p) { option(p)->set_carrier(std::string(101, 'x')); }},
      {"profile.zones[0].options[0].cost.flat",
       [&](auto& p) { option(p)->mutable_cost()->mutable_flat()->set_minor_units(-1); }},
      {"profile.zones[0].options[0].cost.flat",
       [&](auto& p) { option(p)->mutable_cost()->mutable_flat()->set_minor_units(kCostMax + 1); }},
      {"profile.zones[0].options[0].cost.flat",
       [&](auto& p) { option(p)->mutable_cost()->mutable_flat()->set_currency_code("XYZ"); }},
      {"profile.zones[0].options[0].cost.free_over",
       [&](auto& p) { option(p)->mutable_cost()->mutable_free_over()->set_currency_code("BRL"); }},
      {"profile.zones[0].options[0].transit_days", [&](auto& p) { option(p)->set_transit_days_min(4); }},
      {"profile.zones[0].options[0].pickup_place", [&](auto& p) { option(p)->set_pickup(true); }},
      {"profile.zones[0].options[0].weight_grams_max", [&](auto& p) { option(p)->set_weight_grams_max(-1); }},
  };
  CHECK(CheckProfile(ParcelProfile()).empty());
  for (const auto& [field, change] : breaks) {
    INFO(field);
    v1::DeliveryProfile profile = ParcelProfile();
    change(profile);
    const std::vector<FieldViolation> violations = CheckProfile(profile);
    REQUIRE(!violations.empty());
    CHECK(violations[0].field == field);
  }
}

TEST_CASE("several bad fields are named at once") {
  v1::DeliveryProfile profile = ParcelProfile();
  profile.set_time_zone("");
  profile.set_buffer_days(-1);
  profile.mutable_zones(0)->clear_options();
  CHECK(CheckProfile(profile).size() == 3);
}

TEST_CASE("a postal code is in a zone by country, prefix and range, however it is written") {
  v1::DeliveryZone zone = testing::FromText<v1::DeliveryZone>(R"(
      region_codes: "BR" postal_prefixes: "20" postal_ranges { first: "01000" last: "05999" }
      excluded_postal_prefixes: "013")");
  const auto served = [&](const std::string& region, const std::string& postal_code) {
    v1::Destination destination;
    destination.set_region_code(region);
    destination.set_postal_code(postal_code);
    return Contains(zone, destination);
  };
  CHECK(served("BR", "20040-002"));
  CHECK(served("BR", "01000-000"));
  CHECK(served("BR", "05999 999"));
  CHECK_FALSE(served("BR", "06000-000"));
  CHECK_FALSE(served("BR", "01310-100"));
  CHECK_FALSE(served("PT", "2004"));
  CHECK_FALSE(served("BR", "010"));
  CHECK_FALSE(served("BR", ""));
  zone.Clear();
  zone.add_region_codes("GB");
  CHECK(served("GB", ""));
  CHECK(NormalPostalCode("sw1a 1-aa") == "SW1A1AA");
}

TEST_CASE("whatever is defined in whatever order, the owner stays and versions grow by one") {
  v1::DeliveryProfile changed = ParcelProfile();
  changed.set_display_name("More");
  v1::DeliveryProfile stolen = changed;
  stolen.set_seller_id("s-2");
  testing::Explorer<DeliveryProfile> explorer(Noon());
  explorer.Add("new", New());
  explorer.Add("the first again", Change(ParcelProfile()));
  explorer.Add("change", Change(changed));
  explorer.Add("steal", Change(stolen));
  explorer.AddWait("an hour", absl::Hours(1));
  explorer.CheckTransition([](const State& before, const State& after, const std::string& path) {
    const bool good = after.profile().seller_id() == "s" && CheckProfile(after.profile()).empty() &&
                      after.profile().version() == before.profile().version() + 1;
    if (!good) FAIL(path);
  });
  CHECK(explorer.Run(6) > 500);
}

}  // namespace
}  // namespace souk::shipping
