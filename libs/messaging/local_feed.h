// Feeds straight from a service's EventLogService.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/messaging/event_feed.h"
#include "libs/rpc/channel.h"

namespace souk {

class LocalFeedSource final : public FeedSource {
 public:
  // `caller` is the name of the service that reads; `channel` must outlive the source.
  LocalFeedSource(std::string service, std::string caller, rpc::Channel& channel)
      : service_(std::move(service)), caller_(std::move(caller)), channel_(channel) {}

  Task<StatusOr<std::uint32_t>> Partitions() override;
  std::unique_ptr<EventFeed> Open(std::uint32_t partition, FeedPosition after,
                                  std::vector<std::string> types) override;

 private:
  rpc::CallOptions Options() const;

  const std::string service_;
  const std::string caller_;
  rpc::Channel& channel_;
};

}  // namespace souk
