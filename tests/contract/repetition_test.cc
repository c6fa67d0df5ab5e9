// What happens when a request is sent again: for every method of every service.
#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <string>

#include "tests/contract/story.h"

namespace souk::contract {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The provider's messages have an event_id for the same purpose.
bool TakesRequestId(const Rpc& rpc) {
  return SetRequestId(*rpc.NewRequest(), "x") || rpc.name() == "ReceiveProviderEvent";
}

// Whether a string of this name means anything whatever it says.
bool IsFreeText(const std::string& name) {
  static const std::set<std::string> kNames = {"note",      "text",         "reason",  "story",
                                               "shop_name", "title",        "holder",  "alt_text",
                                               "message",   "display_name", "category"};
  return kNames.contains(name);
}

// Says something else that is as good; false when there is only one thing to say.
bool Change(Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* const field = message.GetDescriptor()->field(i);
    if (field->is_repeated()) continue;
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        if (!IsFreeText(field->name())) break;
        reflection.SetString(&message, field, reflection.GetString(message, field) + "x");
        return true;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.SetInt32(&message, field, reflection.GetInt32(message, field) + 1);
        return true;
      case FieldDescriptor::CPPTYPE_INT64:
        reflection.SetInt64(&message, field, reflection.GetInt64(message, field) + 1);
        return true;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection.SetBool(&message, field, !reflection.GetBool(message, field));
        return true;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        if (reflection.HasField(message, field) && Change(*reflection.MutableMessage(&message, field))) {
          return true;
        }
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
      case FieldDescriptor::CPPTYPE_UINT32:
      case FieldDescriptor::CPPTYPE_UINT64:
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_DOUBLE:
        break;
    }
  }
  return false;
}

TEST_CASE("a method without request_id stores nothing") {
  Scene::ForEach([](Scene& scene) {
    if (TakesRequestId(scene.rpc())) return;
    const std::uint64_t records = scene.store().Records();
    CHECK(scene.store().Call(scene.rpc(), scene.line().caller, *scene.Request()).ok());
    CHECK(scene.store().Records() == records);
  });
}

TEST_CASE("a repeated request has one effect and the same answer") {
  int effective = 0;
  Scene::ForEach([&](Scene& scene) {
    if (!TakesRequestId(scene.rpc()) || !scene.line().works) return;
    const std::unique_ptr<Message> request = scene.Request();
    const auto send = [&] {
      StatusOr<std::unique_ptr<Message>> response =
          scene.store().Call(scene.rpc(), scene.line().caller, *request);
      INFO(response.status().ToString());
      REQUIRE(response.ok());
      return (*response)->SerializeAsString();
    };
    const std::uint64_t before = scene.store().Records();
    send();
    const std::uint64_t records = scene.store().Records();
    if (records > before) ++effective;
    // The answer is the present state of the same thing: what followed from the request by
    // itself shows in the second one.
    const std::string second = send();
    CHECK(send() == second);
    CHECK(scene.store().Records() == records);
  });
  CHECK(effective > 50);
}

TEST_CASE("a request_id that comes again with something else is refused") {
  int changed = 0;
  Scene::ForEach([&](Scene& scene) {
    const std::unique_ptr<Message> request = scene.Request();
    if (!TakesRequestId(scene.rpc()) || !scene.line().works || !Change(*request)) return;
    ++changed;
    REQUIRE(scene.store().Call(scene.rpc(), scene.line().caller, *scene.Request()).ok());
    const std::uint64_t records = scene.store().Records();
    const Status refused = scene.store().Call(scene.rpc(), scene.line().caller, *request).status();
    INFO(request->ShortDebugString() << ": " << refused.ToString());
    CHECK(absl::IsInvalidArgument(refused));
    CHECK(Reason(refused) == "REQUEST_ID_REUSED");
    CHECK(scene.store().Records() == records);
  });
  CHECK(changed > 20);
}

}  // namespace
}  // namespace souk::contract
