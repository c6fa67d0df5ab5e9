#include "services/shipping/promise.h"

#include <algorithm>

#include "libs/base/proto_time.h"
#include "services/shipping/date.h"

namespace souk::shipping {

Calendar::Calendar(const v1::BusinessCalendar& calendar) {
  if (calendar.weekdays().empty()) {
    std::fill_n(works_on_, 5, true);
  }
  for (const int weekday : calendar.weekdays()) works_on_[(weekday + 6) % 7] = true;
  for (const google::type::Date& holiday : calendar.holidays()) holidays_.push_back(FromProtoDate(holiday));
  std::sort(holidays_.begin(), holidays_.end());
}

bool Calendar::IsBusinessDay(absl::CivilDay day) const {
  const int weekday = static_cast<int>(absl::GetWeekday(day));  // Monday is 0.
  return works_on_[weekday] && !std::binary_search(holidays_.begin(), holidays_.end(), day);
}

absl::CivilDay Calendar::OnOrAfter(absl::CivilDay day) const {
  while (!IsBusinessDay(day)) ++day;  // Ends: some weekday is worked on, and holidays are finite.
  return day;
}

absl::CivilDay Calendar::Add(absl::CivilDay day, int days) const {
  day = OnOrAfter(day);
  for (; days > 0; --days) day = OnOrAfter(day + 1);
  return day;
}

StatusOr<absl::TimeZone> FindTimeZone(const std::string& name) {
  // Abseil would also take paths and names of its own, which are not portable.
  constexpr char kAllowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
  absl::TimeZone zone;
  const bool plausible = !name.empty() && name.front() != '/' && name.rfind("Fixed/", 0) != 0 &&
                         name != "localtime" && name.find_first_not_of(kAllowed) == std::string::npos;
  if (!plausible || !absl::LoadTimeZone(name, &zone)) {
    return InvalidArgument("unknown time zone \"%s\"; use a name such as Europe/Berlin", name);
  }
  return zone;
}

absl::Time EndOfDay(absl::CivilDay day, absl::TimeZone zone) {
  return absl::FromCivil(day + 1, zone) - absl::Seconds(1);
}

StatusOr<v1::DeliveryPromise> ComputePromise(const v1::DeliveryProfile& profile,
                                             const v1::DeliveryOption& option, absl::Time placed) {
  ASSIGN_OR_RETURN(const absl::TimeZone zone, FindTimeZone(profile.time_zone()));
  const Calendar seller(profile.calendar());
  const Calendar carrier(option.has_transit_calendar() ? option.transit_calendar() : profile.calendar());

  const absl::CivilSecond local = absl::ToCivilSecond(placed, zone);
  const int minute_of_day = local.hour() * 60 + local.minute();
  const absl::CivilDay today(local);
  const bool too_late = profile.cutoff_minute_of_day() > 0 && minute_of_day >= profile.cutoff_minute_of_day();
  const absl::CivilDay start = seller.OnOrAfter(too_late && seller.IsBusinessDay(today) ? today + 1 : today);

  const absl::CivilDay dispatch_first = seller.Add(start, profile.handling_days_min());
  const absl::CivilDay dispatch_last = seller.Add(start, profile.handling_days_max());
  v1::DeliveryPromise promise;
  *promise.mutable_ship_by_time() = ToProto(EndOfDay(dispatch_last, zone));
  *promise.mutable_arrive_from() = ToProtoDate(carrier.Add(dispatch_first, option.transit_days_min()));
  *promise.mutable_arrive_until() =
      ToProtoDate(carrier.Add(dispatch_last, option.transit_days_max() + profile.buffer_days()));
  promise.set_time_zone(profile.time_zone());
  return promise;
}

v1::DeliveryPromise Slowest(const std::vector<v1::DeliveryPromise>& promises) {
  v1::DeliveryPromise slowest = promises.front();
  for (const v1::DeliveryPromise& promise : promises) {
    if (FromProto(promise.ship_by_time()) > FromProto(slowest.ship_by_time())) {
      *slowest.mutable_ship_by_time() = promise.ship_by_time();
      slowest.set_time_zone(promise.time_zone());
    }
    if (FromProtoDate(promise.arrive_from()) > FromProtoDate(slowest.arrive_from())) {
      *slowest.mutable_arrive_from() = promise.arrive_from();
    }
    if (FromProtoDate(promise.arrive_until()) > FromProtoDate(slowest.arrive_until())) {
      *slowest.mutable_arrive_until() = promise.arrive_until();
    }
  }
  return slowest;
}

}  // namespace souk::shipping
