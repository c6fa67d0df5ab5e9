// Amounts of money: integer minor units of one currency. Never a float, never
// converted silently.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"

namespace souk {

struct Money {
  std::int64_t minor_units = 0;
  std::string currency_code;  // ISO 4217.

  friend bool operator==(const Money&, const Money&) = default;
};

// Digits after the decimal point: 2 for EUR, 0 for JPY, 3 for KWD. INVALID_ARGUMENT
// for a code that is not in the table. Source: ISO 4217, list one.
StatusOr<int> MinorUnitDigits(std::string_view currency_code);

// "EUR 12.50", "JPY 1250".
std::string ToString(const Money& money);

// `part` of `whole` in basis points (1/10000), rounded half to even.
std::int64_t BasisPoints(std::int64_t minor_units, std::int64_t basis_points);

// Splits `total` in proportion to `weights` by the largest remainder; ties go to the
// earlier one. The parts sum to `total`, each within 1 of its exact share. All weights
// zero: equal shares. `total` and weights must not be negative.
std::vector<std::int64_t> Allocate(std::int64_t total, const std::vector<std::int64_t>& weights);

}  // namespace souk
