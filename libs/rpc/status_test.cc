#include "libs/rpc/status.h"

#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

#include <catch2/catch.hpp>

namespace souk::rpc {
namespace {

google::rpc::ErrorInfo InfoOnTheWire(const Status& status) {
  google::rpc::Status proto;
  google::rpc::ErrorInfo info;
  REQUIRE(proto.ParseFromString(ToGrpc(status).error_details()));
  for (const google::protobuf::Any& detail : proto.details()) detail.UnpackTo(&info);
  return info;
}

TEST_CASE("every error has a reason for clients to switch on") {
  CHECK(InfoOnTheWire(Rejected("OUT_OF_STOCK", {}, "only 3 left")).reason() == "OUT_OF_STOCK");
  CHECK(InfoOnTheWire(NotFound("no such cart")).reason() == "NOT_FOUND");
  CHECK(InfoOnTheWire(InvalidField("quantity", "is negative")).reason() == "INVALID_ARGUMENT");
  CHECK(InfoOnTheWire(absl::UnavailableError("not now")).reason() == "UNAVAILABLE");
  CHECK(InfoOnTheWire(NotFound("no such cart")).domain() == kErrorDomain);
}

TEST_CASE("a reason that only repeats the code is none for our own callers") {
  CHECK(Reason(FromGrpc(ToGrpc(NotFound("no such cart")))).empty());
  CHECK(Reason(FromGrpc(ToGrpc(Rejected("OUT_OF_STOCK", {}, "only 3 left")))) == "OUT_OF_STOCK");
}

}  // namespace
}  // namespace souk::rpc
