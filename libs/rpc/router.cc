#include "libs/rpc/router.h"

#include "libs/base/check.h"
#include "libs/base/hash.h"

namespace souk::rpc {
namespace {

Callers BitOf(Principal::Kind kind) {
  switch (kind) {
    case Principal::Kind::kGuest:
      return kGuests;
    case Principal::Kind::kBuyer:
      return kBuyers;
    case Principal::Kind::kSeller:
      return kSellers;
    case Principal::Kind::kOperator:
      return kOperators;
    case Principal::Kind::kService:
      return kServices;
  }
  return 0;
}

}  // namespace

const Router::Route* Router::Find(std::string_view path) const {
  const auto found = routes_.find(path);
  return found == routes_.end() ? nullptr : &found->second;
}

Status Router::Admit(const Route& route, std::string_view request, absl::Time now, CallContext& call) {
  if ((route.callers & BitOf(call.principal.kind)) == 0) {
    const std::string caller = ToString(call.principal);
    return absl::PermissionDeniedError(absl::StrFormat("callers of kind %s may not call %s",
                                                       caller.substr(0, caller.find('/')), route.path));
  }
  if (call.deadline <= now)
    return absl::DeadlineExceededError("the deadline had passed before the call began");

  // The separator occurs neither in paths nor in principals.
  const std::string caller = ToString(call.principal);
  std::string content;
  content.reserve(route.path.size() + caller.size() + request.size() + 2);
  content.append(route.path).append(1, '\n').append(caller).append(1, '\n').append(request);
  call.fingerprint = Fingerprint(content);
  call.method = route.path;
  return OkStatus();
}

void Router::Add(Route route) {
  std::string path = route.path;
  const bool added = routes_.emplace(std::move(path), std::move(route)).second;
  SOUK_CHECK(added, "a method was added to the router twice");
}

}  // namespace souk::rpc
