// What callers send that makes no sense is refused and stores nothing: for every field of
// every method of every service.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/contract/story.h"

namespace souk::contract {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool EndsWith(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// One way to spoil a request: what it does, and does to a copy.
struct Spoiler {
  std::string what;
  std::function<void(Message&)> spoil;
};

// Of what buyers send: sellers and operators write down numbers of parcels and accounts.
constexpr char kCardNumber[] = "card-number";

using Path = std::vector<const FieldDescriptor*>;

Message& At(Message& message, const Path& path) {
  Message* at = &message;
  for (const FieldDescriptor* const field : path) {
    at = field->is_repeated() ? at->GetReflection()->MutableRepeatedMessage(at, field, 0)
                              : at->GetReflection()->MutableMessage(at, field);
  }
  return *at;
}

void AddSpoilers(const Message& message, const Path& path, const std::string& prefix,
                 std::vector<Spoiler>& out) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* const field = message.GetDescriptor()->field(i);
    const std::string name = prefix + field->name();
    const auto add = [&](const std::string& how, auto change) {
      out.push_back({name + " " + how, [path, field, change](Message& whole) {
                       Message& part = At(whole, path);
                       change(*part.GetReflection(), part, field);
                     }});
    };
    const auto add_string = [&](const std::string& how, const std::string& value) {
      add(how, [value](const auto& r, Message& part, const FieldDescriptor* f) {
        f->is_repeated() ? r.AddString(&part, f, value) : r.SetString(&part, f, value);
      });
    };
    const auto add_number = [&](const std::string& how, std::int64_t value) {
      add(how, [value](const auto& r, Message& part, const FieldDescriptor* f) {
        if (f->cpp_type() == FieldDescriptor::CPPTYPE_INT64) {
          f->is_repeated() ? r.AddInt64(&part, f, value) : r.SetInt64(&part, f, value);
        } else {
          const auto small = static_cast<std::int32_t>(value);
          f->is_repeated() ? r.AddInt32(&part, f, small) : r.SetInt32(&part, f, small);
        }
      });
    };
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        if (field->type() == FieldDescriptor::TYPE_BYTES) break;
        add_string("huge", std::string(300'000, 'x'));
        add_string(kCardNumber, "I pay with 4242 4242 4242 4242");
        if (EndsWith(field->name(), "_id") || EndsWith(field->name(), "_ids")) {
          add_string("malformed", "no such/id\n");
        }
        if (EndsWith(field->name(), "_name") || field->name() == "title" || field->name() == "holder") {
          add_string("of two lines", "Ann\r\nBcc: eve@evil.example");
        }
        if (EndsWith(field->name(), "_email") || field->name() == "email") {
          add_string("in brackets", "<ann@shops.example>");
        }
        if (EndsWith(field->name(), "_token") && field->name() == "page_token") add_string("garbage", "x");
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        add_number("negative", -1);
        add_number("lowest", std::numeric_limits<std::int32_t>::min());
        if (field->name() != "page_size") add_number("highest", std::numeric_limits<std::int32_t>::max());
        break;
      case FieldDescriptor::CPPTYPE_INT64:
        add_number("negative", -1);
        add_number("lowest", std::numeric_limits<std::int64_t>::min());
        add_number("highest", std::numeric_limits<std::int64_t>::max());
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        add("unknown", [](const auto& r, Message& part, const FieldDescriptor* f) {
          f->is_repeated() ? r.AddEnumValue(&part, f, 9999) : r.SetEnumValue(&part, f, 9999);
        });
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        const bool present = field->is_repeated() ? reflection.FieldSize(message, field) > 0
                                                  : reflection.HasField(message, field);
        const bool is_time = field->message_type()->full_name() == "google.protobuf.Timestamp";
        if (!present && !is_time) break;
        Path deeper = path;
        deeper.push_back(field);
        const Message& part = field->is_repeated() ? reflection.GetRepeatedMessage(message, field, 0)
                                                   : reflection.GetMessage(message, field);
        AddSpoilers(part, deeper, name + ".", out);
        break;
      }
      case FieldDescriptor::CPPTYPE_UINT32:
      case FieldDescriptor::CPPTYPE_UINT64:
      case FieldDescriptor::CPPTYPE_FLOAT:
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_BOOL:
        break;
    }
  }
}

// What looks spoilt and is not: the beginnings of "Method field how".
const std::vector<std::string> kFine = {
    "AdjustStock delta negative",
    "DefineDeliveryProfile profile.seller_id",  // Is set from the request, as is what follows.
    "DefineDeliveryProfile profile.version",
    "DefineDeliveryProfile profile.create_time",
    "DefineDeliveryProfile profile.update_time",
    "DefineDeliveryProfile profile.zones.options.weight_grams_max highest",  // As good as no limit.
    "PreviewNotification shop_name of two lines",                            // A mail has it on one.
    "PlaceOrder expected_total.minor_units highest",  // A wrong total: the attempt is recorded, and fails.
    "ReadEvents types huge",                          // Filters that let nothing through.
    "ReadEvents aggregate",
    "RequestPayout amount.minor_units highest",  // She has less.
    "SetAddress contact.address.revision",       // Nobody looks at it.
    "SearchProducts text card-number",           // Is neither kept nor logged.
};

bool IsFine(const std::string& what) {
  return std::any_of(kFine.begin(), kFine.end(),
                     [&](const std::string& fine) { return what.rfind(fine, 0) == 0; });
}

bool IsBuyers(const Line& line) {
  return line.caller.starts_with("buyer/") || line.caller.starts_with("guest");
}

// Fields that say whose something is are compared with the caller before anything is looked
// at, and an etag with the one that there is.
bool IsRightRefusal(const std::string& what, const Status& status) {
  static const std::set<std::string> kWhose = {"seller_id", "buyer_id", "recipient", "guest_token"};
  const std::string field = what.substr(what.find(' ') + 1, what.rfind(' ') - what.find(' ') - 1);
  if (kWhose.contains(field) && absl::IsNotFound(status)) return true;
  if (field == "etag" && absl::IsAborted(status)) return true;
  return absl::IsInvalidArgument(status);
}

TEST_CASE("a field that makes no sense is refused as such, and nothing is stored") {
  Scene::ForEach([](Scene& scene) {
    std::vector<Spoiler> spoilers;
    AddSpoilers(*scene.Request(), {}, "", spoilers);
    std::uint64_t records = scene.store().Records();
    for (const Spoiler& spoiler : spoilers) {
      const std::string what = scene.rpc().name() + " " + spoiler.what;
      if (IsFine(what) || (EndsWith(what, kCardNumber) && !IsBuyers(scene.line()))) continue;
      const std::unique_ptr<Message> request = scene.Request();
      SetRequestId(*request, "spoilt");
      spoiler.spoil(*request);
      const Status refused = scene.store().Call(scene.rpc(), scene.line().caller, *request).status();
      INFO(what);
      INFO(refused.ToString().substr(0, 500));
      CHECK(IsRightRefusal(what, refused));
      CHECK(refused.message().size() < 1000);
      CHECK(scene.store().Records() == records);
      records = scene.store().Records();
    }
  });
}

TEST_CASE("an empty request is refused, or asks for nothing in particular, and nothing is stored") {
  Scene::ForEach([](Scene& scene) {
    const std::uint64_t records = scene.store().Records();
    const Status status =
        scene.store().Call(scene.rpc(), scene.line().caller, *scene.rpc().NewRequest()).status();
    INFO(status.ToString());
    const bool changes_something = SetRequestId(*scene.rpc().NewRequest(), "x");
    CHECK((absl::IsInvalidArgument(status) || (status.ok() && !changes_something)));
    CHECK(scene.store().Records() == records);
  });
}

}  // namespace
}  // namespace souk::contract
