#include "tools/soukctl/events/show_command.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "libs/base/money.h"
#include "libs/base/proto_time.h"
#include "services/order/order_journey.h"
#include "tools/soukctl/events/aggregates.h"
#include "tools/soukctl/events/journey_table.h"
#include "tools/soukctl/schema/event_plan.h"
#include "tools/soukctl/table.h"
#include "tools/soukctl/time_text.h"

namespace souk::ctl {
namespace {

using event::v1::EventRecord;

// What is left when personal data is sealed: a word instead of the bytes.
void HideSealed(nlohmann::ordered_json& value) {
  if (value.is_object() && value.contains("ciphertext")) {
    value = "sealed";
    return;
  }
  if (!value.is_structured()) return;
  for (nlohmann::ordered_json& part : value) HideSealed(part);
}

nlohmann::ordered_json AsJson(const google::protobuf::Message& message) {
  std::string text = "{";
  if (!EventPlan(*message.GetDescriptor()).AppendJsonFields(message.SerializeAsString(), text)) text = "{";
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(text + "}");
  HideSealed(json);
  return json;
}

std::string AmountOf(const type::v1::Money& money) {
  return ToString(Money{money.minor_units(), money.currency_code()});
}

void PrintOrder(const order::v1::OrderState& order, const std::vector<EventRecord>& events) {
  Table lines({"LINE", "PRODUCT", "QUANTITY", "PRICE", "AMOUNT"});
  for (const order::v1::OrderLine& line : order.snapshot().lines()) {
    lines.Add({line.line_id(), line.title(), std::to_string(line.quantity()), AmountOf(line.unit_price()),
               AmountOf(line.amount())});
  }
  lines.Print();
  std::printf("shipping %s, total %s, %s\n\n", AmountOf(order.snapshot().shipping_total()).c_str(),
              AmountOf(order.snapshot().total()).c_str(),
              order::v1::OrderState::Payment_Name(order.payment()).substr(sizeof "PAYMENT_" - 1).c_str());
  PrintJourney(order::JourneyOf(order, events), /*json=*/false);
}

}  // namespace

Status Show(EventSource& source, const ShowOptions& options) {
  const std::string aggregate = options.aggregate.empty() ? options.service : options.aggregate;
  const AggregateType* const type = FindAggregate(options.service, aggregate);
  if (type == nullptr) return NotFound("%s has no aggregate \"%s\"", options.service, aggregate);
  Moment moment;
  if (!options.as_of.empty()) {
    ASSIGN_OR_RETURN(moment, ParseMoment(options.as_of));
  }
  ASSIGN_OR_RETURN(std::vector<EventRecord> events,
                   source.ReadStream(options.service, aggregate, options.id));
  const std::size_t all = events.size();
  std::erase_if(events, [&](const EventRecord& event) {
    return event.position() > moment.position || FromProto(event.record_time()) > moment.time;
  });
  if (events.empty()) return NotFound("there was no %s of this id yet", aggregate);
  const std::shared_ptr<google::protobuf::Message> state = type->NewState();
  for (const EventRecord& event : events) {
    ASSIGN_OR_RETURN(const auto parsed, type->ParseEvent(event.payload()));
    type->Evolve(*state, *parsed);
  }
  const EventRecord& last = events.back();
  if (options.json) {
    const nlohmann::ordered_json json = {{"id", options.id},
                                         {"revision", last.revision()},
                                         {"position", last.position()},
                                         {"record_time", TimeText(last.record_time())},
                                         {"state", AsJson(*state)}};
    std::puts(json.dump(2).c_str());
    return OkStatus();
  }
  std::printf("%s %s after event %zu of %zu (%s, position %llu, %s)\n", aggregate.c_str(), options.id.c_str(),
              events.size(), all, last.type().c_str(), static_cast<unsigned long long>(last.position()),
              TimeText(last.record_time()).c_str());
  if (const auto* const order = dynamic_cast<const order::v1::OrderState*>(state.get()); order != nullptr) {
    PrintOrder(*order, events);
  } else {
    std::puts(AsJson(*state).dump(2).c_str());
  }
  return OkStatus();
}

}  // namespace souk::ctl
