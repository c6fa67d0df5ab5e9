#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/str_format.h"
#include "libs/base/form_text.h"
#include "libs/base/money.h"
#include "libs/base/strong_id.h"
#include "services/shipping/date.h"
#include "services/shipping/delivery_profile.h"
#include "services/shipping/promise.h"
#include "services/shipping/zone.h"

namespace souk::shipping {
namespace {

constexpr std::size_t kNameMax = 100;         // Bytes.
constexpr std::size_t kPostalCodeMax = 20;    // Bytes.
constexpr std::size_t kPickupPlaceMax = 500;  // Bytes.
constexpr int kRegionsMax = 300;              // ISO 3166-1 has 249.

// Nothing, or one line that is not too long.
bool IsName(std::string_view text) { return text.empty() || (text.size() <= kNameMax && IsOneLine(text)); }

class Checker {
 public:
  void Require(bool ok, const std::string& field, std::string_view description) {
    if (!ok) violations_.push_back({field, std::string(description)});
  }

  void CheckRange(int low, int low_limit, int high, int high_limit, const std::string& field) {
    Require(low_limit <= low && low <= high && high <= high_limit, field,
            absl::StrFormat("must be %d to %d, the least not above the most", low_limit, high_limit));
  }

  void CheckCalendar(const v1::BusinessCalendar& calendar, const std::string& field) {
    Require(calendar.weekdays_size() <= 7, field + ".weekdays", "are too many");
    for (const int weekday : calendar.weekdays()) {
      Require(1 <= weekday && weekday <= 7, field + ".weekdays", "must be 1 (Monday) to 7 (Sunday)");
    }
    Require(calendar.holidays_size() <= kHolidaysMax, field + ".holidays", "are too many");
    const bool dates = std::all_of(calendar.holidays().begin(), calendar.holidays().end(), IsDate);
    Require(dates, field + ".holidays", "must be complete dates that exist");
  }

  void CheckCost(const v1::CostRule& cost, const std::string& field) {
    std::string currency;
    const auto check = [&](bool present, const type::v1::Money& money, const std::string& name,
                           std::int64_t limit = kCostMax) {
      if (!present) return;
      Require(0 <= money.minor_units() && money.minor_units() <= limit, field + name, "is out of range");
      Require(MinorUnitDigits(money.currency_code()).ok(), field + name, "must be in a currency of ISO 4217");
      Require(currency.empty() || currency == money.currency_code(), field + name,
              "must be in the same currency as the others");
      if (currency.empty()) currency = money.currency_code();
    };
    check(cost.has_flat(), cost.flat(), ".flat");
    check(cost.has_per_item(), cost.per_item(), ".per_item");
    check(cost.has_per_kilogram(), cost.per_kilogram(), ".per_kilogram");
    check(cost.has_free_over(), cost.free_over(), ".free_over", kPriceMax);
  }

  void CheckOption(const v1::DeliveryOption& option, const std::string& field) {
    Require(CheckId("option_id", option.option_id()).ok(), field + ".option_id", "is required, as an id");
    Require(IsOneLine(option.display_name()) && option.display_name().size() <= kNameMax,
            field + ".display_name", "is required, one line of up to 100 bytes");
    Require(IsName(option.carrier()) && IsName(option.carrier_service()), field + ".carrier",
            "must be one line of up to 100 bytes");
    CheckCost(option.cost(), field + ".cost");
    CheckRange(option.transit_days_min(), 0, option.transit_days_max(), kTransitDaysMax,
               field + ".transit_days");
    if (option.has_transit_calendar()) CheckCalendar(option.transit_calendar(), field + ".transit_calendar");
    Require(!option.pickup() || !option.pickup_place().empty(), field + ".pickup_place",
            "is required for pickup");
    Require(option.pickup_place().size() <= kPickupPlaceMax, field + ".pickup_place", "is too long");
    Require(option.weight_grams_max() >= 0, field + ".weight_grams_max", "must not be negative");
  }

  void CheckPostalRules(const v1::DeliveryZone& zone, const std::string& field) {
    Require(zone.postal_prefixes_size() <= kPostalRulesMax && zone.postal_ranges_size() <= kPostalRulesMax &&
                zone.excluded_postal_prefixes_size() <= kPostalRulesMax,
            field, "has too many postal rules");
    const auto named = [](const std::string& prefix) {
      return prefix.size() <= kPostalCodeMax && !NormalPostalCode(prefix).empty();
    };
    Require(std::all_of(zone.postal_prefixes().begin(), zone.postal_prefixes().end(), named),
            field + ".postal_prefixes", "must be 1 to 20 bytes");
    Require(
        std::all_of(zone.excluded_postal_prefixes().begin(), zone.excluded_postal_prefixes().end(), named),
        field + ".excluded_postal_prefixes", "must be 1 to 20 bytes");
    for (const v1::PostalRange& range : zone.postal_ranges()) {
      const std::string first = NormalPostalCode(range.first());
      const std::string last = NormalPostalCode(range.last());
      const bool ordered = !first.empty() && first.size() == last.size() && first <= last;
      Require(ordered && last.size() <= kPostalCodeMax, field + ".postal_ranges",
              "must have a first and a last of equal length, up to 20 bytes, in this order");
    }
  }

  void CheckZone(const v1::DeliveryZone& zone, const std::string& field) {
    Require(IsName(zone.display_name()), field + ".display_name", "must be one line of up to 100 bytes");
    Require(!zone.region_codes().empty() && zone.region_codes_size() <= kRegionsMax, field + ".region_codes",
            "name at least one country, and none twice");
    for (const std::string& region : zone.region_codes()) {
      const bool letters = region.size() == 2 && std::all_of(region.begin(), region.end(),
                                                             [](char c) { return 'A' <= c && c <= 'Z'; });
      Require(letters, field + ".region_codes", "must be two capital letters of ISO 3166-1");
    }
    CheckPostalRules(zone, field);
    Require(!zone.options().empty() && zone.options_size() <= kOptionsMax, field + ".options",
            absl::StrFormat("must be 1 to %d", kOptionsMax));
    std::set<std::string> option_ids;
    for (int i = 0; i < zone.options_size(); ++i) {
      const std::string name = absl::StrFormat("%s.options[%d]", field, i);
      CheckOption(zone.options(i), name);
      Require(option_ids.insert(zone.options(i).option_id()).second, name + ".option_id", "is there twice");
    }
  }

  std::vector<FieldViolation> Take() { return std::move(violations_); }

 private:
  std::vector<FieldViolation> violations_;
};

}  // namespace

std::vector<FieldViolation> CheckProfile(const v1::DeliveryProfile& profile) {
  Checker checker;
  checker.Require(IsName(profile.display_name()), "profile.display_name",
                  "must be one line of up to 100 bytes");
  checker.Require(FindTimeZone(profile.time_zone()).ok(), "profile.time_zone",
                  "must be a name of the IANA database, such as Europe/Berlin");
  checker.Require(0 <= profile.cutoff_minute_of_day() && profile.cutoff_minute_of_day() < 24 * 60,
                  "profile.cutoff_minute_of_day", "must be 0 to 1439");
  checker.CheckRange(profile.handling_days_min(), 0, profile.handling_days_max(), kHandlingDaysMax,
                     "profile.handling_days");
  checker.Require(0 <= profile.buffer_days() && profile.buffer_days() <= kBufferDaysMax,
                  "profile.buffer_days", absl::StrFormat("must be 0 to %d", kBufferDaysMax));
  checker.CheckCalendar(profile.calendar(), "profile.calendar");
  checker.Require(!profile.zones().empty() && profile.zones_size() <= kZonesMax, "profile.zones",
                  absl::StrFormat("must be 1 to %d", kZonesMax));
  for (int i = 0; i < profile.zones_size(); ++i) {
    checker.CheckZone(profile.zones(i), absl::StrFormat("profile.zones[%d]", i));
  }
  return checker.Take();
}

}  // namespace souk::shipping
