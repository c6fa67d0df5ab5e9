// The right to publish to one topic partition. Of all processes that want to, the one that
// started last has it: it fences whoever had it before, and who finds out that he was fenced by
// a later one ends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/kafka/broker.h"
#include "libs/runtime/pauses.h"
#include "libs/runtime/scheduler.h"

namespace souk {

// Whose transactional id has the right to publish to `target`.
std::string TransactionalIdOf(const kafka::TopicPartition& target);

class TopicOwner {
 public:
  // `process_id` names this run of the process, as a UUID. The references must outlive it.
  TopicOwner(kafka::TopicPartition target, std::string process_id, kafka::Broker& broker,
             Scheduler& scheduler);

  // Publishes with one writer, until Stop (OK) or an error. It may go on with what was
  // committed only: nobody knows what became of the rest.
  using Publish = std::function<Task<Status>(kafka::TopicWriter&)>;
  // Takes the right, calls `publish`, and after an error does both again, with a pause before
  // that grows while nothing is committed.
  void Start(Publish publish);
  void Stop();

  // What `publish` tells: that it gets on, and that something was committed.
  void GetsOn();
  void Committed();
  // For a publisher that has nothing to publish, and so would not notice: an error when the topic
  // is gone, or was deleted and made again. Asks for it only when nothing was committed for a
  // while.
  Task<Status> CheckTopic(kafka::TopicWriter& writer);
  // Waits, but not beyond Stop or Wake.
  Task<> Pause(absl::Duration duration) { return pauses_.For(duration); }
  void Wake() { pauses_.Interrupt(); }

  bool stopping() const { return stopping_; }
  // True when it will not publish again, or not before what holds it up is over. One that has not
  // begun yet is not idle.
  bool idle() const { return ended_ || !problem_.ok(); }
  bool gets_on() const { return gets_on_; }
  // OK, or why this process must end.
  const Status& health() const { return health_; }
  // Why it does not get on; OK when it does.
  const Status& problem() const { return problem_; }
  // Since when, by the scheduler's clock.
  absl::Time problem_since() const { return problem_since_; }
  std::uint64_t failures() const { return failures_; }
  const kafka::TopicPartition& target() const { return target_; }

 private:
  Task<> Run(Publish publish);
  Task<Status> PublishOnce(const Publish& publish);
  Task<Status> Fence(kafka::TopicWriter& writer);
  // Makes sure that no other process has begun to publish since this one did.
  Task<Status> Claim(kafka::TopicWriter& writer);
  void Report(Status problem);

  const kafka::TopicPartition target_;
  const std::string process_id_;
  kafka::Broker& broker_;
  Scheduler& scheduler_;

  bool claimed_ = false;
  bool gets_on_ = false;
  bool stopping_ = false;
  bool ended_ = false;
  Status health_;
  Status problem_;
  absl::Time problem_since_ = absl::InfinitePast();
  std::uint64_t commits_ = 0;
  std::uint64_t failures_ = 0;
  std::int64_t topic_end_ = 0;  // When the topic was last looked at.
  absl::Time next_check_ = absl::InfinitePast();
  Pauses pauses_;
  TaskScope tasks_;
};

// True when to go on would do harm: the log is not the one that was published.
bool EndsTheProcess(const Status& status);

}  // namespace souk
