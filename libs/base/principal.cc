#include "libs/base/principal.h"

#include <array>
#include <utility>

#include "libs/base/hash.h"
#include "libs/base/strong_id.h"

namespace souk {
namespace {

constexpr std::array<std::pair<Principal::Kind, std::string_view>, 5> kNames = {{
    {Principal::Kind::kGuest, "guest"},
    {Principal::Kind::kBuyer, "buyer"},
    {Principal::Kind::kSeller, "seller"},
    {Principal::Kind::kOperator, "operator"},
    {Principal::Kind::kService, "service"},
}};

constexpr std::string_view kGuestIdPrefix = "guest:";

// What keeps the digits apart from those of the same bytes hashed for anything else. Never
// changes: they are in logs.
constexpr std::string_view kGuestIdDomain("souk guest id\0", 14);

// 128 bits: no two guests have the same, and nobody finds a token by trying, as long as the
// token is as long as that, too.
constexpr std::size_t kGuestIdBytes = 16;

std::string DigitsOfToken(std::string_view token) {
  std::string input(kGuestIdDomain);
  input.append(token);
  return ToHex(Sha256(input).substr(0, kGuestIdBytes));
}

}  // namespace

std::string ToString(const Principal& principal) {
  for (const auto& [kind, name] : kNames) {
    if (kind == principal.kind) return std::string(name) + "/" + principal.id;
  }
  return "";
}

StatusOr<Principal> ParsePrincipal(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view kind_name = text.substr(0, slash);
  const std::string_view id = slash == std::string_view::npos ? "" : text.substr(slash + 1);
  for (const auto& [kind, name] : kNames) {
    if (kind_name != name) continue;
    if (kind != Principal::Kind::kGuest || !id.empty()) RETURN_IF_ERROR(CheckId("principal", id));
    return Principal{kind, std::string(id)};
  }
  return InvalidField("x-souk-principal",
                      "must be buyer/ID, seller/ID, operator/NAME, service/NAME or guest/TOKEN");
}

std::string BuyerIdOf(const Principal& principal) {
  if (principal.id.empty()) return "";
  if (principal.kind == Principal::Kind::kBuyer) return principal.id;
  if (principal.kind == Principal::Kind::kGuest) {
    return std::string(kGuestIdPrefix) + DigitsOfToken(principal.id);
  }
  return "";
}

std::string ActorOf(const Principal& principal) {
  if (principal.kind != Principal::Kind::kGuest || principal.id.empty()) return ToString(principal);
  return ActorOfBuyer(BuyerIdOf(principal));
}

std::string ActorOfBuyer(std::string_view buyer_id) {
  if (!IsGuestId(buyer_id)) return "buyer/" + std::string(buyer_id);
  return "guest/" + std::string(buyer_id.substr(kGuestIdPrefix.size()));
}

bool IsGuestId(std::string_view buyer_id) { return buyer_id.starts_with(kGuestIdPrefix); }

}  // namespace souk
