#include "libs/base/uuid.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

#include "absl/time/clock.h"
#include "libs/base/big_endian.h"
#include "libs/base/check.h"
#include "libs/base/digest.h"

namespace souk {
namespace {

// Souk's name space, itself made at random once (version 4). Never changes.
constexpr std::string_view kNameSpace("\x5a\x1d\x0c\x7e\x94\x3b\x4f\x0e\xa2\x66\x18\xd1\x53\x9e\x70\xc4", 16);

std::string Format(std::array<unsigned char, 16> bytes, unsigned version) {
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fu) | version << 4);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fu) | 0x80u);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kDigits[bytes[i] >> 4]);
    text.push_back(kDigits[bytes[i] & 15]);
  }
  return text;
}

std::string Derive(std::initializer_list<std::string_view> parts) {
  std::size_t size = kNameSpace.size();
  for (const std::string_view part : parts) size += part.size();
  std::string input;
  input.reserve(size);
  input.append(kNameSpace);
  for (const std::string_view part : parts) input.append(part);
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  Digest<EVP_sha1>(input, digest.data());
  std::array<unsigned char, 16> bytes{};
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  return Format(bytes, 5);
}

}  // namespace

std::string DerivedUuid(std::string_view name) { return Derive({name}); }

std::string DerivedUuid(std::string_view kind, std::string_view name, std::string_view detail) {
  constexpr std::string_view kEnd("\0", 1);
  return Derive({kind, kEnd, name, kEnd, detail});
}

std::string TimedUuid(absl::Time time, std::uint64_t entropy_high, std::uint64_t entropy_low) {
  const std::uint64_t high =
      static_cast<std::uint64_t>(absl::ToUnixMillis(time)) << 16 | (entropy_high & 0xffff);
  std::array<unsigned char, 16> bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<unsigned char>(high >> (56 - 8 * i) & 0xff);
    bytes[8 + i] = static_cast<unsigned char>(entropy_low >> (56 - 8 * i) & 0xff);
  }
  return Format(bytes, 7);
}

std::string RandomIds::NewId() {
  std::array<unsigned char, 16> random{};
  SOUK_CHECK(RAND_bytes(random.data(), random.size()) == 1, "the system has no random source");
  const std::string_view view(reinterpret_cast<const char*>(random.data()), random.size());
  return TimedUuid(absl::Now(), ReadBigEndian<std::uint64_t>(view),
                   ReadBigEndian<std::uint64_t>(view.substr(8)));
}

}  // namespace souk
