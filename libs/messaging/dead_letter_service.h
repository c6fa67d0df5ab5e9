// Shows operators what services could not deal with: see dead_letter_service.proto.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/messaging/consumer.h"
#include "libs/rpc/router.h"
#include "souk/eventlog/v1/dead_letter_service.pb.h"

namespace souk {

class DeadLetterService {
 public:
  // `consumers` are those of the service. They must outlive this.
  void Add(const std::string& service, std::vector<Consumer*> consumers);
  void AddTo(rpc::Router& router);

  Task<StatusOr<eventlog::v1::ListDeadLettersResponse>> ListDeadLetters(
      rpc::CallContext call, eventlog::v1::ListDeadLettersRequest request);
  Task<StatusOr<eventlog::v1::GetDeadLetterResponse>> GetDeadLetter(
      rpc::CallContext call, eventlog::v1::GetDeadLetterRequest request);
  Task<StatusOr<eventlog::v1::RetryDeadLettersResponse>> RetryDeadLetters(
      rpc::CallContext call, eventlog::v1::RetryDeadLettersRequest request);
  Task<StatusOr<eventlog::v1::SkipDeadLetterResponse>> SkipDeadLetter(
      rpc::CallContext call, eventlog::v1::SkipDeadLetterRequest request);

 private:
  // The consumer that has the dead letter of this name, and whose it is.
  struct Found {
    Consumer* consumer;
    EventPlace place;
    std::string aggregate;
  };
  StatusOr<Found> Find(const eventlog::v1::DeadLetterName& name) const;

  // By service and source.
  std::map<std::pair<std::string, std::string>, Consumer*> consumers_;
};

}  // namespace souk
