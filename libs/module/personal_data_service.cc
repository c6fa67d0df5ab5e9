#include "libs/module/personal_data_service.h"

#include "libs/base/principal.h"
#include "libs/telemetry/log.h"

namespace souk {
namespace {

// The name under which services keep the keys of a person.
StatusOr<std::string> SubjectOf(const std::string& text) {
  const StatusOr<Principal> person = ParsePrincipal(text);
  if (person.ok() && person->kind == Principal::Kind::kSeller) return text;
  if (person.ok() && !BuyerIdOf(*person).empty()) return "buyer/" + BuyerIdOf(*person);
  return InvalidField("subject", "must be buyer/ID, seller/ID or guest/TOKEN");
}

}  // namespace

void PersonalDataService::AddTo(rpc::Router& router) {
  router.Add<&PersonalDataService::EraseSubject>(*this, rpc::kOperators);
}

Task<StatusOr<eventlog::v1::EraseSubjectResponse>> PersonalDataService::EraseSubject(
    rpc::CallContext call, eventlog::v1::EraseSubjectRequest request) {
  co_await Try(call.Metadata(request.request_id()));
  const std::string subject = co_await Try(SubjectOf(request.subject()));
  if (!request.service().empty() && !keys_.contains(request.service())) {
    co_return InvalidField("service", "is not served here");
  }
  eventlog::v1::EraseSubjectResponse response;
  for (const auto& [service, keys] : keys_) {
    if (!request.service().empty() && request.service() != service) continue;
    co_await Try(keys->Erase(subject));
    response.add_services(service);
  }
  telemetry::Log(telemetry::Level::kInfo, "personal data erased",
                 {{"subject", subject}, {"by", ToString(call.principal)}});
  co_return response;
}

}  // namespace souk
