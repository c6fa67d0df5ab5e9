#include "libs/kafka/kafka_reader.h"

#include <array>
#include <atomic>
#include <optional>
#include <utility>

namespace souk::kafka {
namespace {

// Records that one Next returns at most.
constexpr std::size_t kRecordsMax = 512;

ClientSettings ConsumerSettings(const ClientSettings& settings) {
  ClientSettings own = {
      // What the client reads ahead per partition. Once it has so much it looks only every second
      // whether there is room again, so this is also what a partition is read at most in a second.
      {"queued.min.messages", "100000"},
      {"queued.max.messages.kbytes", "8192"},
      // A partition that is opened meanwhile waits for it.
      {"fetch.wait.max.ms", "100"},
      {"reconnect.backoff.max.ms", "1000"},
      {"topic.metadata.propagation.max.ms", "1000"},
  };
  own.insert(own.end(), settings.begin(), settings.end());
  own.emplace_back("isolation.level", "read_committed");
  own.emplace_back("enable.partition.eof", "true");
  own.emplace_back("auto.offset.reset", "error");
  return own;
}

using MessageHandle = std::unique_ptr<rd_kafka_message_t, DestroyWith<rd_kafka_message_destroy>>;

// One open partition. Open and Close are called on the thread of the clients, Fetch on the
// reader's; between them, Open is before every Fetch and Close after it.
class Cursor {
 public:
  Cursor(TopicPartition from, std::int64_t offset, Scheduler& home)
      : from_(std::move(from)), home_(home), next_offset_(offset) {}

  void Open(ReadClients& clients, std::shared_ptr<Cursor> self);
  void Close();

  // What is there already; nothing when that is nothing.
  StatusOr<std::optional<Fetched>> Fetch();

  // Called on home when Fetch may have something.
  void OnReady(std::coroutine_handle<> waiting) { waiting_ = waiting; }
  void GiveUp() { waiting_ = {}; }

 private:
  // What librdkafka tells on a thread of its own.
  struct Signal {
    std::weak_ptr<Cursor> cursor;
    Scheduler& home;
  };

  Status Start(ReadClients& clients);
  void Wake();
  static void PostWake(const Signal& signal);
  // Adds a message to what was fetched.
  Status Take(const rd_kafka_message_t& message, Fetched& fetched);

  const TopicPartition from_;
  Scheduler& home_;
  std::int64_t next_offset_;
  std::coroutine_handle<> waiting_;
  Status failure_;

  ReadClient* client_ = nullptr;
  std::unique_ptr<Signal> signal_;
  TopicHandle topic_;
  QueueHandle queue_;
  std::atomic<bool> open_ = false;
  bool started_ = false;
};

void Cursor::Open(ReadClients& clients, std::shared_ptr<Cursor> self) {
  signal_ = std::make_unique<Signal>(Signal{.cursor = self, .home = home_});
  failure_ = Start(clients);
  open_ = true;
  PostWake(*signal_);
}

Status Cursor::Start(ReadClients& clients) {
  ASSIGN_OR_RETURN(client_, clients.For(from_));
  client_->reads.insert(from_);
  rd_kafka_t* const handle = client_->client->get();
  topic_.reset(rd_kafka_topic_new(handle, from_.topic.c_str(), nullptr));
  queue_.reset(rd_kafka_queue_new(handle));
  rd_kafka_queue_cb_event_enable(
      queue_.get(), [](rd_kafka_t*, void* signal) { PostWake(*static_cast<Signal*>(signal)); },
      signal_.get());
  const int started = rd_kafka_consume_start_queue(topic_.get(), static_cast<std::int32_t>(from_.partition),
                                                   next_offset_, queue_.get());
  started_ = started == 0;
  if (started_) return OkStatus();
  return client_->client->ToStatus(rd_kafka_last_error(), "cannot read topic " + from_.topic);
}

void Cursor::Close() {
  if (started_) rd_kafka_consume_stop(topic_.get(), static_cast<std::int32_t>(from_.partition));
  if (queue_ != nullptr) rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
  queue_ = nullptr;
  topic_ = nullptr;
  if (client_ != nullptr) client_->reads.erase(from_);
}

void Cursor::PostWake(const Signal& signal) {
  signal.home.Post([weak = signal.cursor] {
    if (const auto cursor = weak.lock()) cursor->Wake();
  });
}

void Cursor::Wake() {
  if (waiting_) std::exchange(waiting_, {}).resume();
}

StatusOr<std::optional<Fetched>> Cursor::Fetch() {
  if (!open_) return std::optional<Fetched>();
  RETURN_IF_ERROR(failure_);
  std::array<rd_kafka_message_t*, kRecordsMax> messages;
  const ssize_t count = rd_kafka_consume_batch_queue(queue_.get(), 0, messages.data(), messages.size());
  if (count < 0) return client_->client->ToStatus(rd_kafka_last_error(), "cannot read topic " + from_.topic);
  Fetched fetched;
  for (ssize_t i = 0; i < count; ++i) {
    const MessageHandle message(messages[static_cast<std::size_t>(i)]);
    if (failure_.ok()) failure_ = Take(*message, fetched);
  }
  fetched.next_offset = next_offset_;
  if (!fetched.records.empty() || fetched.at_end) return std::optional(std::move(fetched));
  RETURN_IF_ERROR(failure_);
  return std::optional<Fetched>();
}

Status Cursor::Take(const rd_kafka_message_t& message, Fetched& fetched) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    next_offset_ = std::max(next_offset_, message.offset);
    fetched.at_end = true;
    return OkStatus();
  }
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    const Status status = client_->client->ToStatus(
        message.err,
        absl::StrFormat("cannot read %s/%d at offset %d", from_.topic, from_.partition, next_offset_));
    // The client goes on by itself when it can.
    return absl::IsUnavailable(status) ? OkStatus() : status;
  }
  fetched.at_end = false;
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t milliseconds = rd_kafka_message_timestamp(&message, &type);
  fetched.records.push_back(
      {.offset = message.offset, .time = absl::FromUnixMillis(milliseconds), .record = ToRecord(message)});
  next_offset_ = message.offset + 1;
  return OkStatus();
}

class KafkaReader final : public TopicReader {
 public:
  KafkaReader(ReadClients& clients, TopicPartition from, std::int64_t offset, Scheduler& home,
              Scheduler& thread)
      : thread_(thread), cursor_(std::make_shared<Cursor>(std::move(from), offset, home)) {
    thread_.Post([cursor = cursor_, &clients] { cursor->Open(clients, cursor); });
  }
  ~KafkaReader() override {
    cursor_->GiveUp();
    thread_.Post([cursor = std::move(cursor_)] { cursor->Close(); });
  }

  Task<StatusOr<Fetched>> Next() override { return NextOf(*cursor_); }

 private:
  // `co_await Ready{...}` continues when there may be something.
  struct Ready {
    Cursor& cursor;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) { cursor.OnReady(self); }
    void await_resume() const noexcept {}
  };

  static Task<StatusOr<Fetched>> NextOf(Cursor& cursor) {
    for (;;) {
      std::optional<Fetched> fetched = co_await Try(cursor.Fetch());
      if (fetched.has_value()) co_return *std::move(fetched);
      co_await Ready{cursor};
    }
  }

  Scheduler& thread_;
  std::shared_ptr<Cursor> cursor_;
};

}  // namespace

StatusOr<ReadClient*> ReadClients::For(const TopicPartition& partition) {
  for (const std::unique_ptr<ReadClient>& client : clients_) {
    if (!client->reads.contains(partition)) return client.get();
  }
  return Add();
}

StatusOr<Client*> ReadClients::Any() {
  if (!clients_.empty()) return clients_.front()->client.get();
  ASSIGN_OR_RETURN(ReadClient* const added, Add());
  return added->client.get();
}

StatusOr<ReadClient*> ReadClients::Add() {
  auto added = std::make_unique<ReadClient>();
  ASSIGN_OR_RETURN(added->client, Client::Make(RD_KAFKA_CONSUMER, ConsumerSettings(settings_)));
  clients_.push_back(std::move(added));
  return clients_.back().get();
}

std::unique_ptr<TopicReader> MakeKafkaReader(ReadClients& clients, TopicPartition from, std::int64_t offset,
                                             Scheduler& home, Scheduler& thread) {
  return std::make_unique<KafkaReader>(clients, std::move(from), offset, home, thread);
}

}  // namespace souk::kafka
