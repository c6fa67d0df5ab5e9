// Erases people, by destroying the keys of what is recorded of them: see
// personal_data_service.proto.
#pragma once

#include <map>
#include <string>

#include "libs/eventstore/subject_keys.h"
#include "libs/rpc/router.h"
#include "souk/eventlog/v1/personal_data_service.pb.h"

namespace souk {

class PersonalDataService {
 public:
  // `keys` are those of the service. They must outlive this.
  void Add(const std::string& service, SubjectKeys& keys) { keys_[service] = &keys; }
  void AddTo(rpc::Router& router);

  Task<StatusOr<eventlog::v1::EraseSubjectResponse>> EraseSubject(rpc::CallContext call,
                                                                  eventlog::v1::EraseSubjectRequest request);

 private:
  std::map<std::string, SubjectKeys*> keys_;  // By service.
};

}  // namespace souk
