// Errors: absl::Status everywhere, made with the helpers below. Functions pass
// them on with the two macros; coroutines with `co_await Try(...)`, see task.h.
//
// A rejection that a client may want to act on carries a *reason*, an upper-case
// word of the catalogue in docs/guides/frontend.md, and values that belong to it:
//
//   return Rejected("OUT_OF_STOCK", {{"available", "3"}}, "only %d left", 3);
//
// The reason travels as google.rpc.ErrorInfo and is there again on the client's
// side: Reason(status) == "OUT_OF_STOCK". Malformed requests name their fields
// with InvalidField, which travels as google.rpc.BadRequest.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"

#define RETURN_IF_ERROR(expr)                                 \
  if (absl::Status souk_status = (expr); !souk_status.ok()) { \
    return souk_status;                                       \
  }                                                           \
  static_assert(true)

#define ASSIGN_OR_RETURN(lhs, expr) SOUK_ASSIGN_OR_RETURN_(SOUK_CONCAT_(souk_or_, __LINE__), lhs, expr)
#define SOUK_ASSIGN_OR_RETURN_(tmp, lhs, expr)   \
  auto tmp = (expr);                             \
  if (!tmp.ok()) return std::move(tmp).status(); \
  lhs = *std::move(tmp)
#define SOUK_CONCAT_(a, b) SOUK_CONCAT_IMPL_(a, b)
#define SOUK_CONCAT_IMPL_(a, b) a##b

namespace souk {

using absl::OkStatus;
using absl::Status;
using absl::StatusOr;

// Names and values that explain a reason, in the order given.
using ReasonValues = std::vector<std::pair<std::string, std::string>>;

// Formatted errors. StrFormat takes std::string_view; StrCat and the Status
// factories of Debian's Abseil do not.
template <typename... Args>
Status NotFound(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return absl::NotFoundError(absl::StrFormat(format, args...));
}
template <typename... Args>
Status InvalidArgument(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return absl::InvalidArgumentError(absl::StrFormat(format, args...));
}
template <typename... Args>
Status FailedPrecondition(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return absl::FailedPreconditionError(absl::StrFormat(format, args...));
}
template <typename... Args>
Status Unavailable(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return absl::UnavailableError(absl::StrFormat(format, args...));
}
template <typename... Args>
Status Internal(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return absl::InternalError(absl::StrFormat(format, args...));
}
template <typename... Args>
Status DataLoss(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return absl::DataLossError(absl::StrFormat(format, args...));
}

// The same status with a reason and its values.
Status WithReason(Status status, std::string_view reason, ReasonValues values = {});

// FAILED_PRECONDITION with a reason: a rule forbids it now.
template <typename... Args>
Status Rejected(std::string_view reason, ReasonValues values, const absl::FormatSpec<Args...>& format,
                const Args&... args) {
  return WithReason(FailedPrecondition(format, args...), reason, std::move(values));
}
// FAILED_PRECONDITION ILLEGAL_TRANSITION: the thing is in a state that does not allow it.
template <typename... Args>
Status IllegalTransition(const absl::FormatSpec<Args...>& format, const Args&... args) {
  return WithReason(FailedPrecondition(format, args...), "ILLEGAL_TRANSITION");
}
// ABORTED with a reason: look again and repeat with what is true now.
template <typename... Args>
Status Aborted(std::string_view reason, ReasonValues values, const absl::FormatSpec<Args...>& format,
               const Args&... args) {
  return WithReason(absl::AbortedError(absl::StrFormat(format, args...)), reason, std::move(values));
}

// The reason of `status`, or "" when it has none.
std::string Reason(const Status& status);
ReasonValues ValuesOfReason(const Status& status);

// A field of a request and what is wrong with it.
struct FieldViolation {
  std::string field;
  std::string description;
};

// INVALID_ARGUMENT that names the bad fields. OK when there are none, so that a
// handler can collect and return.
Status InvalidFields(const std::vector<FieldViolation>& violations);
Status InvalidField(std::string_view field, std::string_view description);
std::vector<FieldViolation> FieldViolations(const Status& status);

// True when the same call may succeed later though nothing else changes:
// UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED without a reason.
bool IsTransient(const Status& status);

}  // namespace souk
