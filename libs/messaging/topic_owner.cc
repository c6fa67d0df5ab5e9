#include "libs/messaging/topic_owner.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/telemetry/log.h"

namespace souk {
namespace {

// Pauses before it begins again double from the first to the last.
constexpr absl::Duration kFirstPause = absl::Milliseconds(50);
constexpr absl::Duration kLongestPause = absl::Seconds(2);
// Between two looks at a topic to which nothing is published.
constexpr absl::Duration kCheckEvery = absl::Seconds(5);

}  // namespace

std::string TransactionalIdOf(const kafka::TopicPartition& target) {
  return absl::StrFormat("%s-%d", target.topic, target.partition);
}

bool EndsTheProcess(const Status& status) {
  const std::string reason = Reason(status);
  return reason == "LOG_BEHIND_TOPIC" || reason == "LOG_DIVERGED" || reason == "SUPERSEDED";
}

TopicOwner::TopicOwner(kafka::TopicPartition target, std::string process_id, kafka::Broker& broker,
                       Scheduler& scheduler)
    : target_(std::move(target)),
      process_id_(std::move(process_id)),
      broker_(broker),
      scheduler_(scheduler),
      pauses_(scheduler) {}

void TopicOwner::Start(Publish publish) { tasks_.Spawn(Run(std::move(publish))); }

void TopicOwner::Stop() {
  stopping_ = true;
  pauses_.Interrupt();
}

void TopicOwner::GetsOn() {
  Report(OkStatus());
  gets_on_ = true;
}

void TopicOwner::Committed() {
  ++commits_;
  next_check_ = scheduler_.Now() + kCheckEvery;
}

Task<Status> TopicOwner::CheckTopic(kafka::TopicWriter& writer) {
  if (scheduler_.Now() < next_check_) co_return OkStatus();
  const std::int64_t end = co_await Try(writer.End());
  next_check_ = scheduler_.Now() + kCheckEvery;
  if (end < topic_end_) co_return Unavailable("topic %s has lost its end", target_.topic);
  topic_end_ = end;
  co_return OkStatus();
}

Task<> TopicOwner::Run(Publish publish) {
  absl::Duration pause = kFirstPause;
  while (!stopping_) {
    const std::uint64_t commits = commits_;
    Status status = co_await PublishOnce(publish);
    gets_on_ = false;
    if (EndsTheProcess(status)) health_ = status;
    if (!health_.ok() || status.ok()) break;
    Report(std::move(status));
    ++failures_;
    pause = commits_ > commits ? kFirstPause : std::min(pause * 2, kLongestPause);
    co_await pauses_.For(pause);
  }
  ended_ = true;
}

// Says so once for each problem.
void TopicOwner::Report(Status problem) {
  if (problem == problem_) return;
  if (problem_.ok()) problem_since_ = scheduler_.Now();
  problem_ = std::move(problem);
  if (problem_.ok()) return;
  telemetry::Log(telemetry::Level::kWarning, "publication is held up, and goes on by itself when it can",
                 {{"topic", target_.topic},
                  {"partition", std::to_string(target_.partition)},
                  {"error", problem_.ToString()}});
}

Task<Status> TopicOwner::PublishOnce(const Publish& publish) {
  const std::unique_ptr<kafka::TopicWriter> writer =
      broker_.NewWriter({.transactional_id = TransactionalIdOf(target_), .target = target_});
  co_await Try(Fence(*writer));
  co_await Try(Claim(*writer));
  topic_end_ = 0;
  next_check_ = scheduler_.Now() + kCheckEvery;
  co_return co_await publish(*writer);
}

Task<Status> TopicOwner::Fence(kafka::TopicWriter& writer) {
  for (;;) {
    const Status fenced = co_await writer.Fence();
    if (!absl::IsUnavailable(fenced)) co_return fenced;
    Report(fenced);
    if (stopping_) co_return fenced;
  }
}

Task<Status> TopicOwner::Claim(kafka::TopicWriter& writer) {
  const std::string note = claimed_ ? co_await Try(writer.ReadNote()) : "";
  if (note == process_id_) co_return OkStatus();
  if (!note.empty()) {
    co_return Rejected(
        "SUPERSEDED", {},
        "another process that started later publishes %s/%d; this one works on a copy of the data, "
        "and must end",
        target_.topic, target_.partition);
  }
  co_await Try(writer.WriteNote(process_id_));
  claimed_ = true;
  co_return OkStatus();
}

}  // namespace souk
