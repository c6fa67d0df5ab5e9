#include "libs/base/principal.h"

#include <array>
#include <utility>

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
  if (principal.kind == Principal::Kind::kGuest) return "guest:" + principal.id;
  return "";
}

}  // namespace souk
