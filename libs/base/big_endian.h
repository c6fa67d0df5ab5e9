// Unsigned integers as big-endian bytes, so that keys sort as numbers do.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace souk {

template <typename T>
void AppendBigEndian(std::string& out, T value) {
  static_assert(std::is_unsigned_v<T>);
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift & 0xff));
  }
}

// The number at the start of `bytes`, which must be long enough.
template <typename T>
T ReadBigEndian(std::string_view bytes) {
  static_assert(std::is_unsigned_v<T>);
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[i]));
  }
  return value;
}

}  // namespace souk
