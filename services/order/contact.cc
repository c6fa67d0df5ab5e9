#include "services/order/contact.h"

#include <algorithm>
#include <vector>

#include "libs/base/card_number.h"
#include "libs/base/form_text.h"

namespace souk::order {
namespace {

// Of one field, in bytes: enough for any address, and not for an essay.
constexpr std::size_t kFieldSizeMax = 200;
constexpr int kAddressLinesMax = 5;
constexpr std::size_t kContactBytesMax = 4000;

bool IsRegionCode(std::string_view text) {
  return text.size() == 2 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// No control characters: they have no place in an address, nor in the head of a mail.
bool IsPlainText(std::string_view text) {
  return text.size() <= kFieldSizeMax &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

// Sellers see all of it, and may not see what pays.
Status CheckNoCardNumbers(const v1::Contact& contact) {
  const google::type::PostalAddress& address = contact.address();
  const auto check = [](std::string_view field, std::string_view text) {
    return CheckNoCardNumber("contact." + std::string(field), text);
  };
  RETURN_IF_ERROR(check("contact_name", contact.contact_name()));
  RETURN_IF_ERROR(check("email", contact.email()));
  RETURN_IF_ERROR(check("address.language_code", address.language_code()));
  RETURN_IF_ERROR(check("address.postal_code", address.postal_code()));
  RETURN_IF_ERROR(check("address.sorting_code", address.sorting_code()));
  RETURN_IF_ERROR(check("address.administrative_area", address.administrative_area()));
  RETURN_IF_ERROR(check("address.locality", address.locality()));
  RETURN_IF_ERROR(check("address.sublocality", address.sublocality()));
  RETURN_IF_ERROR(check("address.organization", address.organization()));
  for (const std::string& line : address.address_lines())
    RETURN_IF_ERROR(check("address.address_lines", line));
  for (const std::string& name : address.recipients()) RETURN_IF_ERROR(check("address.recipients", name));
  return OkStatus();
}

}  // namespace

Status CheckContact(const v1::Contact& contact) {
  std::vector<FieldViolation> violations;
  const auto required = [&](std::string field, std::string_view value) {
    if (value.find_first_not_of(' ') == std::string_view::npos) {
      violations.push_back({field, "is required"});
    } else if (!IsPlainText(value)) {
      violations.push_back({field, "must be plain text of at most 200 bytes"});
    }
  };
  const google::type::PostalAddress& address = contact.address();
  if (!IsRegionCode(address.region_code())) {
    violations.push_back({"contact.address.region_code", "must be a country as two capital letters"});
  }
  required("contact.address.locality", address.locality());
  if (!IsPlainText(address.postal_code()))
    violations.push_back({"contact.address.postal_code", "must be plain text"});
  if (address.address_lines().empty() || address.address_lines_size() > kAddressLinesMax) {
    violations.push_back({"contact.address.address_lines", "must be 1 to 5 lines"});
  }
  for (const std::string& line : address.address_lines()) required("contact.address.address_lines", line);
  required("contact.contact_name", contact.contact_name());
  if (contact.ByteSizeLong() > kContactBytesMax) violations.push_back({"contact", "is too long"});
  if (!IsMailAddress(contact.email())) violations.push_back({"contact.email", "must be an e-mail address"});
  RETURN_IF_ERROR(InvalidFields(violations));
  return CheckNoCardNumbers(contact);
}

Task<StatusOr<type::v1::Sealed>> SealContact(SubjectKeys& keys, std::string buyer_id, v1::Contact contact,
                                             std::string seed) {
  return keys.Seal(SubjectOf(buyer_id), contact.SerializeAsString(), "contact/" + seed);
}

StatusOr<v1::Contact> OpenContact(const SubjectKeys& keys, const type::v1::Sealed& sealed) {
  ASSIGN_OR_RETURN(const std::string bytes, keys.Open(sealed));
  v1::Contact contact;
  if (!contact.ParseFromString(bytes)) return DataLoss("a sealed contact is malformed");
  return contact;
}

std::string NoteOf(const SubjectKeys& keys, const v1::OrderState& order) {
  if (!order.has_note()) return order.snapshot().shop_note();
  return keys.Open(order.note()).value_or("");
}

std::string SubjectOf(std::string_view buyer_id) { return "buyer/" + std::string(buyer_id); }

}  // namespace souk::order
