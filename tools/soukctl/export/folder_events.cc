#include <algorithm>
#include <array>
#include <deque>
#include <future>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "libs/eventsourcing/view.h"
#include "libs/eventstore/event_log.h"
#include "libs/storage/data_folder.h"
#include "libs/storage/rocks_store.h"
#include "services/cart/topics.h"
#include "services/catalog/topics.h"
#include "services/notification/topics.h"
#include "services/order/topics.h"
#include "services/payment/topics.h"
#include "services/shipping/topics.h"
#include "tools/soukctl/data_dir.h"
#include "tools/soukctl/export/event_source.h"
#include "tools/soukctl/read_ahead.h"

namespace souk::ctl {
namespace {

using event::v1::EventRecord;
using Mapping = std::optional<PublicEvent> (*)(const EventRecord&);

// A log is read in pieces, by some threads: to read one takes longer than to write its rows.
constexpr std::uint64_t kPiecePositions = 2048;
constexpr std::size_t kReaders = 2;
constexpr std::size_t kPiecesAhead = kReaders + 1;

// What each service publishes of what it stores. Null when there is no such service.
Mapping MappingOf(const std::string& service) {
  static const auto& mappings = *new std::map<std::string, Mapping>{
      {"cart", cart::ToPublic},   {"catalog", catalog::ToPublic}, {"notification", notification::ToPublic},
      {"order", order::ToPublic}, {"payment", payment::ToPublic}, {"shipping", shipping::ToPublic},
  };
  const auto it = mappings.find(service);
  return it == mappings.end() ? nullptr : it->second;
}

class FolderSource final : public EventSource {
 public:
  FolderSource(std::unique_ptr<DataFolder> folder, std::map<std::string, std::unique_ptr<Store>> stores)
      : folder_(std::move(folder)), stores_(std::move(stores)) {}

  StatusOr<std::vector<LogEnd>> Logs() override {
    std::vector<LogEnd> logs;
    for (const auto& [service, store] : stores_) {
      ASSIGN_OR_RETURN(const std::uint32_t partitions, PartitionsOf(service, *store));
      for (std::uint32_t i = 0; i < partitions; ++i) {
        ASSIGN_OR_RETURN(const EventLog::Head head, EventLog(*store, i).ReadHead());
        logs.push_back({service, i, head.position});
      }
    }
    return logs;
  }

  Status Read(const ReadRange& range, NewBatch new_batch, TakeBatch take) override {
    const auto store = stores_.find(range.log.service);
    if (store == stores_.end()) return NotFound("the folder has no service %s", range.log.service);
    const Mapping mapping = MappingOf(range.log.service);
    if (mapping == nullptr && !range.stored) {
      return FailedPrecondition("this soukctl does not know what %s publishes; run a newer one, or --stored",
                                range.log.service);
    }
    const EventLog log(*store->second, range.log.partition);
    std::deque<std::future<Piece>> ahead;
    std::array<Strand, kReaders> readers;
    std::uint64_t asked = range.after;
    for (std::size_t pieces = 0;;) {
      for (; ahead.size() < kPiecesAhead && asked < range.last; ++pieces) {
        const std::uint64_t after = std::exchange(asked, std::min(asked + kPiecePositions, range.last));
        ahead.push_back(Begin(readers[pieces % kReaders], [&, mapping, after, last = asked] {
          return ReadPiece(log, range, mapping, after, last, new_batch());
        }));
      }
      if (ahead.empty()) return OkStatus();
      const Piece piece = ahead.front().get();
      ahead.pop_front();
      RETURN_IF_ERROR(piece.status);
      if (!take(piece.batch, piece.last)) return OkStatus();
    }
  }

  StatusOr<std::vector<EventRecord>> ReadStream(const std::string& service, const std::string& aggregate,
                                                const std::string& id) override {
    const auto store = stores_.find(service);
    if (store == stores_.end()) return NotFound("the folder has no service %s", service);
    ASSIGN_OR_RETURN(const std::uint32_t partitions, PartitionsOf(service, *store->second));
    std::vector<EventRecord> events;
    for (std::uint32_t i = 0; i < partitions; ++i) {
      RETURN_IF_ERROR(EventLog(*store->second, i).ReadStream(aggregate, id, 0, [&](const EventRecord& event) {
        events.push_back(event);
        return true;
      }));
    }
    if (events.empty()) return NotFound("no such %s", aggregate);
    return events;
  }

 private:
  struct Piece {
    EventBatch batch;
    std::uint64_t last = 0;
    Status status;
  };

  // What is wanted of the positions after `after`, up to `last`.
  static Piece ReadPiece(const EventLog& log, const ReadRange& range, Mapping mapping, std::uint64_t after,
                         std::uint64_t last, EventBatch batch) {
    Status status = range.stored ? ReadStored(log, range, after, last, batch)
                                 : ReadPublic(log, range, mapping, after, last, batch);
    return {std::move(batch), last, std::move(status)};
  }

  static Status ReadStored(const EventLog& log, const ReadRange& range, std::uint64_t after,
                           std::uint64_t last, EventBatch& batch) {
    return log.ReadAfter(after, [&](const EventRecord& record, std::string_view) {
      const bool go_on = !range.Wants(record.type()) || batch.Add(record);
      return go_on && record.position() < last;
    });
  }

  // Most entries are nobody's business: they are not parsed as a whole.
  static Status ReadPublic(const EventLog& log, const ReadRange& range, Mapping mapping, std::uint64_t after,
                           std::uint64_t last, EventBatch& batch) {
    EventRecord brief, rendered;
    return log.ReadEventsAfter(after, [&](const StoredEvent& stored_event, std::string_view stored) {
      bool go_on = true;
      stored_event.CopyTo(brief);
      std::optional<PublicEvent> event = brief.aggregate().empty() ? std::nullopt : mapping(brief);
      if (event.has_value() && range.Wants(event->type) &&
          rendered.ParseFromArray(stored.data(), static_cast<int>(stored.size()))) {
        rendered.set_type(std::move(event->type));
        rendered.set_payload(std::move(event->payload));
        go_on = batch.Add(rendered);
      }
      return go_on && stored_event.position < last;
    });
  }

  const std::unique_ptr<DataFolder> folder_;
  const std::map<std::string, std::unique_ptr<Store>> stores_;
};

}  // namespace

StatusOr<std::unique_ptr<EventSource>> EventsOfFolder(const std::string& data_dir) {
  ASSIGN_OR_RETURN(const std::vector<std::string> services, ServicesIn(data_dir));
  ASSIGN_OR_RETURN(auto folder, DataFolder::OpenForReading(data_dir));
  // All at a time: each goes through what its process had not yet put into tables.
  std::map<std::string, std::future<StatusOr<std::unique_ptr<RocksStore>>>> opening;
  for (const std::string& service : services) {
    opening[service] =
        std::async(std::launch::async, RocksStore::OpenReadOnly, data_dir + "/" + service + "/store");
  }
  std::map<std::string, std::unique_ptr<Store>> stores;
  for (auto& [service, store] : opening) {
    ASSIGN_OR_RETURN(stores[service], store.get());
  }
  return std::make_unique<FolderSource>(std::move(folder), std::move(stores));
}

}  // namespace souk::ctl
