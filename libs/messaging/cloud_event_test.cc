#include "libs/messaging/cloud_event.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/hash.h"
#include "libs/base/proto_time.h"

namespace souk {
namespace {

using event::v1::EventRecord;

const TopicLink kLink{.position = 42, .previous_position = 40, .hash = std::string(32, '\xab')};

EventRecord Placed() {
  EventRecord event;
  event.set_event_id("e-1");
  event.set_type("souk.order.events.v1.OrderPlaced");
  event.set_aggregate("order");
  event.set_aggregate_id("g-1.1/a");  // Ids may have slashes.
  event.set_revision(3);
  event.set_partition(2);
  event.set_position(42);
  *event.mutable_occur_time() = ToProto(absl::FromUnixMicros(1'500'000'000'123'456));
  *event.mutable_record_time() = ToProto(absl::FromUnixMicros(1'500'000'001'000'001));
  event.set_correlation_id("journey-1");
  event.set_causation_id("e-0");
  event.set_actor("buyer/b-1");
  event.set_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  event.set_schema_version(1);
  event.set_following(2);
  event.set_payload(std::string("\0\x01\xff", 3));
  return event;
}

void Remove(kafka::Record& record, std::string_view name) {
  std::erase_if(record.headers, [name](const auto& header) { return header.first == name; });
}
void Set(kafka::Record& record, std::string_view name, const std::string& value) {
  for (auto& [key, old] : record.headers) {
    if (key == name) old = value;
  }
}

TEST_CASE("an event is a CloudEvent in binary mode, keyed by what it is about") {
  const kafka::Record record = ToCloudEvent("order", Placed(), kLink);
  CHECK(record.key == "g-1.1/a");
  CHECK(record.value == Placed().payload());
  CHECK(record.headers ==
        kafka::Headers{{"ce_specversion", "1.0"},
                       {"ce_id", "e-1"},
                       {"ce_source", "/souk/order/2"},
                       {"ce_type", "souk.order.events.v1.OrderPlaced"},
                       {"ce_subject", "order/g-1.1/a"},
                       {"ce_time", "2017-07-14T02:40:00.123456+00:00"},
                       {"ce_dataschema", "urn:souk:souk.order.events.v1.OrderPlaced"},
                       {"content-type", "application/protobuf"},
                       {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
                       {"souk_position", "42"},
                       {"souk_previous_position", "40"},
                       {"souk_hash", ToHex(kLink.hash)},
                       {"souk_revision", "3"},
                       {"souk_record_time", "2017-07-14T02:40:01.000001+00:00"},
                       {"souk_correlation_id", "journey-1"},
                       {"souk_causation_id", "e-0"},
                       {"souk_actor", "buyer/b-1"},
                       {"souk_schema_version", "1"},
                       {"souk_following", "2"}});
}

TEST_CASE("an event is read back from its topic as it was") {
  const auto read = FromCloudEvent(ToCloudEvent("order", Placed(), kLink));
  REQUIRE(read.ok());
  CHECK(read->SerializeAsString() == Placed().SerializeAsString());
}

TEST_CASE("what an event does not say is no header, and is not said when it is read back") {
  EventRecord event = Placed();
  event.clear_causation_id();
  event.clear_traceparent();
  event.clear_following();
  const kafka::Record record = ToCloudEvent("order", event, kLink);
  for (const char* const name : {"souk_causation_id", "traceparent", "souk_following"}) {
    CHECK(kafka::FindHeader(record, name) == std::nullopt);
  }
  CHECK(FromCloudEvent(record).value().SerializeAsString() == event.SerializeAsString());
}

TEST_CASE("a log entry goes as it is stored, with the headers of its event") {
  const kafka::Record record = ToLogRecord("order", Placed(), "stored bytes", kLink);
  CHECK(record.value == "stored bytes");
  CHECK(kafka::FindHeader(record, "ce_dataschema") == "urn:souk:souk.event.v1.EventRecord");
  CHECK(kafka::FindHeader(record, "ce_type") == "souk.order.events.v1.OrderPlaced");
}

TEST_CASE("the place of an event on its topic is read back") {
  const auto link = ReadLink(ToCloudEvent("order", Placed(), kLink));
  REQUIRE(link.ok());
  CHECK(link->position == kLink.position);
  CHECK(link->previous_position == kLink.previous_position);
  CHECK(link->hash == kLink.hash);
}

TEST_CASE("a record of somebody else is refused with the header that tells so") {
  for (const char* const name :
       {"ce_id", "ce_type", "ce_subject", "ce_source", "souk_position", "ce_time", "souk_record_time"}) {
    kafka::Record record = ToCloudEvent("order", Placed(), kLink);
    Remove(record, name);
    const Status status = FromCloudEvent(record).status();
    CHECK(absl::IsDataLoss(status));
    CHECK_THAT(std::string(status.message()), Catch::Matchers::Contains(name));
  }
  for (const char* const name : {"souk_position", "souk_previous_position", "souk_hash"}) {
    kafka::Record record = ToCloudEvent("order", Placed(), kLink);
    Remove(record, name);
    const Status status = ReadLink(record).status();
    CHECK(absl::IsDataLoss(status));
    CHECK_THAT(std::string(status.message()), Catch::Matchers::Contains(name));
  }
  CHECK(absl::IsDataLoss(FromCloudEvent(kafka::Record()).status()));
  CHECK(absl::IsDataLoss(ReadLink(kafka::Record()).status()));
}

TEST_CASE("a header that makes no sense is refused by name") {
  for (const auto& [name, value] :
       std::vector<std::pair<const char*, const char*>>{{"souk_position", "forty-two"},
                                                        {"souk_position", "42x"},
                                                        {"souk_position", "-1"},
                                                        {"souk_position", "99999999999999999999"},
                                                        {"souk_revision", "3.5"},
                                                        {"ce_source", "somebody"},
                                                        {"ce_source", "/souk/order"},
                                                        {"ce_source", "/souk/order/0x"},
                                                        {"ce_time", "yesterday"}}) {
    kafka::Record record = ToCloudEvent("order", Placed(), kLink);
    Set(record, name, value);
    INFO(name << " = " << value);
    const Status status = FromCloudEvent(record).status();
    CHECK(absl::IsDataLoss(status));
    CHECK_THAT(std::string(status.message()), Catch::Matchers::Contains(name));
  }
}

TEST_CASE("a service's topics bear its name") {
  CHECK(EventsTopic("order") == "souk.order.events.v1");
  CHECK(LogTopic("order") == "souk.order.log");
}

}  // namespace
}  // namespace souk
