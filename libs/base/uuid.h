// UUIDs (RFC 9562), as lower-case text of 36 characters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace souk {

// Version 5 within Souk's own name space: the same name gives the same UUID, always.
// Names are joined by a character that ids cannot contain, so that ("a","bc") and
// ("ab","c") differ. This is what makes effects, requests and deliveries idempotent.
std::string DerivedUuid(std::string_view name);
std::string DerivedUuid(std::string_view kind, std::string_view name, std::string_view detail = "");

// Version 7: the milliseconds of `time` first, then bits of `entropy`.
std::string TimedUuid(absl::Time time, std::uint64_t entropy_high, std::uint64_t entropy_low);

// Makes ids that nothing else has. An interface, so that a simulation repeats.
class IdGenerator {
 public:
  virtual ~IdGenerator() = default;
  // A UUID of version 7. Thread-safe.
  virtual std::string NewId() = 0;
};

// From the system's clock and random source.
class RandomIds final : public IdGenerator {
 public:
  std::string NewId() override;
};

}  // namespace souk
