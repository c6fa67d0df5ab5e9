// A feed as its consumer sees it, watched: events in order, none twice, none that is not
// safe at its source.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/messaging/event_feed.h"
#include "tests/simulation/history.h"
#include "tests/simulation/log_witness.h"

namespace souk::simulation {

class AuditedFeedSource final : public FeedSource {
 public:
  AuditedFeedSource(std::unique_ptr<FeedSource> source, LogWitness& witness, std::string reader,
                    History& history)
      : source_(std::move(source)), witness_(witness), reader_(std::move(reader)), history_(history) {}

  Task<StatusOr<std::uint32_t>> Partitions() override { return source_->Partitions(); }
  std::unique_ptr<EventFeed> Open(std::uint32_t partition, FeedPosition after,
                                  std::vector<std::string> types) override;

 private:
  const std::unique_ptr<FeedSource> source_;
  LogWitness& witness_;
  const std::string reader_;
  History& history_;
};

}  // namespace souk::simulation
