#include "libs/base/money.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "libs/base/check.h"

namespace souk {
namespace {

// Currencies whose minor unit is not a hundredth.
constexpr std::string_view kNoDigits[] = {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
                                          "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::string_view kThreeDigits[] = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};
constexpr std::string_view kTwoDigits[] = {
    "AED", "ARS", "AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "COP", "CZK", "DKK", "EGP",
    "EUR", "GBP", "GEL", "HKD", "HUF", "IDR", "ILS", "INR", "KES", "KZT", "LKR", "MAD",
    "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN", "QAR", "RON", "RSD",
    "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "UYU", "ZAR"};

template <std::size_t N>
bool Contains(const std::string_view (&codes)[N], std::string_view code) {
  return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

}  // namespace

StatusOr<int> MinorUnitDigits(std::string_view currency_code) {
  if (Contains(kTwoDigits, currency_code)) return 2;
  if (Contains(kNoDigits, currency_code)) return 0;
  if (Contains(kThreeDigits, currency_code)) return 3;
  return InvalidField("currency_code", "must be a known ISO 4217 code, such as EUR");
}

std::string ToString(const Money& money) {
  const int digits = MinorUnitDigits(money.currency_code).value_or(2);
  std::string number = std::to_string(std::abs(money.minor_units));
  if (digits > 0) {
    const auto places = static_cast<std::size_t>(digits);
    if (number.size() <= places) number.insert(0, places + 1 - number.size(), '0');
    number.insert(number.size() - places, ".");
  }
  return money.currency_code + " " + (money.minor_units < 0 ? "-" : "") + number;
}

std::int64_t BasisPoints(std::int64_t minor_units, std::int64_t basis_points) {
  const __int128 exact = static_cast<__int128>(minor_units) * basis_points;
  const __int128 magnitude = exact < 0 ? -exact : exact;
  auto quotient = static_cast<std::int64_t>(magnitude / 10000);
  const auto rest = static_cast<std::int64_t>(magnitude % 10000);
  if (rest > 5000 || (rest == 5000 && quotient % 2 != 0)) ++quotient;
  return exact < 0 ? -quotient : quotient;
}

std::vector<std::int64_t> Allocate(std::int64_t total, const std::vector<std::int64_t>& weights) {
  SOUK_CHECK(total >= 0, "cannot allocate a negative amount");
  if (weights.empty()) return {};
  std::vector<std::int64_t> parts_of = weights;
  __int128 sum = std::accumulate(parts_of.begin(), parts_of.end(), __int128{0});
  if (sum == 0) {
    parts_of.assign(parts_of.size(), 1);
    sum = static_cast<__int128>(parts_of.size());
  }
  std::vector<std::int64_t> shares(parts_of.size());
  std::vector<std::pair<__int128, std::size_t>> remainders;
  std::int64_t rest = total;
  for (std::size_t i = 0; i < parts_of.size(); ++i) {
    SOUK_CHECK(parts_of[i] >= 0, "weights cannot be negative");
    const __int128 exact = static_cast<__int128>(total) * parts_of[i];
    shares[i] = static_cast<std::int64_t>(exact / sum);
    rest -= shares[i];
    remainders.emplace_back(exact % sum, i);
  }
  std::sort(remainders.begin(), remainders.end(), [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  for (std::size_t i = 0; rest > 0; ++i, --rest) ++shares[remainders[i].second];
  return shares;
}

}  // namespace souk
