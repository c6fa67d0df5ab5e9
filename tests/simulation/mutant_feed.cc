#include "tests/simulation/mutant_feed.h"

namespace souk::simulation {
namespace {

constexpr double kNowAndThen = 0.05;

class MutantFeed final : public EventFeed {
 public:
  MutantFeed(std::unique_ptr<EventFeed> feed, Stage& stage) : feed_(std::move(feed)), stage_(stage) {}

  Task<StatusOr<FeedBatch>> Next() override { return NextOf(this); }

 private:
  static Task<StatusOr<FeedBatch>> NextOf(MutantFeed* self) {
    FeedBatch batch = co_await Try(self->feed_->Next());
    Stage& stage = self->stage_;
    if (!batch.events.empty() && stage.Chance(kNowAndThen)) {
      if (stage.Has(Mutant::kFeedSkips)) batch.events.erase(batch.events.begin());
      if (stage.Has(Mutant::kFeedRepeats)) {
        batch.events.push_back(batch.events.back());
        batch.events.back().set_event_id(stage.ids.NewId());
      }
      if (stage.Has(Mutant::kFeedReorders)) std::reverse(batch.events.begin(), batch.events.end());
    }
    co_return batch;
  }

  const std::unique_ptr<EventFeed> feed_;
  Stage& stage_;
};

class MutantFeedSource final : public FeedSource {
 public:
  MutantFeedSource(std::unique_ptr<FeedSource> source, Stage& stage)
      : source_(std::move(source)), stage_(stage) {}

  Task<StatusOr<std::uint32_t>> Partitions() override { return source_->Partitions(); }
  std::unique_ptr<EventFeed> Open(std::uint32_t partition, FeedPosition after,
                                  std::vector<std::string> types) override {
    return std::make_unique<MutantFeed>(source_->Open(partition, std::move(after), std::move(types)), stage_);
  }

 private:
  const std::unique_ptr<FeedSource> source_;
  Stage& stage_;
};

}  // namespace

std::unique_ptr<FeedSource> MutateFeed(std::unique_ptr<FeedSource> source, Stage& stage) {
  if (!stage.Has(Mutant::kFeedSkips) && !stage.Has(Mutant::kFeedRepeats) &&
      !stage.Has(Mutant::kFeedReorders)) {
    return source;
  }
  return std::make_unique<MutantFeedSource>(std::move(source), stage);
}

}  // namespace souk::simulation
