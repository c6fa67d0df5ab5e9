// Bytes of events as releases have written them, kept in text files: a kind of event in one
// paragraph of three lines, its name, its bytes in hexadecimal digits, and what they say.
//
//   souk.order.events.v1.CheckoutStarted
//   0a016b12016322016e
//   checkout_id: "k" cart_id: "c" buyer_id: "b"
//
// Stored events are named by their message and the field of its oneof `kind`.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace souk::golden {

struct Kind {
  std::string name;                                          // souk.order.v1.OrderEvent.placed
  std::string message;                                       // souk.order.v1.OrderEvent
  const google::protobuf::FieldDescriptor* field = nullptr;  // placed; null: the whole message.
};
// Every kind of event of this build, public and stored.
std::vector<Kind> AllKinds();

struct Sample {
  std::string bytes;  // In hexadecimal digits.
  std::string text;
};
// By name of the kind: all paragraphs of the folder's *.txt.
std::map<std::string, std::vector<Sample>> ReadSamples(const std::string& folder);

// An empty message of the code that protoc has generated.
std::unique_ptr<google::protobuf::Message> NewMessage(const std::string& full_name);

// Paths of all fields that an event of this kind can have, such as "placed.lines.title".
std::set<std::string> FieldsOf(const Kind& kind);
// Those that are set in `message`.
std::set<std::string> FieldsIn(const google::protobuf::Message& message);

// An event with all fields set, but of a oneof one: the first that is not `covered`.
std::unique_ptr<google::protobuf::Message> Fill(const Kind& kind, const std::set<std::string>& covered);

}  // namespace souk::golden
