#include "libs/kafka/kafka_broker.h"

#include <utility>

#include "absl/time/clock.h"
#include "libs/kafka/kafka_writer.h"
#include "libs/runtime/run_on.h"

namespace souk::kafka {
namespace {

constexpr absl::Duration kQueryMax = absl::Seconds(5);
constexpr absl::Duration kPauseBetweenQueries = absl::Milliseconds(20);
// Queries look so often whether they are still wanted.
constexpr absl::Duration kSlice = absl::Seconds(1);

StatusOr<std::uint32_t> AskPartitions(ReadClients& clients, const std::string& name,
                                      const std::atomic<bool>& closing) {
  ASSIGN_OR_RETURN(Client* const client, clients.Any());
  const TopicHandle topic(rd_kafka_topic_new(client->get(), name.c_str(), nullptr));
  StatusOr<std::uint32_t> partitions = Unavailable("closing");
  for (const absl::Time deadline = absl::Now() + kQueryMax; !closing && absl::Now() < deadline;) {
    partitions = client->Partitions(topic.get(), kSlice);
    if (!absl::IsUnavailable(partitions.status())) break;
    absl::SleepFor(kPauseBetweenQueries);
  }
  return partitions;
}

StatusOr<OffsetRange> AskOffsets(ReadClients& clients, const TopicPartition& of,
                                 const std::atomic<bool>& closing) {
  ASSIGN_OR_RETURN(Client* const client, clients.Any());
  const TopicHandle topic(rd_kafka_topic_new(client->get(), of.topic.c_str(), nullptr));
  for (const absl::Time deadline = absl::Now() + kQueryMax;;) {
    const StatusOr<std::int64_t> begin = client->OffsetOf(of, RD_KAFKA_OFFSET_BEGINNING, kSlice);
    const StatusOr<std::int64_t> end = begin.ok() ? client->OffsetOf(of, RD_KAFKA_OFFSET_END, kSlice) : begin;
    if (end.ok()) return OffsetRange{.begin = *begin, .end = *end};
    const Status& status = end.status();
    const bool may_pass = absl::IsUnavailable(status) || absl::IsNotFound(status);
    if (!may_pass || closing || absl::Now() > deadline) return status;
    // Another node leads the partition, or none does yet: find out which one. Of a new topic one
    // node may know before another.
    const StatusOr<std::uint32_t> partitions = client->Partitions(topic.get(), kSlice);
    if (absl::IsNotFound(partitions.status())) return partitions.status();
    if (partitions.ok() && of.partition >= *partitions) return status;
    absl::SleepFor(kPauseBetweenQueries);
  }
}

}  // namespace

StatusOr<std::unique_ptr<KafkaBroker>> KafkaBroker::Open(ClientSettings settings, Scheduler& scheduler) {
  std::unique_ptr<KafkaBroker> broker(new KafkaBroker(std::move(settings), scheduler));
  RETURN_IF_ERROR(broker->clients_.Any().status());
  return broker;
}

std::unique_ptr<TopicWriter> KafkaBroker::NewWriter(WriterOptions options) {
  std::unique_ptr<Strand>& thread = writing_[options.transactional_id];
  if (thread == nullptr) thread = std::make_unique<Strand>();
  return MakeKafkaWriter(std::move(options), settings_, scheduler_, *thread);
}

std::unique_ptr<TopicReader> KafkaBroker::NewReader(TopicPartition from, std::int64_t offset) {
  return MakeKafkaReader(clients_, std::move(from), offset, scheduler_, reading_);
}

Task<StatusOr<std::uint32_t>> KafkaBroker::Partitions(std::string topic) {
  co_return co_await RunOn(reading_, scheduler_,
                           [this, topic] { return AskPartitions(clients_, topic, closing_); });
}

Task<StatusOr<OffsetRange>> KafkaBroker::Offsets(TopicPartition of) {
  co_return co_await RunOn(reading_, scheduler_, [this, of] { return AskOffsets(clients_, of, closing_); });
}

}  // namespace souk::kafka
