// Serves the event logs of the engines in a process: see event_log_service.proto.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "libs/eventsourcing/engine.h"
#include "libs/messaging/consumer.h"
#include "libs/messaging/public_tail.h"
#include "libs/rpc/router.h"
#include "souk/eventlog/v1/event_log_service.pb.h"

namespace souk {

class EventLogService {
 public:
  // `look_again`: how often a live stream that has nothing to send looks whether it is
  // still wanted.
  explicit EventLogService(absl::Duration look_again = absl::Milliseconds(500)) : look_again_(look_again) {}

  // How far the log of a partition is published.
  using Publications = std::function<std::vector<eventlog::v1::PublicationStatus>(std::uint32_t partition)>;

  // For GetStatus: `consumers` are those of the engine's service, `publications` tells of its log;
  // null where that is not published. All must outlive this.
  void Add(Engine& engine, std::vector<const Consumer*> consumers = {}, Publications publications = nullptr);
  void AddTo(rpc::Router& router);

  Task<Status> ReadEvents(rpc::CallContext call, eventlog::v1::ReadEventsRequest request,
                          rpc::Writer<eventlog::v1::ReadEventsResponse> out);
  Task<StatusOr<eventlog::v1::ReadStreamResponse>> ReadStream(rpc::CallContext call,
                                                              eventlog::v1::ReadStreamRequest request);
  Task<StatusOr<eventlog::v1::GetStatusResponse>> GetStatus(rpc::CallContext call,
                                                            eventlog::v1::GetStatusRequest request);
  Task<StatusOr<eventlog::v1::GetStateHashResponse>> GetStateHash(rpc::CallContext call,
                                                                  eventlog::v1::GetStateHashRequest request);
  Task<StatusOr<eventlog::v1::VerifyLogResponse>> VerifyLog(rpc::CallContext call,
                                                            eventlog::v1::VerifyLogRequest request);

 private:
  struct Served {
    Engine* engine;
    std::vector<const Consumer*> consumers;
    Publications publications;
    std::map<std::uint32_t, PublicTail> tails;  // By partition; of those that somebody reads.

    PublicTail& TailOf(std::uint32_t partition);
  };
  // The one of that name, or the only one.
  StatusOr<Served*> Find(const std::string& service);
  // Those that `service` means: one, or all.
  StatusOr<std::vector<const Served*>> Select(const std::string& service);

  const absl::Duration look_again_;
  std::map<std::string, Served> served_;
};

}  // namespace souk
