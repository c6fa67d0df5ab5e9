#include "tests/simulation/audited_feed.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace souk::simulation {
namespace {

class AuditedFeed final : public EventFeed {
 public:
  AuditedFeed(std::unique_ptr<EventFeed> feed, LogWitness& witness, std::string reader, History& history,
              std::uint32_t partition, std::uint64_t position, std::vector<std::string> types)
      : feed_(std::move(feed)),
        witness_(witness),
        reader_(std::move(reader)),
        history_(history),
        partition_(partition),
        position_(position),
        types_(std::move(types)) {}

  Task<StatusOr<FeedBatch>> Next() override { return NextOf(this); }

 private:
  static Task<StatusOr<FeedBatch>> NextOf(AuditedFeed* self) {
    FeedBatch batch = co_await Try(self->feed_->Next());
    self->See(batch);
    co_return batch;
  }

  // The batch must be what the source has published, from the last position to the checkpoint.
  void See(const FeedBatch& batch) {
    const std::uint64_t checkpoint = batch.checkpoint.position;
    if (checkpoint < position_) Complain("goes back to", checkpoint);
    witness_.Shown(partition_, checkpoint, reader_);
    const auto& published = witness_.published(partition_);
    auto wanted = published.upper_bound(position_);
    const auto skip = [&] {
      while (wanted != published.end() && !Wants(wanted->second.type)) ++wanted;
    };
    for (const event::v1::EventRecord& event : batch.events) {
      skip();
      const bool right = wanted != published.end() && wanted->first == event.position() &&
                         wanted->second.event_id == event.event_id() && wanted->second.type == event.type();
      if (!right) return Complain("brings " + event.type() + " as", event.position());
      ++wanted;
    }
    skip();
    if (wanted != published.end() && wanted->first <= checkpoint) Complain("leaves out", wanted->first);
    position_ = checkpoint;
    std::uint64_t& brought = witness_.brought(reader_, partition_);
    brought = std::max(brought, checkpoint);
  }

  bool Wants(const std::string& type) const {
    return types_.empty() || std::find(types_.begin(), types_.end(), type) != types_.end();
  }
  void Complain(const std::string& what, std::uint64_t position) {
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
  const std::vector<std::string> types_;
};

}  // namespace

std::unique_ptr<EventFeed> AuditedFeedSource::Open(std::uint32_t partition, FeedPosition after,
                                                   std::vector<std::string> types) {
  const std::uint64_t position = after.position;
  if (position > witness_.brought(reader_, partition)) {
    history_.Fail("I-49 a checkpoint never passes what was handled",
                  absl::StrFormat("%s goes on after %d of partition %d, was brought %d", reader_, position,
                                  partition, witness_.brought(reader_, partition)));
  }
  return std::make_unique<AuditedFeed>(source_->Open(partition, std::move(after), types), witness_, reader_,
                                       history_, partition, position, types);
}

}  // namespace souk::simulation
