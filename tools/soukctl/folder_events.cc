#include <algorithm>
#include <map>

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
#include "tools/soukctl/event_source.h"

namespace souk::ctl {
namespace {

using event::v1::EventRecord;
using Mapping = std::optional<PublicEvent> (*)(const EventRecord&);

constexpr std::uint64_t kRecordsPerCheckpoint = 1024;

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

  Status Read(const ReadRange& range, EventFunction function, CheckpointFunction checkpoint) override {
    const auto store = stores_.find(range.log.service);
    if (store == stores_.end()) return NotFound("the folder has no service %s", range.log.service);
    const Mapping mapping = MappingOf(range.log.service);
    if (mapping == nullptr && !range.stored) {
      return FailedPrecondition("this soukctl does not know what %s publishes; run a newer one, or --stored",
                                range.log.service);
    }
    EventRecord rendered;
    return EventLog(*store->second, range.log.partition)
        .ReadAfter(range.after, [&](const EventRecord& record, std::string_view) {
          if (record.position() > range.last) return false;
          bool go_on = true;
          if (range.stored) {
            if (Wanted(range, record.type())) go_on = function(record);
          } else if (!record.aggregate().empty()) {
            std::optional<PublicEvent> event = mapping(record);
            if (event.has_value() && Wanted(range, event->type)) {
              rendered = record;
              rendered.set_type(std::move(event->type));
              rendered.set_payload(std::move(event->payload));
              go_on = function(rendered);
            }
          }
          const bool stop_here =
              record.position() % kRecordsPerCheckpoint == 0 || record.position() == range.last;
          if (go_on && stop_here) go_on = checkpoint(record.position());
          return go_on;
        });
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
  static bool Wanted(const ReadRange& range, const std::string& type) {
    return range.types.empty() ||
           std::find(range.types.begin(), range.types.end(), type) != range.types.end();
  }

  const std::unique_ptr<DataFolder> folder_;
  const std::map<std::string, std::unique_ptr<Store>> stores_;
};

}  // namespace

StatusOr<std::unique_ptr<EventSource>> EventsOfFolder(const std::string& data_dir) {
  ASSIGN_OR_RETURN(const std::vector<std::string> services, ServicesIn(data_dir));
  ASSIGN_OR_RETURN(auto folder, DataFolder::OpenForReading(data_dir));
  std::map<std::string, std::unique_ptr<Store>> stores;
  for (const std::string& service : services) {
    ASSIGN_OR_RETURN(stores[service], RocksStore::OpenReadOnly(data_dir + "/" + service + "/store"));
  }
  return std::make_unique<FolderSource>(std::move(folder), std::move(stores));
}

}  // namespace souk::ctl
