// Feeds from a service's topic. Proves on the way that no event is missing: each record
// names the position of the one before it.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/kafka/broker.h"
#include "libs/messaging/event_feed.h"

namespace souk {

class KafkaFeedSource final : public FeedSource {
 public:
  // `service` is the one that publishes; `broker` must outlive the source and its feeds.
  KafkaFeedSource(std::string service, kafka::Broker& broker)
      : service_(std::move(service)), broker_(broker) {}

  Task<StatusOr<std::uint32_t>> Partitions() override;
  std::unique_ptr<EventFeed> Open(std::uint32_t partition, FeedPosition after,
                                  std::vector<std::string> types) override;

 private:
  const std::string service_;
  kafka::Broker& broker_;
};

}  // namespace souk
