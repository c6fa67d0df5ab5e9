// What soukctl exports of an event is what protobuf's own JSON says of it. Every kind of
// event is compared, with every field set and with none.
#include "tools/soukctl/schema/event_plan.h"

#include <google/protobuf/util/json_util.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "tests/golden/golden_events.h"

namespace souk::golden {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::json;

json ProtobufJson(const Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string text;
  REQUIRE(google::protobuf::util::MessageToJsonString(message, &text, options).ok());
  return json::parse(text);
}

json Ours(const Descriptor& type, std::string_view bytes) {
  std::string text = "{";
  REQUIRE(ctl::EventPlan(type).AppendJsonFields(bytes, text));
  return json::parse(text + "}");
}

// A value of protobuf's JSON as ours says it.
json Translated(const FieldDescriptor& field, const json& value);

// All fields of a message: those that protobuf leaves out are null.
json Translated(const Descriptor& type, const json& message) {
  json translated = json::object();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    json& value = translated[field.name()];
    if (!message.contains(field.name())) continue;
    if (!field.is_repeated()) {
      value = Translated(field, message[field.name()]);
      continue;
    }
    value = json::array();
    for (const json& one : message[field.name()]) value.push_back(Translated(field, one));
  }
  return translated;
}

json Translated(const FieldDescriptor& field, const json& value) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT64) return std::stoll(value.get<std::string>());
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_UINT64) return std::stoull(value.get<std::string>());
  if (field.message_type() == nullptr) return value;
  const std::string& type = field.message_type()->full_name();
  if (type == "google.protobuf.Timestamp") return value;
  if (type == "google.protobuf.Duration") {
    const std::string seconds = value;
    return json::parse(seconds.substr(0, seconds.size() - 1));
  }
  if (type == "google.type.Date") {
    return absl::StrFormat("%02d-%02d-%02d", value["year"].get<int>(), value["month"].get<int>(),
                           value["day"].get<int>());
  }
  return Translated(*field.message_type(), value);
}

void Compare(const Message& event) {
  const Descriptor& type = *event.GetDescriptor();
  CHECK(Ours(type, event.SerializeAsString()) == Translated(type, ProtobufJson(event)));
}

TEST_CASE("an exported event says what protobuf's own JSON says") {
  const auto samples = ReadSamples(SOUK_GOLDEN_FOLDER);
  for (const Kind& kind : AllKinds()) {
    INFO(kind.name);
    const std::unique_ptr<Message> event = NewMessage(kind.message);
    Compare(*event);
    for (const Sample& sample : samples.at(kind.name)) {
      REQUIRE(event->ParseFromString(absl::HexStringToBytes(sample.bytes)));
      Compare(*event);
    }
  }
}

TEST_CASE("a header of CSV has a name for every cell") {
  for (const Kind& kind : AllKinds()) {
    INFO(kind.name);
    const std::unique_ptr<Message> event = Fill(kind, {});
    const ctl::EventPlan plan(*event->GetDescriptor());
    std::string header, none, all;
    plan.AppendCsvHeader("", header);
    REQUIRE(plan.AppendCsvCells("", none));
    REQUIRE(plan.AppendCsvCells(event->SerializeAsString(), all));
    const auto cells = std::count(header.begin(), header.end(), ',');
    CHECK(std::count(none.begin(), none.end(), ',') == cells);
    bool quoted = false;  // Commas between quotes separate nothing.
    CHECK(std::count_if(all.begin(), all.end(), [&](char c) {
            quoted ^= c == '"';
            return c == ',' && !quoted;
          }) == cells);
  }
}

TEST_CASE("bytes that are no message are refused") {
  const ctl::EventPlan plan(*NewMessage("souk.order.events.v1.OrderPlaced")->GetDescriptor());
  std::string out;
  CHECK_FALSE(plan.AppendJsonFields(absl::HexStringToBytes("0a05"), out));
  CHECK_FALSE(plan.AppendJsonFields(absl::HexStringToBytes("ff"), out));
  CHECK_FALSE(plan.AppendCsvCells(absl::HexStringToBytes("0a7f61"), out));
}

TEST_CASE("a field of a later release is passed over") {
  const ctl::EventPlan plan(*NewMessage("souk.cart.events.v1.CartCreated")->GetDescriptor());
  std::string out;
  CHECK(plan.AppendJsonFields(absl::HexStringToBytes("0a0163fa7f0178"), out));
  CHECK(out == R"("cart_id":"c","buyer_id":"")");
}

TEST_CASE("strings and times are written as their formats ask for") {
  const auto time = [](std::int64_t seconds, std::int32_t nanos) {
    std::string out;
    ctl::AppendTime(seconds, nanos, out);
    return out;
  };
  CHECK(time(0, 0) == "1970-01-01T00:00:00Z");
  CHECK(time(-1, 0) == "1969-12-31T23:59:59Z");
  CHECK(time(951'827'696, 50'000) == "2000-02-29T12:34:56.000050Z");
  CHECK(time(951'827'696, 1) == "2000-02-29T12:34:56.000000001Z");
  std::string text, cell;
  ctl::AppendJsonString("a\"b\\c\nd\x01", text);
  CHECK(text == R"("a\"b\\c\nd\u0001")");
  ctl::AppendCsvCell("a,\"b\"\n", cell);
  CHECK(cell == "\"a,\"\"b\"\"\n\"");
}

}  // namespace
}  // namespace souk::golden
