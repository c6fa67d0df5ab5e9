#include "libs/base/status.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_split.h"

namespace souk {
namespace {

// Payloads are lists of strings, each ended by a zero byte.
constexpr char kReasonPayload[] = "souk.dev/reason";
constexpr char kFieldsPayload[] = "souk.dev/fields";

void Append(std::string& list, std::string_view item) {
  list.append(item);
  list.push_back('\0');
}

std::vector<std::string> Items(const Status& status, const char* type) {
  const auto payload = status.GetPayload(type);
  if (!payload.has_value()) return {};
  std::vector<std::string> items = absl::StrSplit(std::string(*payload), '\0');
  items.pop_back();  // What follows the last zero byte.
  return items;
}

}  // namespace

Status WithReason(Status status, std::string_view reason, ReasonValues values) {
  std::string list;
  Append(list, reason);
  for (const auto& [name, value] : values) {
    Append(list, name);
    Append(list, value);
  }
  status.SetPayload(kReasonPayload, absl::Cord(list));
  return status;
}

std::string Reason(const Status& status) {
  const std::vector<std::string> items = Items(status, kReasonPayload);
  return items.empty() ? "" : items.front();
}

ReasonValues ValuesOfReason(const Status& status) {
  const std::vector<std::string> items = Items(status, kReasonPayload);
  ReasonValues values;
  for (std::size_t i = 1; i + 1 < items.size(); i += 2) values.emplace_back(items[i], items[i + 1]);
  return values;
}

Status InvalidFields(const std::vector<FieldViolation>& violations) {
  if (violations.empty()) return OkStatus();
  std::string list, text;
  for (const FieldViolation& violation : violations) {
    Append(list, violation.field);
    Append(list, violation.description);
    if (!text.empty()) text += "; ";
    text += violation.field + ": " + violation.description;
  }
  Status status = absl::InvalidArgumentError(text);
  status.SetPayload(kFieldsPayload, absl::Cord(list));
  return status;
}

Status InvalidField(std::string_view field, std::string_view description) {
  return InvalidFields({{std::string(field), std::string(description)}});
}

std::vector<FieldViolation> FieldViolations(const Status& status) {
  const std::vector<std::string> items = Items(status, kFieldsPayload);
  std::vector<FieldViolation> violations;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) violations.push_back({items[i], items[i + 1]});
  return violations;
}

bool IsTransient(const Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsResourceExhausted(status) || absl::IsCancelled(status) ||
         (absl::IsAborted(status) && Reason(status).empty());
}

}  // namespace souk
