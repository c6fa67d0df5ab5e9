#include "libs/kafka/kafka_writer.h"

#include <array>
#include <atomic>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/runtime/run_on.h"

namespace souk::kafka {
namespace {

// How long an operation is tried before it counts as failed. Shorter than the transaction
// time-out, so that a broker which comes back does not find a transaction that it must abort.
constexpr absl::Duration kFenceMax = absl::Seconds(10);
constexpr absl::Duration kOperationMax = absl::Seconds(20);
constexpr absl::Duration kQueryMax = absl::Seconds(5);
constexpr char kTransactionTimeoutMs[] = "60000";

// Operations look so often whether they are still wanted.
constexpr absl::Duration kSlice = absl::Milliseconds(200);

ClientSettings ProducerSettings(const WriterOptions& options, ClientSettings settings) {
  ClientSettings own = {
      {"linger.ms", "5"},  // Send flushes, which ends the lingering.
      {"compression.type", "lz4"}, {"message.timeout.ms", "15000"}, {"reconnect.backoff.max.ms", "1000"},
      {"retry.backoff.ms", "20"},
  };
  own.insert(own.end(), settings.begin(), settings.end());
  own.emplace_back("transactional.id", options.transactional_id);
  own.emplace_back("transaction.timeout.ms", kTransactionTimeoutMs);
  return own;
}

// The producer. Everything but Abandon is called on its thread.
class Producer {
 public:
  Producer(WriterOptions options, ClientSettings settings)
      : options_(std::move(options)), settings_(std::move(settings)) {}

  // Nobody waits any more: operations end early.
  void Abandon() { abandoned_ = true; }

  Status Fence();
  StatusOr<std::string> ReadNote();
  Status WriteNote(const std::string& note);
  Status Send(const std::vector<Record>& records);
  Status Commit();
  Status Abort();
  StatusOr<std::int64_t> End();

 private:
  using Operation = rd_kafka_error_t* (*)(rd_kafka_t*, int timeout_ms);

  Status Open();
  Status Begin();
  // Runs an operation that may be continued after a time-out, up to `max`.
  Status Continue(Operation operation, absl::Duration max, const char* what);
  rd_kafka_resp_err_t Produce(const Record& record);
  // Waits until nothing is under way.
  Status Flush();
  std::string Name() const { return options_.transactional_id; }

  const WriterOptions options_;
  const ClientSettings settings_;
  std::atomic<bool> abandoned_ = false;
  std::unique_ptr<Client> client_;
  TopicHandle topic_;
  GroupHandle group_;
  bool in_transaction_ = false;
  rd_kafka_resp_err_t delivery_error_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // The first one.
};

Status Producer::Open() {
  const auto on_delivery = [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    auto& first = static_cast<Producer*>(self)->delivery_error_;
    if (first == RD_KAFKA_RESP_ERR_NO_ERROR) first = message->err;
  };
  ASSIGN_OR_RETURN(client_,
                   Client::Make(RD_KAFKA_PRODUCER, ProducerSettings(options_, settings_), on_delivery, this));
  topic_.reset(rd_kafka_topic_new(client_->get(), options_.target.topic.c_str(), nullptr));
  group_.reset(rd_kafka_consumer_group_metadata_new(options_.transactional_id.c_str()));
  return OkStatus();
}

Status Producer::Fence() {
  if (client_ == nullptr) RETURN_IF_ERROR(Open());
  // Says at once whether the topic is there, and spares the first transaction a second.
  absl::StatusOr<std::uint32_t> partitions = Unavailable("not asked");
  const absl::Time deadline = absl::Now() + kFenceMax;
  while (absl::IsUnavailable(partitions.status()) && !abandoned_ && absl::Now() < deadline) {
    partitions = client_->Partitions(topic_.get(), kSlice * 5);
  }
  RETURN_IF_ERROR(partitions.status());
  if (options_.target.partition >= *partitions) {
    return NotFound(
        "topic %s has %d partitions, but the service has more; add some with soukctl topics create",
        options_.target.topic, *partitions);
  }
  return Continue(rd_kafka_init_transactions, kFenceMax, "cannot fence");
}

Status Producer::Continue(Operation operation, absl::Duration max, const char* what) {
  const absl::Time deadline = absl::Now() + max;
  for (;;) {
    const ErrorHandle error(operation(client_->get(), Milliseconds(kSlice)));
    if (error == nullptr) return OkStatus();
    const bool goes_on =
        rd_kafka_error_is_retriable(error.get()) != 0 && !abandoned_ && absl::Now() < deadline;
    if (!goes_on) return client_->ToStatus(error.get(), Name() + ": " + what);
    // A retriable error may come at once.
    if (rd_kafka_error_code(error.get()) != RD_KAFKA_RESP_ERR__TIMED_OUT) absl::SleepFor(kSlice / 10);
  }
}

// By a consumer: librdkafka 2.0's admin request for this ends the process when the group's
// coordinator has just moved.
StatusOr<std::string> Producer::ReadNote() {
  ClientSettings settings = settings_;
  settings.emplace_back("group.id", options_.transactional_id);
  settings.emplace_back("isolation.level", "read_committed");
  ASSIGN_OR_RETURN(const std::unique_ptr<Client> consumer, Client::Make(RD_KAFKA_CONSUMER, settings));
  const ListHandle partitions(rd_kafka_topic_partition_list_new(1));
  const rd_kafka_topic_partition_t* const entry = rd_kafka_topic_partition_list_add(
      partitions.get(), options_.target.topic.c_str(), static_cast<std::int32_t>(options_.target.partition));
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR__TIMED_OUT;
  const absl::Time deadline = absl::Now() + kOperationMax;
  while (error != RD_KAFKA_RESP_ERR_NO_ERROR && !abandoned_ && absl::Now() < deadline) {
    error = rd_kafka_committed(consumer->get(), partitions.get(), Milliseconds(kSlice * 5));
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = entry->err;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && error != RD_KAFKA_RESP_ERR__TIMED_OUT)
      absl::SleepFor(kSlice / 10);
  }
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    return consumer->ToStatus(error, Name() + ": cannot read who publishes");
  return std::string(static_cast<const char*>(entry->metadata), entry->metadata_size);
}

// The note is the metadata of an offset that nobody reads: only who holds the transactional
// id can commit one in a transaction.
//
// The group's coordinator must be there before, which reading sees to: a broker that makes it
// at the first question says so, and librdkafka then waits for ever, whatever the time-out
// (librdkafka #5456).
Status Producer::WriteNote(const std::string& note) {
  RETURN_IF_ERROR(ReadNote().status());
  RETURN_IF_ERROR(Begin());
  const ListHandle partitions(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_t* const entry = rd_kafka_topic_partition_list_add(
      partitions.get(), options_.target.topic.c_str(), static_cast<std::int32_t>(options_.target.partition));
  entry->offset = 0;
  entry->metadata = strdup(note.c_str());  // Freed with the list.
  entry->metadata_size = note.size();
  const ErrorHandle error(rd_kafka_send_offsets_to_transaction(client_->get(), partitions.get(), group_.get(),
                                                               Milliseconds(kOperationMax)));
  RETURN_IF_ERROR(client_->ToStatus(error.get(), Name() + ": cannot note who publishes"));
  return Commit();
}

Status Producer::Begin() {
  if (in_transaction_) return OkStatus();
  const ErrorHandle error(rd_kafka_begin_transaction(client_->get()));
  in_transaction_ = error == nullptr;
  return client_->ToStatus(error.get(), Name() + ": cannot begin a transaction");
}

Status Producer::Send(const std::vector<Record>& records) {
  RETURN_IF_ERROR(Begin());
  for (const Record& record : records) {
    rd_kafka_resp_err_t error = Produce(record);
    while (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      RETURN_IF_ERROR(Flush());
      error = Produce(record);
    }
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return client_->ToStatus(error, Name() + ": cannot send to " + options_.target.topic);
    }
  }
  return Flush();
}

rd_kafka_resp_err_t Producer::Produce(const Record& record) {
  HeadersHandle headers(rd_kafka_headers_new(record.headers.size()));
  for (const auto& [name, value] : record.headers) {
    rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  std::array<rd_kafka_vu_t, 6> fields{};
  fields[0].vtype = RD_KAFKA_VTYPE_RKT;
  fields[0].u.rkt = topic_.get();
  fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  fields[1].u.i32 = static_cast<std::int32_t>(options_.target.partition);
  fields[2].vtype = RD_KAFKA_VTYPE_KEY;
  fields[2].u.mem.ptr = const_cast<char*>(record.key.data());
  fields[2].u.mem.size = record.key.size();
  fields[3].vtype = RD_KAFKA_VTYPE_VALUE;
  fields[3].u.mem.ptr = const_cast<char*>(record.value.data());
  fields[3].u.mem.size = record.value.size();
  fields[4].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  fields[4].u.i = RD_KAFKA_MSG_F_COPY;
  fields[5].vtype = RD_KAFKA_VTYPE_HEADERS;
  fields[5].u.headers = headers.get();
  const ErrorHandle error(rd_kafka_produceva(client_->get(), fields.data(), fields.size()));
  if (error != nullptr) return rd_kafka_error_code(error.get());
  headers.release();  // The message has them.
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

Status Producer::Flush() {
  const absl::Time deadline = absl::Now() + kOperationMax;
  for (;;) {
    const rd_kafka_resp_err_t error = rd_kafka_flush(client_->get(), Milliseconds(kSlice));
    const rd_kafka_resp_err_t problem =
        delivery_error_ != RD_KAFKA_RESP_ERR_NO_ERROR ? delivery_error_ : error;
    if (problem == RD_KAFKA_RESP_ERR_NO_ERROR) return OkStatus();
    if (problem != RD_KAFKA_RESP_ERR__TIMED_OUT || abandoned_ || absl::Now() > deadline) {
      return client_->ToStatus(problem, Name() + ": cannot send to " + options_.target.topic);
    }
  }
}

Status Producer::Commit() {
  in_transaction_ = false;
  return Continue(rd_kafka_commit_transaction, kOperationMax, "cannot commit");
}

Status Producer::Abort() {
  in_transaction_ = false;
  return Continue(rd_kafka_abort_transaction, kOperationMax, "cannot abort");
}

StatusOr<std::int64_t> Producer::End() {
  for (const absl::Time deadline = absl::Now() + kQueryMax;;) {
    StatusOr<std::int64_t> end = client_->OffsetOf(options_.target, RD_KAFKA_OFFSET_END, kSlice * 5);
    if (end.ok() || abandoned_ || absl::Now() > deadline) return end;
    // Another node leads the partition, or there is none any more.
    const absl::StatusOr<std::uint32_t> partitions = client_->Partitions(topic_.get(), kSlice * 5);
    if (absl::IsNotFound(partitions.status())) return partitions.status();
    absl::SleepFor(kSlice / 10);
  }
}

class KafkaWriter final : public TopicWriter {
 public:
  KafkaWriter(WriterOptions options, ClientSettings settings, Scheduler& home, Scheduler& thread)
      : home_(home),
        thread_(thread),
        producer_(std::make_shared<Producer>(std::move(options), std::move(settings))) {}
  ~KafkaWriter() override {
    producer_->Abandon();
    // On its thread, for it may take a while.
    thread_.Post([producer = std::move(producer_)]() mutable { producer.reset(); });
  }

  Task<Status> Fence() override {
    return Run([producer = producer_] { return producer->Fence(); });
  }
  Task<StatusOr<std::string>> ReadNote() override {
    return Run([producer = producer_] { return producer->ReadNote(); });
  }
  Task<Status> WriteNote(std::string note) override {
    return Run([producer = producer_, note = std::move(note)] { return producer->WriteNote(note); });
  }
  Task<Status> Send(std::vector<Record> records) override {
    return Run([producer = producer_, records = std::move(records)] { return producer->Send(records); });
  }
  Task<Status> Commit() override {
    return Run([producer = producer_] { return producer->Commit(); });
  }
  Task<Status> Abort() override {
    return Run([producer = producer_] { return producer->Abort(); });
  }
  Task<StatusOr<std::int64_t>> End() override {
    return Run([producer = producer_] { return producer->End(); });
  }

 private:
  template <typename Function>
  Task<std::invoke_result_t<Function&>> Run(Function function) {
    return RunBetween(thread_, home_, std::move(function));
  }
  template <typename Function>
  static Task<std::invoke_result_t<Function&>> RunBetween(Scheduler& thread, Scheduler& home,
                                                          Function function) {
    co_return co_await RunOn(thread, home, std::move(function));
  }

  Scheduler& home_;
  Scheduler& thread_;
  std::shared_ptr<Producer> producer_;
};

}  // namespace

std::unique_ptr<TopicWriter> MakeKafkaWriter(WriterOptions options, ClientSettings settings, Scheduler& home,
                                             Scheduler& thread) {
  return std::make_unique<KafkaWriter>(std::move(options), std::move(settings), home, thread);
}

}  // namespace souk::kafka
