#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace souk::load {

// Counts durations in buckets that are 1/64 of their size wide, from a nanosecond to
// hours, so that a quantile is right to 2 %. The layout is that of HdrHistogram.
class Histogram {
 public:
  void Add(std::uint64_t nanoseconds) {
    ++counts_[Index(nanoseconds)];
    ++total_;
  }

  std::uint64_t total() const { return total_; }

  // The duration that a share `q` (0 to 1) of all does not exceed, in microseconds.
  double QuantileUs(double q) const {
    const auto rank = static_cast<std::uint64_t>(q * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen > rank) return static_cast<double>(Value(i)) / 1000;
    }
    return 0;
  }

 private:
  static constexpr int kSubBits = 6;
  static constexpr std::uint64_t kSub = 1 << kSubBits;

  static std::size_t Index(std::uint64_t value) {
    if (value < kSub) return value;
    const int shift = static_cast<int>(std::bit_width(value)) - 1 - kSubBits;
    return static_cast<std::size_t>(static_cast<std::uint64_t>(shift + 1) * kSub + (value >> shift) - kSub);
  }
  static std::uint64_t Value(std::size_t index) {
    if (index < kSub) return index;
    const std::size_t shift = index / kSub - 1;
    return (index % kSub + kSub) << shift;
  }

  std::array<std::uint64_t, (64 - kSubBits + 1) * kSub> counts_{};
  std::uint64_t total_ = 0;
};

}  // namespace souk::load
