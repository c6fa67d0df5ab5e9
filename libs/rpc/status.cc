#include "libs/rpc/status.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <algorithm>
#include <utility>

namespace souk::rpc {
namespace {

// How long a client that was turned away should wait at least.
constexpr int kRetryDelayMs = 200;

bool IsInternal(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

// The reason of an error that has none of its own: "NOT_FOUND".
std::string NameOf(absl::StatusCode code) { return absl::StatusCodeToString(code); }

google::rpc::ErrorInfo InfoOf(const Status& status) {
  google::rpc::ErrorInfo info;
  info.set_domain(kErrorDomain);
  info.set_reason(Reason(status));
  if (info.reason().empty()) info.set_reason(NameOf(status.code()));
  for (const auto& [name, value] : ValuesOfReason(status)) (*info.mutable_metadata())[name] = value;
  return info;
}

google::rpc::Status Details(const Status& status) {
  google::rpc::Status proto;
  proto.add_details()->PackFrom(InfoOf(status));
  if (const std::vector<FieldViolation> fields = FieldViolations(status); !fields.empty()) {
    google::rpc::BadRequest bad;
    for (const FieldViolation& field : fields) {
      google::rpc::BadRequest::FieldViolation& violation = *bad.add_field_violations();
      violation.set_field(field.field);
      violation.set_description(field.description);
    }
    proto.add_details()->PackFrom(bad);
  }
  if (absl::IsResourceExhausted(status) || absl::IsUnavailable(status)) {
    google::rpc::RetryInfo retry;
    retry.mutable_retry_delay()->set_nanos(kRetryDelayMs * 1'000'000);
    proto.add_details()->PackFrom(retry);
  }
  return proto;
}

void CopyPayloads(const Status& from, Status& to) {
  from.ForEachPayload([&to](auto type, const absl::Cord& payload) { to.SetPayload(type, payload); });
}

Status WithDetail(Status status, const google::protobuf::Any& detail) {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad;
  if (detail.UnpackTo(&info)) {
    if (info.domain() != kErrorDomain || info.reason() == NameOf(status.code())) return status;
    ReasonValues values(info.metadata().begin(), info.metadata().end());
    std::sort(values.begin(), values.end());
    return WithReason(std::move(status), info.reason(), std::move(values));
  }
  if (detail.UnpackTo(&bad)) {
    std::vector<FieldViolation> fields;
    for (const auto& violation : bad.field_violations()) {
      fields.push_back({violation.field(), violation.description()});
    }
    CopyPayloads(InvalidFields(fields), status);
  }
  return status;
}

}  // namespace

Status ForClient(const Status& status) {
  return IsInternal(status.code()) ? Status(status.code(), "internal error") : status;
}

grpc::Status ToGrpc(const Status& full) {
  if (full.ok()) return grpc::Status::OK;
  const Status status = ForClient(full);
  const auto code = static_cast<grpc::StatusCode>(status.code());
  const std::string message(status.message());
  google::rpc::Status proto = Details(status);
  proto.set_code(code);
  proto.set_message(message);
  return {code, message, proto.SerializeAsString()};
}

Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return OkStatus();
  Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status proto;
  if (status.error_details().empty() || !proto.ParseFromString(status.error_details())) return result;
  for (const google::protobuf::Any& detail : proto.details()) result = WithDetail(std::move(result), detail);
  return result;
}

}  // namespace souk::rpc
