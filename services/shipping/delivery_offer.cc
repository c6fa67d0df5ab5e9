#include "services/shipping/delivery_offer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/money.h"
#include "libs/base/proto_time.h"
#include "libs/base/strong_id.h"
#include "services/shipping/delivery_profile.h"
#include "services/shipping/promise.h"
#include "services/shipping/zone.h"

namespace souk::shipping {
namespace {

using Lines = google::protobuf::RepeatedPtrField<v1::DeliveryLine>;

// The lines that one profile is for.
struct Group {
  const v1::DeliveryProfile* profile = nullptr;
  std::int64_t pieces = 0;
  std::int64_t weight_grams = 0;
  std::vector<const v1::DeliveryOption*> options;  // That are possible.
};

// What the whole purchase is worth.
struct Value {
  std::int64_t minor_units = 0;
  std::string currency_code;
};

// One way of one group.
struct Choice {
  const Group* group = nullptr;
  const v1::DeliveryOption* option = nullptr;
};

ComputedOffers Undeliverable(v1::UndeliverableReason reason, const std::string& profile_id) {
  return {.offers = {}, .reason = reason, .profile_id = profile_id};
}

// "" when the rule has no amount at all.
std::string CurrencyOf(const v1::CostRule& rule) {
  if (rule.has_flat()) return rule.flat().currency_code();
  if (rule.has_per_item()) return rule.per_item().currency_code();
  if (rule.has_per_kilogram()) return rule.per_kilogram().currency_code();
  return rule.free_over().currency_code();
}

type::v1::Money Amount(std::int64_t minor_units, const std::string& currency_code) {
  type::v1::Money money;
  money.set_minor_units(minor_units);
  money.set_currency_code(currency_code);
  return money;
}

std::int64_t CostOf(const Choice& choice, const Value& value) {
  return shipping::CostOf(choice.option->cost(), choice.group->pieces, choice.group->weight_grams,
                          value.minor_units);
}

// Keeps the options that carry the group in the currency of the purchase; the reason when
// none does.
v1::UndeliverableReason KeepPossible(Group& group, const v1::DeliveryZone& zone, const Value& value) {
  bool carried = false;
  for (const v1::DeliveryOption& option : zone.options()) {
    if (option.weight_grams_max() > 0 && group.weight_grams > option.weight_grams_max()) continue;
    carried = true;
    const std::string currency = CurrencyOf(option.cost());
    if (currency.empty() || currency == value.currency_code) group.options.push_back(&option);
  }
  if (!group.options.empty()) return v1::UNDELIVERABLE_REASON_UNSPECIFIED;
  return carried ? v1::UNDELIVERABLE_REASON_CURRENCY_MISMATCH : v1::UNDELIVERABLE_REASON_TOO_HEAVY;
}

// Delivery is free over the highest of the limits, if each choice has one.
void SetFreeOver(const std::vector<Choice>& choices, const Value& value, v1::DeliveryOffer& offer) {
  std::int64_t limit = 0;
  for (const Choice& choice : choices) {
    if (!choice.option->cost().has_free_over()) return;
    limit = std::max(limit, choice.option->cost().free_over().minor_units());
  }
  *offer.mutable_free_over() = Amount(limit, value.currency_code);
  if (value.minor_units < limit) {
    *offer.mutable_free_over_missing() = Amount(limit - value.minor_units, value.currency_code);
  }
}

// What buyers read. Details that the choices do not share are left out.
void SetNames(const std::vector<Choice>& choices, v1::DeliveryOffer& offer) {
  const v1::DeliveryOption& first = *choices.front().option;
  const bool same_option = std::all_of(choices.begin(), choices.end(), [&](const Choice& choice) {
    return choice.option->option_id() == first.option_id();
  });
  const bool same_carrier = std::all_of(choices.begin(), choices.end(), [&](const Choice& choice) {
    return choice.option->carrier() == first.carrier() &&
           choice.option->carrier_service() == first.carrier_service();
  });
  offer.set_option_id(same_option ? first.option_id() : kCombinedOptionId);
  offer.set_display_name(same_option ? first.display_name() : "Combined delivery");
  if (same_carrier) {
    offer.set_carrier(first.carrier());
    offer.set_carrier_service(first.carrier_service());
  }
  if (same_option) {
    offer.set_pickup(first.pickup());
    offer.set_pickup_place(first.pickup_place());
  }
}

StatusOr<ComputedOffer> Combine(const std::vector<Choice>& choices, const Value& value, absl::Time placed) {
  ComputedOffer computed;
  std::int64_t total = 0;
  std::vector<v1::DeliveryPromise> promises;
  for (const Choice& choice : choices) {
    const std::int64_t cost = CostOf(choice, value);
    total += cost;
    v1::QuotedProfile& part = computed.profiles.emplace_back();
    part.set_profile_id(choice.group->profile->profile_id());
    part.set_version(choice.group->profile->version());
    *part.mutable_cost() = Amount(cost, value.currency_code);
    ASSIGN_OR_RETURN(v1::DeliveryPromise promise,
                     ComputePromise(*choice.group->profile, *choice.option, placed));
    promises.push_back(std::move(promise));
  }
  SetNames(choices, computed.offer);
  SetFreeOver(choices, value, computed.offer);
  const v1::DeliveryPromise promise = Slowest(promises);
  *computed.offer.mutable_cost() = Amount(total, value.currency_code);
  *computed.offer.mutable_ship_by_time() = promise.ship_by_time();
  *computed.offer.mutable_arrive_from() = promise.arrive_from();
  *computed.offer.mutable_arrive_until() = promise.arrive_until();
  computed.offer.set_time_zone(promise.time_zone());
  return computed;
}

const v1::DeliveryOption* FindOption(const Group& group, const std::string& option_id) {
  for (const v1::DeliveryOption* const option : group.options) {
    if (option->option_id() == option_id) return option;
  }
  return nullptr;
}

// The ways that all groups share; else the combination of the cheapest ones.
std::vector<std::vector<Choice>> ChoicesFor(const std::vector<Group>& groups, const Value& value) {
  std::vector<std::vector<Choice>> ways;
  for (const v1::DeliveryOption* const option : groups.front().options) {
    std::vector<Choice> choices;
    for (const Group& group : groups) {
      if (const v1::DeliveryOption* const same = FindOption(group, option->option_id())) {
        choices.push_back({&group, same});
      }
    }
    if (choices.size() == groups.size()) ways.push_back(std::move(choices));
  }
  if (!ways.empty()) return ways;
  std::vector<Choice>& cheapest = ways.emplace_back();
  for (const Group& group : groups) {
    Choice best{&group, group.options.front()};
    for (const v1::DeliveryOption* const option : group.options) {
      const Choice other{&group, option};
      if (CostOf(other, value) < CostOf(best, value)) best = other;
    }
    cheapest.push_back(best);
  }
  return ways;
}

bool IsCheaper(const ComputedOffer& a, const ComputedOffer& b) {
  return a.offer.cost().minor_units() < b.offer.cost().minor_units();
}

StatusOr<ComputedOffers> OffersToEveryZone(const Group& group, const Value& value, absl::Time placed) {
  ComputedOffers computed;
  for (const v1::DeliveryZone& zone : group.profile->zones()) {
    Group there = group;
    computed.reason = KeepPossible(there, zone, value);
    for (const v1::DeliveryOption* const option : there.options) {
      ASSIGN_OR_RETURN(ComputedOffer offer, Combine({{&there, option}}, value, placed));
      offer.offer.set_zone(zone.display_name());
      const auto behind = std::upper_bound(computed.offers.begin(), computed.offers.end(), offer, IsCheaper);
      computed.offers.insert(behind, std::move(offer));
    }
  }
  if (computed.offers.empty()) return Undeliverable(computed.reason, group.profile->profile_id());
  computed.reason = v1::UNDELIVERABLE_REASON_UNSPECIFIED;
  return computed;
}

}  // namespace

Status CheckLines(const Lines& lines) {
  std::vector<FieldViolation> violations;
  if (lines.empty() || lines.size() > kDeliveryLinesMax) {
    violations.push_back({"lines", absl::StrFormat("must be 1 to %d", kDeliveryLinesMax)});
  }
  for (int i = 0; i < lines.size(); ++i) {
    const v1::DeliveryLine& line = lines[i];
    const std::string field = absl::StrFormat("lines[%d].", i);
    if (line.quantity() < 1 || line.quantity() > kPiecesMax) {
      violations.push_back({field + "quantity", absl::StrFormat("must be 1 to %d", kPiecesMax)});
    }
    if (line.weight_grams() < 0 || line.weight_grams() > kPieceGramsMax) {
      violations.push_back({field + "weight_grams", absl::StrFormat("must be 0 to %d", kPieceGramsMax)});
    }
    if (line.unit_price().minor_units() < 0 || line.unit_price().minor_units() > kPriceMax) {
      violations.push_back({field + "unit_price", "is out of range"});
    } else if (!MinorUnitDigits(line.unit_price().currency_code()).ok()) {
      violations.push_back({field + "unit_price", "must be in a currency of ISO 4217"});
    } else if (line.unit_price().currency_code() != lines[0].unit_price().currency_code()) {
      violations.push_back({field + "unit_price", "must be in the same currency as the others"});
    }
    if (!line.product_id().empty() && !CheckId("product_id", line.product_id()).ok()) {
      violations.push_back({field + "product_id", "is not an id"});
    }
    if (!CheckId("profile_id", line.profile_id()).ok()) {
      violations.push_back({field + "profile_id", "is required"});
    }
  }
  return InvalidFields(violations);
}

Status CheckDestination(const v1::Destination& destination) {
  constexpr std::size_t kRegionMax = 3, kPostalCodeMax = 20;  // Bytes.
  std::vector<FieldViolation> violations;
  if (destination.region_code().size() > kRegionMax) {
    violations.push_back({"destination.region_code", "must be a code of ISO 3166-1"});
  }
  if (destination.postal_code().size() > kPostalCodeMax) {
    violations.push_back({"destination.postal_code", "must be at most 20 bytes"});
  }
  return InvalidFields(violations);
}

StatusOr<ComputedOffers> ComputeOffers(const Lines& lines, const v1::Destination& destination,
                                       absl::Time placed, const FindProfile& find_profile) {
  Value value{.minor_units = 0, .currency_code = lines[0].unit_price().currency_code()};
  std::vector<Group> groups;
  for (const v1::DeliveryLine& line : lines) {
    auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& candidate) {
      return candidate.profile->profile_id() == line.profile_id();
    });
    if (group == groups.end()) {
      const v1::DeliveryProfile* const profile = find_profile(line.profile_id());
      if (profile == nullptr)
        return Undeliverable(v1::UNDELIVERABLE_REASON_PROFILE_UNKNOWN, line.profile_id());
      group = groups.insert(groups.end(), Group{.profile = profile});
    }
    group->pieces += line.quantity();
    group->weight_grams += std::int64_t{line.quantity()} * line.weight_grams();
    value.minor_units += line.quantity() * line.unit_price().minor_units();
  }

  if (destination.region_code().empty()) {
    if (groups.size() > 1) return InvalidField("destination", "is required for lines of several profiles");
    return OffersToEveryZone(groups.front(), value, placed);
  }
  for (Group& group : groups) {
    const std::string& profile_id = group.profile->profile_id();
    const v1::DeliveryZone* const zone = FindZone(*group.profile, destination);
    if (zone == nullptr) return Undeliverable(v1::UNDELIVERABLE_REASON_DESTINATION_NOT_SERVED, profile_id);
    const v1::UndeliverableReason reason = KeepPossible(group, *zone, value);
    if (reason != v1::UNDELIVERABLE_REASON_UNSPECIFIED) return Undeliverable(reason, profile_id);
  }
  ComputedOffers computed;
  for (const std::vector<Choice>& choices : ChoicesFor(groups, value)) {
    ASSIGN_OR_RETURN(ComputedOffer offer, Combine(choices, value, placed));
    computed.offers.push_back(std::move(offer));
  }
  return computed;
}

std::int64_t CostOf(const v1::CostRule& rule, std::int64_t pieces, std::int64_t weight_grams,
                    std::int64_t value) {
  if (rule.has_free_over() && value >= rule.free_over().minor_units()) return 0;
  const std::int64_t kilograms = (weight_grams + 999) / 1000;
  return rule.flat().minor_units() + rule.per_item().minor_units() * pieces +
         rule.per_kilogram().minor_units() * kilograms;
}

}  // namespace souk::shipping
