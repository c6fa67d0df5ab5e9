#include "libs/testing/counter_service.h"

#include <optional>
#include <utility>

#include "libs/base/check.h"
#include "libs/messaging/public_event.h"
#include "libs/testing/counter.h"

namespace souk::testing {

using event::v1::EventRecord;

namespace {

std::optional<PublicEvent> ToPublicEvent(const EventRecord& record) {
  v1::CounterEvent event;
  if (!event.ParseFromString(record.payload())) return std::nullopt;
  if (event.has_opened()) return PublicEvent::Of(event.opened());
  if (event.has_added()) return PublicEvent::Of(event.added());
  return std::nullopt;
}

}  // namespace

CounterService::CounterService(std::string name, Scheduler& scheduler, const Clock& clock, Store& store,
                               std::uint32_t partitions)
    : engine_(EngineOptions{.service = std::move(name), .partitions = partitions, .new_incarnation = "i-1"},
              scheduler, clock, store) {
  engine_.Register<Counter>();
  engine_.SetPublicMapping(ToPublicEvent);
}

Task<Status> CounterService::Count(int counters, int times) {
  const auto metadata = [this] {
    CommandMetadata made;
    made.request_id = engine_.options().service + "-" + std::to_string(++requests_) + "-" +
                      std::to_string(engine_.partition(0).head());
    made.actor = "operator/test";
    made.correlation_id = "journey-1";
    made.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    return made;
  };
  for (int time = 0; time < times; ++time) {
    for (int i = 0; i < counters; ++i) {
      const CounterId id = CounterId::Of("c" + std::to_string(i));
      const Shared<Counter::State> counter = co_await Try(engine_.Read<Counter>(id));
      if (counter->owner().empty())
        co_await Try(engine_.Execute<Counter>(id, Open{.owner = "o"}, metadata()));
      co_await Try(engine_.Execute<Counter>(id, Add{.amount = 1}, metadata()));
    }
  }
  std::string name = "closed" + std::to_string(requests_);  // And no other process's.
  for (std::uint32_t i = 0; i < engine_.options().partitions; ++i) {
    name += "-" + std::to_string(engine_.partition(i).head());
  }
  const CounterId closed = CounterId::Of(name);
  co_await Try(engine_.Execute<Counter>(closed, Open{.owner = "o"}, metadata()));
  co_await Try(engine_.Execute<Counter>(closed, Close{.reason = "test"}, metadata()));
  co_return OkStatus();
}

std::vector<EventRecord> CounterService::PublicEvents(std::uint32_t partition) const {
  std::vector<EventRecord> events;
  const Status read =
      engine_.partition(partition).log().ReadAfter(0, [&](const EventRecord& record, std::string_view) {
        if (std::optional<EventRecord> event = ToPublic(engine_, record)) events.push_back(*std::move(event));
        return true;
      });
  SOUK_CHECK(read.ok(), "the log of a test is damaged");
  return events;
}

}  // namespace souk::testing
