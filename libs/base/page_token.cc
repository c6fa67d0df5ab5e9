#include "libs/base/page_token.h"

#include "absl/strings/escaping.h"
#include "libs/base/big_endian.h"
#include "libs/base/hash.h"

namespace souk {

StatusOr<std::int32_t> PageSize(std::int32_t requested) {
  if (requested < 0) return InvalidField("page_size", "must not be negative");
  if (requested == 0) return kPageSizeDefault;
  return std::min(requested, kPageSizeMax);
}

std::string EncodePageToken(std::string_view query, std::string_view last_key) {
  std::string bytes;
  AppendBigEndian(bytes, Fingerprint(query));
  bytes.append(last_key);
  return absl::WebSafeBase64Escape(bytes);
}

StatusOr<std::string> DecodePageToken(std::string_view query, std::string_view token) {
  if (token.empty()) return std::string();
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(absl::string_view(token.data(), token.size()), &bytes) ||
      bytes.size() < sizeof(std::uint64_t)) {
    return InvalidField("page_token", "is damaged; use next_page_token of the page before as it is");
  }
  if (ReadBigEndian<std::uint64_t>(bytes) != Fingerprint(query)) {
    return InvalidField("page_token", "belongs to another query; repeat the request of the page before");
  }
  return bytes.substr(sizeof(std::uint64_t));
}

}  // namespace souk
