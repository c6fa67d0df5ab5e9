#include "libs/module/personal_data_service.h"

#include <vector>

#include "libs/base/principal.h"
#include "libs/telemetry/log.h"

namespace souk {
namespace {

// The names under which services keep the keys of a person.
StatusOr<std::vector<std::string>> SubjectsOf(const std::string& text) {
  const StatusOr<Principal> person = ParsePrincipal(text);
  if (person.ok() && person->kind == Principal::Kind::kSeller) return std::vector<std::string>{text};
  if (!person.ok() || BuyerIdOf(*person).empty()) {
    return InvalidField("subject", "must be buyer/ID, seller/ID or guest/TOKEN");
  }
  std::vector<std::string> subjects{"buyer/" + BuyerIdOf(*person)};
  // An operator knows a guest from events, as "guest/DIGITS"; and in data of version 0.1.0 the
  // token itself stands there.
  if (person->kind == Principal::Kind::kGuest) subjects.push_back("buyer/guest:" + person->id);
  return subjects;
}

}  // namespace

void PersonalDataService::AddTo(rpc::Router& router) {
  router.Add<&PersonalDataService::EraseSubject>(*this, rpc::kOperators);
}

Task<StatusOr<eventlog::v1::EraseSubjectResponse>> PersonalDataService::EraseSubject(
    rpc::CallContext call, eventlog::v1::EraseSubjectRequest request) {
  co_await Try(call.Metadata(request.request_id()));
  const std::vector<std::string> subjects = co_await Try(SubjectsOf(request.subject()));
  if (!request.service().empty() && !keys_.contains(request.service())) {
    co_return InvalidField("service", "is not served here");
  }
  eventlog::v1::EraseSubjectResponse response;
  for (const auto& [service, keys] : keys_) {
    if (!request.service().empty() && request.service() != service) continue;
    for (const std::string& subject : subjects) co_await Try(keys->Erase(subject));
    response.add_services(service);
  }
  telemetry::Log(telemetry::Level::kInfo, "personal data erased",
                 {{"subject", subjects.front()}, {"by", ActorOf(call.principal)}});
  co_return response;
}

}  // namespace souk
