#include "libs/messaging/cloud_event.h"

#include <charconv>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/time/time.h"
#include "libs/base/hash.h"
#include "libs/base/proto_time.h"

namespace souk {

using event::v1::EventRecord;

namespace {

std::string ToText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime(absl::RFC3339_full, FromProto(time), absl::UTCTimeZone());
}

// Adds headers; those without a value are left out.
class HeaderWriter {
 public:
  explicit HeaderWriter(kafka::Headers& headers) : headers_(headers) {}
  void Add(const char* name, std::string value) {
    if (!value.empty()) headers_.emplace_back(name, std::move(value));
  }
  void AddNumber(const char* name, std::uint64_t value) {
    if (value != 0) Add(name, std::to_string(value));
  }

 private:
  kafka::Headers& headers_;
};

kafka::Record WithHeaders(std::string_view service, const EventRecord& event, std::string_view schema,
                          const TopicLink& link, std::string value) {
  kafka::Record record{.key = event.aggregate_id(), .value = std::move(value), .headers = {}};
  record.headers.reserve(20);
  HeaderWriter headers(record.headers);
  headers.Add("ce_specversion", "1.0");
  headers.Add("ce_id", event.event_id());
  headers.Add("ce_source", absl::StrFormat("/souk/%s/%d", service, event.partition()));
  headers.Add("ce_type", event.type());
  headers.Add("ce_subject", event.aggregate() + "/" + event.aggregate_id());
  headers.Add("ce_time", ToText(event.occur_time()));
  headers.Add("ce_dataschema", absl::StrFormat("urn:souk:%s", schema));
  headers.Add("content-type", "application/protobuf");
  headers.Add("traceparent", event.traceparent());
  headers.Add("souk_position", std::to_string(link.position));
  headers.Add("souk_previous_position", std::to_string(link.previous_position));
  headers.Add("souk_hash", ToHex(link.hash));
  headers.AddNumber("souk_revision", event.revision());
  headers.Add("souk_record_time", ToText(event.record_time()));
  headers.Add("souk_correlation_id", event.correlation_id());
  headers.Add("souk_causation_id", event.causation_id());
  headers.Add("souk_actor", event.actor());
  headers.AddNumber("souk_schema_version", event.schema_version());
  headers.AddNumber("souk_following", event.following());
  return record;
}

// Reads headers; remembers the first that is missing or makes no sense.
class HeaderReader {
 public:
  explicit HeaderReader(const kafka::Record& record) : record_(record) {}

  std::string Text(std::string_view name) {
    const std::optional<std::string_view> value = kafka::FindHeader(record_, name);
    return std::string(value.value_or(""));
  }
  std::string Required(std::string_view name) {
    std::string value = Text(name);
    if (value.empty()) Refuse(name);
    return value;
  }
  std::uint64_t Number(std::string_view name, bool required = false) {
    const std::string text = required ? Required(name) : Text(name);
    return text.empty() ? 0 : Parse<std::uint64_t>(name, text);
  }
  // The partition in "/souk/order/0".
  std::uint32_t PartitionIn(std::string_view name) {
    const std::string text = Required(name);
    return Parse<std::uint32_t>(name, text.substr(text.rfind('/') + 1));
  }
  google::protobuf::Timestamp Time(std::string_view name) {
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, Required(name), &time, &error)) Refuse(name);
    return ToProto(time);
  }
  Status status() const { return status_; }

 private:
  template <typename Number>
  Number Parse(std::string_view name, const std::string& digits) {
    Number number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size()) Refuse(name);
    return number;
  }
  void Refuse(std::string_view name) {
    if (!status_.ok()) return;
    status_ = DataLoss(
        "a record on the topic was not written by Souk: its header %s is missing or unreadable", name);
  }

  const kafka::Record& record_;
  Status status_;
};

}  // namespace

kafka::Record ToCloudEvent(std::string_view service, const EventRecord& event, const TopicLink& link) {
  return WithHeaders(service, event, event.type(), link, event.payload());
}

kafka::Record ToLogRecord(std::string_view service, const EventRecord& event, std::string_view stored,
                          const TopicLink& link) {
  return WithHeaders(service, event, EventRecord::descriptor()->full_name(), link, std::string(stored));
}

StatusOr<TopicLink> ReadLink(const kafka::Record& record) {
  HeaderReader headers(record);
  TopicLink link{.position = headers.Number("souk_position", /*required=*/true),
                 .previous_position = headers.Number("souk_previous_position", /*required=*/true),
                 .hash = absl::HexStringToBytes(headers.Required("souk_hash"))};
  RETURN_IF_ERROR(headers.status());
  return link;
}

StatusOr<EventRecord> FromCloudEvent(const kafka::Record& record) {
  HeaderReader headers(record);
  EventRecord event;
  event.set_event_id(headers.Required("ce_id"));
  event.set_type(headers.Required("ce_type"));
  const std::string subject = headers.Required("ce_subject");
  const std::size_t slash = subject.find('/');
  if (slash != std::string::npos) {
    event.set_aggregate(subject.substr(0, slash));
    event.set_aggregate_id(subject.substr(slash + 1));
  }
  event.set_partition(headers.PartitionIn("ce_source"));
  event.set_revision(headers.Number("souk_revision"));
  event.set_position(headers.Number("souk_position", /*required=*/true));
  *event.mutable_occur_time() = headers.Time("ce_time");
  *event.mutable_record_time() = headers.Time("souk_record_time");
  event.set_correlation_id(headers.Text("souk_correlation_id"));
  event.set_causation_id(headers.Text("souk_causation_id"));
  event.set_actor(headers.Text("souk_actor"));
  event.set_traceparent(headers.Text("traceparent"));
  event.set_schema_version(static_cast<std::uint32_t>(headers.Number("souk_schema_version")));
  event.set_following(static_cast<std::uint32_t>(headers.Number("souk_following")));
  event.set_payload(record.value);
  RETURN_IF_ERROR(headers.status());
  return event;
}

std::string EventsTopic(std::string_view service) { return absl::StrFormat("souk.%s.events.v1", service); }
std::string LogTopic(std::string_view service) { return absl::StrFormat("souk.%s.log", service); }
std::string RowsTopic(std::string_view service) { return absl::StrFormat("souk.%s.rows", service); }

}  // namespace souk
