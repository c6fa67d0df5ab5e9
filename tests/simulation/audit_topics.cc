// K: what readers of Kafka see of the logs.
#include "absl/strings/str_format.h"
#include "libs/messaging/cloud_event.h"
#include "tests/simulation/audit.h"

namespace souk::simulation {
namespace {

constexpr char kOnce[] = "K-1 a topic has each public event once, in order";

// `wanted` are the entries of the log that belong on the topic.
void CheckPartition(const std::vector<kafka::StoredRecord>& records, const LogWitness::Entries& wanted,
                    const std::string& name, History& history) {
  auto next = wanted.begin();
  for (const kafka::StoredRecord& stored : records) {
    const StatusOr<event::v1::EventRecord> event = FromCloudEvent(stored.record);
    if (!event.ok()) return history.Fail(kOnce, name + ": " + event.status().ToString());
    const bool right = next != wanted.end() && event->position() == next->first &&
                       event->event_id() == next->second.event_id;
    if (!right) {
      return history.Fail(kOnce, absl::StrFormat("%s has position %d where %d is next", name,
                                                 event->position(), next == wanted.end() ? 0 : next->first));
    }
    ++next;
  }
  if (next == wanted.end()) return;
  history.Fail(kOnce, absl::StrFormat("%s has nothing from position %d on", name, next->first));
}

}  // namespace

void AuditTopics(World& world) {
  const Plan& plan = world.stage().plan;
  if (plan.broker == Plan::Broker::kNone) return;
  History& history = world.stage().history;
  world.stage().history.Count("broker", "worlds with Kafka");
  for (const auto& machine : world.machines()) {
    LogWitness& witness = machine->witness();
    for (std::uint32_t i = 0; i < machine->partitions(); ++i) {
      const auto check = [&](const std::string& topic, const LogWitness::Entries& wanted) {
        const std::vector<kafka::StoredRecord> records = world.stage().kafka.Committed({topic, i});
        history.Count("broker", "event published", static_cast<std::int64_t>(records.size()));
        CheckPartition(records, wanted, absl::StrFormat("%s/%d", topic, i), history);
      };
      check(EventsTopic(machine->service()), witness.published(i));
      if (plan.log_topic) check(LogTopic(machine->service()), witness.entries(i));
    }
  }
}

}  // namespace souk::simulation
