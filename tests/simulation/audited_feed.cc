#include "tests/simulation/audited_feed.h"

#include "absl/strings/str_format.h"

namespace souk::simulation {
namespace {

class AuditedFeed final : public EventFeed {
 public:
  AuditedFeed(std::unique_ptr<EventFeed> feed, LogWitness& witness, std::string reader, History& history,
              std::uint32_t partition, std::uint64_t position)
      : feed_(std::move(feed)),
        witness_(witness),
        reader_(std::move(reader)),
        history_(history),
        partition_(partition),
        position_(position) {}

  Task<StatusOr<FeedBatch>> Next() override { return NextOf(this); }

 private:
  static Task<StatusOr<FeedBatch>> NextOf(AuditedFeed* self) {
    FeedBatch batch = co_await Try(self->feed_->Next());
    for (const event::v1::EventRecord& event : batch.events) self->See(event.position());
    const std::uint64_t checkpoint = batch.checkpoint.position;
    if (checkpoint < self->position_) self->Complain("goes back to", checkpoint);
    self->position_ = checkpoint;
    self->witness_.Shown(self->partition_, checkpoint, self->reader_);
    co_return batch;
  }

  void See(std::uint64_t position) {
    if (position <= position_) Complain("repeats", position);
    position_ = position;
  }
  void Complain(const char* what, std::uint64_t position) {
    history_.Fail("L-4 a feed brings each event once, in order",
                  absl::StrFormat("partition %d for %s %s %d after %d", partition_, reader_, what, position,
                                  position_));
  }

  const std::unique_ptr<EventFeed> feed_;
  LogWitness& witness_;
  const std::string reader_;
  History& history_;
  const std::uint32_t partition_;
  std::uint64_t position_;
};

}  // namespace

std::unique_ptr<EventFeed> AuditedFeedSource::Open(std::uint32_t partition, FeedPosition after,
                                                   std::vector<std::string> types) {
  const std::uint64_t position = after.position;
  return std::make_unique<AuditedFeed>(source_->Open(partition, std::move(after), std::move(types)), witness_,
                                       reader_, history_, partition, position);
}

}  // namespace souk::simulation
