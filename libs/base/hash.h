// Digests. SHA-256 is what the log is chained with; a fingerprint tells whether a
// repeated request has the same content.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace souk {

inline constexpr std::size_t kSha256Bytes = 32;

// The bytes of SHA-256 (FIPS 180-4).
std::string Sha256(std::string_view bytes);

std::string ToHex(std::string_view bytes);

// The first 8 bytes of SHA-256, never 0: 0 means "not known".
std::uint64_t Fingerprint(std::string_view bytes);

// FNV-1a, 64 bits (Fowler, Noll, Vo). Stable for ever: it decides which partition an
// aggregate lives in.
constexpr std::uint64_t Fnv1a(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace souk
