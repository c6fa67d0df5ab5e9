#include "libs/kafka/kafka_broker.h"

#include <utility>

#include "absl/time/clock.h"
#include "libs/kafka/kafka_writer.h"
#include "libs/runtime/run_on.h"

namespace souk::kafka {
namespace {

constexpr absl::Duration kQueryMax = absl::Seconds(5);
constexpr absl::Duration kPauseBetweenQueries = absl::Milliseconds(20);

StatusOr<std::uint32_t> AskPartitions(ReadClients& clients, const std::string& name) {
  ASSIGN_OR_RETURN(Client* const client, clients.Any());
  const TopicHandle topic(rd_kafka_topic_new(client->get(), name.c_str(), nullptr));
  return client->Partitions(topic.get(), kQueryMax);
}

StatusOr<OffsetRange> AskOffsets(ReadClients& clients, const TopicPartition& of) {
  ASSIGN_OR_RETURN(Client* const client, clients.Any());
  const TopicHandle topic(rd_kafka_topic_new(client->get(), of.topic.c_str(), nullptr));
  for (const absl::Time deadline = absl::Now() + kQueryMax;;) {
    OffsetRange range;
    const rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
        client->get(), of.topic.c_str(), static_cast<std::int32_t>(of.partition), &range.begin, &range.end,
        Milliseconds(kQueryMax));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return range;
    const Status status = client->ToStatus(
        error, absl::StrFormat("cannot ask for the offsets of %s/%d", of.topic, of.partition));
    const bool may_pass = absl::IsUnavailable(status) || absl::IsNotFound(status);
    if (!may_pass || absl::Now() > deadline) return status;
    // Another node leads the partition, or none does yet: find out which one. Of a new topic one
    // node may know before another.
    ASSIGN_OR_RETURN(const std::uint32_t partitions, client->Partitions(topic.get(), kQueryMax));
    if (of.partition >= partitions) return status;
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
  co_return co_await RunOn(reading_, scheduler_, [this, topic] { return AskPartitions(clients_, topic); });
}

Task<StatusOr<OffsetRange>> KafkaBroker::Offsets(TopicPartition of) {
  co_return co_await RunOn(reading_, scheduler_, [this, of] { return AskOffsets(clients_, of); });
}

}  // namespace souk::kafka
