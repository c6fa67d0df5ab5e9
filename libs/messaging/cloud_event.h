// How an event looks on a Kafka topic: a CloudEvent in binary mode. The value is the public
// protobuf message; everything else is in headers, as text:
//
//   ce_specversion "1.0", ce_id, ce_source "/souk/order/0", ce_type, ce_subject "order/4711",
//   ce_time, ce_dataschema "urn:souk:souk.order.events.v1.OrderPlaced",
//   content-type "application/protobuf", traceparent,
//   souk_position           of the event in the log of the service's partition
//   souk_previous_position  of the event before it on this topic partition: proves that none is missing
//   souk_hash               SHA-256 of the log entry, in hexadecimal digits
//   souk_revision, souk_record_time, souk_correlation_id, souk_causation_id, souk_actor,
//   souk_schema_version, souk_following: see event_record.proto; missing when empty
//
// The key is the id of the aggregate. The same headers go with the stored entries of a log
// topic, whose value is the whole EventRecord and whose ce_dataschema says so.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/status.h"
#include "libs/kafka/broker.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk {

// Where an event stands on its topic partition.
struct TopicLink {
  std::uint64_t position = 0;
  std::uint64_t previous_position = 0;  // 0: it is the first.
  std::string hash;                     // SHA-256 of the log entry, 32 bytes.
};

// `event` as EventLogService shows it to other services (VIEW_PUBLIC).
kafka::Record ToCloudEvent(std::string_view service, const event::v1::EventRecord& event,
                           const TopicLink& link);
// `stored` is the log entry of which `event` was parsed.
kafka::Record ToLogRecord(std::string_view service, const event::v1::EventRecord& event,
                          std::string_view stored, const TopicLink& link);

// DATA_LOSS when the record was not written by ToCloudEvent or ToLogRecord.
StatusOr<TopicLink> ReadLink(const kafka::Record& record);
// The event that ToCloudEvent was given.
StatusOr<event::v1::EventRecord> FromCloudEvent(const kafka::Record& record);

// The topics of a service.
std::string EventsTopic(std::string_view service);  // Public events: "souk.order.events.v1".
std::string LogTopic(std::string_view service);     // Log entries: "souk.order.log".
std::string RowsTopic(std::string_view service);    // What else a store has: "souk.order.rows".

}  // namespace souk
