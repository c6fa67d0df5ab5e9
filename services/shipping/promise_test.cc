#include "services/shipping/promise.h"

#include <catch2/catch.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/testing/spec.h"
#include "services/shipping/date.h"

namespace souk::shipping {
namespace {

using testing::FromText;

// Orders before 14:00 in Berlin leave in 1 to 2 days and take 2 to 3.
v1::DeliveryProfile Berlin() {
  return FromText<v1::DeliveryProfile>(R"(
      time_zone: "Europe/Berlin" cutoff_minute_of_day: 840 handling_days_min: 1 handling_days_max: 2)");
}

v1::DeliveryOption Parcel() {
  return FromText<v1::DeliveryOption>("transit_days_min: 2 transit_days_max: 3");
}

absl::TimeZone Zone(const std::string& name) { return *FindTimeZone(name); }

// When `local`, such as "2026-03-02 13:59:59", is in `zone`.
absl::Time Local(const std::string& local, const std::string& zone = "Europe/Berlin") {
  absl::Time time;
  std::string error;
  INFO(local);
  REQUIRE(absl::ParseTime("%Y-%m-%d %H:%M:%S", local, Zone(zone), &time, &error));
  return time;
}

// "ship by | arrives from..until", in the profile's time zone.
std::string Promised(const v1::DeliveryProfile& profile, absl::Time placed,
                     const v1::DeliveryOption& option = Parcel()) {
  const StatusOr<v1::DeliveryPromise> promise = ComputePromise(profile, option, placed);
  REQUIRE(promise.ok());
  const auto day = [](const google::type::Date& date) { return absl::FormatCivilTime(FromProtoDate(date)); };
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", FromProto(promise->ship_by_time()),
                          Zone(profile.time_zone())) +
         " | " + day(promise->arrive_from()) + ".." + day(promise->arrive_until());
}

TEST_CASE("a promise counts business days from the day of the order") {
  // A Monday: ready on Tuesday or Wednesday; Tuesday + 2 = Thursday, Wednesday + 3 = Monday.
  CHECK(Promised(Berlin(), Local("2026-03-02 09:00:00")) == "2026-03-04 23:59:59 | 2026-03-05..2026-03-09");
}

TEST_CASE("after the cutoff the order counts as the next business day's") {
  CHECK(Promised(Berlin(), Local("2026-03-02 13:59:59")) == "2026-03-04 23:59:59 | 2026-03-05..2026-03-09");
  CHECK(Promised(Berlin(), Local("2026-03-02 14:00:00")) == "2026-03-05 23:59:59 | 2026-03-06..2026-03-10");
  v1::DeliveryProfile no_cutoff = Berlin();
  no_cutoff.set_cutoff_minute_of_day(0);
  CHECK(Promised(no_cutoff, Local("2026-03-02 23:59:59")) == "2026-03-04 23:59:59 | 2026-03-05..2026-03-09");
}

TEST_CASE("an order on a day off counts as the next business day's, whatever the hour") {
  const std::string monday = Promised(Berlin(), Local("2026-03-02 09:00:00"));
  CHECK(Promised(Berlin(), Local("2026-02-28 09:00:00")) == monday);
  CHECK(Promised(Berlin(), Local("2026-02-28 20:00:00")) == monday);
  CHECK(Promised(Berlin(), Local("2026-02-27 14:00:00")) == monday);
}

TEST_CASE("holidays and days off of seller and carrier are not counted") {
  v1::DeliveryProfile profile = Berlin();
  *profile.mutable_calendar()->add_holidays() = ToProtoDate(absl::CivilDay(2026, 3, 3));
  CHECK(Promised(profile, Local("2026-03-02 09:00:00")) == "2026-03-05 23:59:59 | 2026-03-06..2026-03-10");
  v1::DeliveryOption saturdays = Parcel();
  for (int day = 1; day <= 6; ++day) saturdays.mutable_transit_calendar()->add_weekdays(day);
  CHECK(Promised(Berlin(), Local("2026-03-02 09:00:00"), saturdays) ==
        "2026-03-04 23:59:59 | 2026-03-05..2026-03-07");
}

TEST_CASE("the seller's buffer moves the last day of arrival only") {
  v1::DeliveryProfile profile = Berlin();
  profile.set_buffer_days(2);
  CHECK(Promised(profile, Local("2026-03-02 09:00:00")) == "2026-03-04 23:59:59 | 2026-03-05..2026-03-11");
}

TEST_CASE("days are those of the seller's time zone") {
  v1::DeliveryProfile profile = Berlin();
  profile.set_time_zone("Asia/Tokyo");
  // Still Sunday in Berlin, Monday 08:00 in Tokyo.
  CHECK(Promised(profile, Local("2026-03-01 23:00:00", "UTC")) ==
        "2026-03-04 23:59:59 | 2026-03-05..2026-03-09");
}

TEST_CASE("a day has its last second whatever the clocks do") {
  const auto end = [](int year, int month, int day, const std::string& zone) {
    return absl::FormatTime(absl::RFC3339_sec, EndOfDay(absl::CivilDay(year, month, day), Zone(zone)),
                            Zone(zone));
  };
  CHECK(end(2026, 3, 29, "Europe/Berlin") == "2026-03-29T23:59:59+02:00");   // 23 hours long.
  CHECK(end(2026, 10, 25, "Europe/Berlin") == "2026-10-25T23:59:59+01:00");  // 25 hours long.
  // Midnight of the 15th did not exist in Brazil; that of the 18th of February followed a
  // second 23:59:59.
  CHECK(end(2017, 10, 14, "America/Sao_Paulo") == "2017-10-14T23:59:59-03:00");
  CHECK(end(2018, 2, 17, "America/Sao_Paulo") == "2018-02-17T23:59:59-03:00");
  CHECK(end(2028, 2, 29, "Europe/Berlin") == "2028-02-29T23:59:59+01:00");
}

TEST_CASE("a leap day is a day like others") {
  CHECK(Promised(Berlin(), Local("2028-02-28 09:00:00")) == "2028-03-01 23:59:59 | 2028-03-02..2028-03-06");
  CHECK(Promised(Berlin(), Local("2028-02-29 09:00:00")) == "2028-03-02 23:59:59 | 2028-03-03..2028-03-07");
}

// A Brazilian seller whose holidays fall together, who works from Tuesday to Saturday.
v1::DeliveryProfile SaoPaulo() {
  v1::DeliveryProfile profile = FromText<v1::DeliveryProfile>(R"(
      time_zone: "America/Sao_Paulo" cutoff_minute_of_day: 720 handling_days_min: 0 handling_days_max: 3
      buffer_days: 1 calendar { weekdays: [2, 3, 4, 5, 6] })");
  for (int day = 20; day <= 31; ++day) {
    *profile.mutable_calendar()->add_holidays() = ToProtoDate(absl::CivilDay(2017, 12, day));
  }
  return profile;
}

TEST_CASE("who orders later is never promised to be served earlier") {
  for (const v1::DeliveryProfile& profile : {Berlin(), SaoPaulo()}) {
    v1::DeliveryPromise before;
    // Every half hour through both changes of the clocks, a new year and a leap day.
    for (const auto& [from, until] : {std::tuple{"2017-09-20 00:00:00", "2018-03-31 00:00:00"},
                                      std::tuple{"2028-02-20 00:00:00", "2028-04-02 00:00:00"}}) {
      before.Clear();
      for (absl::Time placed = Local(from); placed < Local(until); placed += absl::Minutes(30)) {
        const v1::DeliveryPromise promise = *ComputePromise(profile, Parcel(), placed);
        const auto key = [](const v1::DeliveryPromise& p) {
          return std::make_tuple(FromProto(p.ship_by_time()), FromProtoDate(p.arrive_from()),
                                 FromProtoDate(p.arrive_until()));
        };
        const auto [ship_by, arrive_from, arrive_until] = key(promise);
        const Calendar calendar(profile.calendar());
        const bool good = ship_by > placed && arrive_from <= arrive_until &&
                          calendar.IsBusinessDay(arrive_from) && calendar.IsBusinessDay(arrive_until) &&
                          calendar.IsBusinessDay(absl::ToCivilDay(ship_by, Zone(profile.time_zone()))) &&
                          (!before.has_ship_by_time() ||
                           (std::get<0>(key(before)) <= ship_by && std::get<1>(key(before)) <= arrive_from &&
                            std::get<2>(key(before)) <= arrive_until));
        if (!good) FAIL(profile.time_zone() << ", placed " << absl::FormatTime(placed));
        before = promise;
      }
    }
  }
}

TEST_CASE("parcels that go together are as slow as the slowest") {
  const v1::DeliveryPromise late = *ComputePromise(Berlin(), Parcel(), Local("2026-03-04 09:00:00"));
  v1::DeliveryOption letter = FromText<v1::DeliveryOption>("transit_days_min: 1 transit_days_max: 9");
  v1::DeliveryProfile at_once = SaoPaulo();
  at_once.set_handling_days_max(0);
  const v1::DeliveryPromise early = *ComputePromise(at_once, letter, Local("2026-03-02 09:00:00"));
  const v1::DeliveryPromise both = Slowest({early, late});
  CHECK(both.ship_by_time().seconds() == late.ship_by_time().seconds());
  CHECK(both.time_zone() == "Europe/Berlin");
  CHECK(FromProtoDate(both.arrive_from()) == FromProtoDate(late.arrive_from()));
  CHECK(FromProtoDate(both.arrive_until()) == FromProtoDate(early.arrive_until()));
}

TEST_CASE("a time zone has a name of the IANA database") {
  CHECK(FindTimeZone("America/Argentina/Buenos_Aires").ok());
  CHECK(FindTimeZone("Etc/GMT+5").ok());
  for (const char* const name : {"", "Berlin", "Europe/Atlantis", "localtime", "/etc/passwd", "../UTC",
                                 "Fixed/UTC+01:00:00", "Europe/Berlin\n"}) {
    INFO(name);
    CHECK(absl::IsInvalidArgument(FindTimeZone(name).status()));
  }
}

}  // namespace
}  // namespace souk::shipping
