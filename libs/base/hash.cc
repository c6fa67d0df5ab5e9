#include "libs/base/hash.h"

#include <openssl/sha.h>

#include "libs/base/big_endian.h"
#include "libs/base/digest.h"

namespace souk {

std::string Sha256(std::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  Digest<EVP_sha256>(bytes, reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string ToHex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    hex.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    hex.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
  return hex;
}

std::uint64_t Fingerprint(std::string_view bytes) {
  const auto value = ReadBigEndian<std::uint64_t>(Sha256(bytes));
  return value == 0 ? 1 : value;
}

}  // namespace souk
