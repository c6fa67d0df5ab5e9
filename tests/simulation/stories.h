// The stories of soukctl, told to a simulated store by the shipped code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "tests/simulation/world.h"

namespace souk::simulation {

// When a world of recorded orders begins: before the first of the public dataset.
inline const absl::Time kImportStart = absl::FromCivil(absl::CivilDay(2016, 9, 1), absl::UTCTimeZone());

// NOT_FOUND for a story that there is not.
Status CheckStory(const std::string& name);
// `soukctl demo`.
Story QuickStart(std::uint64_t seed);
// `soukctl import olist` of the first orders of a folder; what is told is the report.
Story RecordedOrders(std::string folder, std::size_t orders_max);

}  // namespace souk::simulation
