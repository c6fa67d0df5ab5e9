#include "services/shipping/zone.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace souk::shipping {
namespace {

bool BeginsWithAny(const std::string& postal_code,
                   const google::protobuf::RepeatedPtrField<std::string>& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](const std::string& prefix) {
    return postal_code.rfind(NormalPostalCode(prefix), 0) == 0;
  });
}

bool InAnyRange(const std::string& postal_code,
                const google::protobuf::RepeatedPtrField<v1::PostalRange>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const v1::PostalRange& range) {
    const std::string first = NormalPostalCode(range.first());
    const std::string last = NormalPostalCode(range.last());
    if (postal_code.size() < last.size()) return false;
    const std::string begin = postal_code.substr(0, last.size());
    return first <= begin && begin <= last;
  });
}

}  // namespace

std::string NormalPostalCode(std::string_view postal_code) {
  std::string normal;
  for (const char c : postal_code) {
    if (c != ' ' && c != '-') normal.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
  }
  return normal;
}

bool Contains(const v1::DeliveryZone& zone, const v1::Destination& destination) {
  const auto& regions = zone.region_codes();
  if (std::find(regions.begin(), regions.end(), destination.region_code()) == regions.end()) return false;
  const std::string postal_code = NormalPostalCode(destination.postal_code());
  if (BeginsWithAny(postal_code, zone.excluded_postal_prefixes())) return false;
  if (zone.postal_prefixes().empty() && zone.postal_ranges().empty()) return true;
  return BeginsWithAny(postal_code, zone.postal_prefixes()) || InAnyRange(postal_code, zone.postal_ranges());
}

const v1::DeliveryZone* FindZone(const v1::DeliveryProfile& profile, const v1::Destination& destination) {
  for (const v1::DeliveryZone& zone : profile.zones()) {
    if (Contains(zone, destination)) return &zone;
  }
  return nullptr;
}

}  // namespace souk::shipping
