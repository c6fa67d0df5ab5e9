#include "tests/simulation/audited_broker.h"

#include <utility>

#include "libs/messaging/cloud_event.h"
#include "libs/messaging/store_row.h"

namespace souk::simulation {
namespace {

using testing::Without;

Without LeftOut(const Stage& stage) {
  if (stage.Has(Mutant::kPublishWithoutFence)) return Without::kFence;
  return stage.Has(Mutant::kPublishWithoutReadBack) ? Without::kReadBack : Without::kNothing;
}

}  // namespace

AuditedBroker::AuditedBroker(Stage& stage, LogWitness& witness, Scheduler& home)
    : stage_(stage),
      witness_(witness),
      broker_(stage.kafka.Connect(home)),
      script_(*broker_, LeftOut(stage)) {
  script_.on_send = [this](testing::ScriptedBroker::Writer writer, std::vector<kafka::Record> records) {
    return Send(this, std::move(writer), std::move(records));
  };
}

Task<Status> AuditedBroker::Send(AuditedBroker* self, testing::ScriptedBroker::Writer writer,
                                 std::vector<kafka::Record> records) {
  for (const kafka::Record& record : records) self->Witness(record);
  self->stage_.history.Count("broker", "event sent", static_cast<std::int64_t>(records.size()));
  if (self->stage_.Has(Mutant::kPublishTwice)) {
    std::vector<kafka::Record> again = records;
    co_await Try(writer->Send(std::move(again)));
  }
  const Status sent = co_await writer->Send(std::move(records));
  if (!sent.ok()) self->stage_.history.Count("fault", "nobody knows whether events were sent");
  co_return sent;
}

void AuditedBroker::Witness(const kafka::Record& record) {
  if (ReadRowPlace(record).ok()) return;  // Not of a log.
  const StatusOr<event::v1::EventRecord> event = FromCloudEvent(record);
  if (!event.ok()) {
    return stage_.history.Fail("K-1 a topic has each public event once, in order", event.status().ToString());
  }
  witness_.Shown(event->partition(), event->position(), "Kafka");
}

}  // namespace souk::simulation
