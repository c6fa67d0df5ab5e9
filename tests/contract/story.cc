#include "tests/contract/story.h"

#include <google/protobuf/text_format.h>

#include <catch2/catch.hpp>
#include <set>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "libs/base/uuid.h"

namespace souk::contract {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The string at a path of fields; of lists the first element.
std::string ValueAt(const Message& message, const std::string& path) {
  const Message* at = &message;
  const std::vector<std::string> names = absl::StrSplit(path, '.');
  for (std::size_t i = 0;; ++i) {
    INFO(path << " of " << message.ShortDebugString());
    const FieldDescriptor* const field = at->GetDescriptor()->FindFieldByName(names[i]);
    REQUIRE(field != nullptr);
    const google::protobuf::Reflection& reflection = *at->GetReflection();
    if (field->is_repeated()) REQUIRE(reflection.FieldSize(*at, field) > 0);
    if (i + 1 < names.size()) {
      at = field->is_repeated() ? &reflection.GetRepeatedMessage(*at, field, 0)
                                : &reflection.GetMessage(*at, field);
      continue;
    }
    const std::string value =
        field->is_repeated() ? reflection.GetRepeatedString(*at, field, 0) : reflection.GetString(*at, field);
    REQUIRE(!value.empty());
    return value;
  }
}

std::unique_ptr<Message> FromText(const Rpc& rpc, const std::string& text) {
  std::unique_ptr<Message> request = rpc.NewRequest();
  INFO(text);
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, request.get()));
  return request;
}

std::string Filled(const std::string& text, const std::map<std::string, std::string>& ids) {
  // The longest names first: $cart is not the beginning of $cart2.
  std::string filled = text;
  for (auto it = ids.rbegin(); it != ids.rend(); ++it) {
    filled = absl::StrReplaceAll(filled, {{"$" + it->first + "\"", it->second + "\""}});
  }
  return filled;
}

}  // namespace

bool SetRequestId(Message& request, const std::string& request_id) {
  const FieldDescriptor* const start = request.GetDescriptor()->FindFieldByName("start");
  if (start != nullptr && start->message_type() != nullptr) {
    return SetRequestId(*request.GetReflection()->MutableMessage(&request, start), request_id);
  }
  const FieldDescriptor* const field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr) return false;
  request.GetReflection()->SetString(&request, field, request_id);
  return true;
}

void Scene::ForEach(const Visit& visit) {
  Scene().PlayUntil(Story(), "", &visit);
  for (const Aside& aside : Asides()) {
    Scene scene;
    scene.PlayUntil(Story(), aside.after, nullptr);
    scene.line_ = &aside.line;
    INFO(aside.line.method);
    visit(scene);
  }
}

Scene Scene::Of(const std::vector<Line>& lines, const Visit& visit) {
  Scene scene;
  scene.PlayUntil(lines, "", &visit);
  scene.line_ = nullptr;
  return scene;
}

void Scene::PlayUntil(const std::vector<Line>& lines, std::string_view last, const Visit* visit) {
  std::set<std::string> seen;
  for (const Line& line : lines) {
    line_ = &line;
    INFO(line.method);
    if (line.days > 0) store_->Advance(absl::Hours(24 * line.days));
    const bool is_first = seen.insert(line.method).second;
    if (is_first && visit != nullptr) (*visit)(*this);
    Play(line);
    if (last == line.method) return;
  }
  REQUIRE(last.empty());
}

void Scene::Play(const Line& line) {
  const std::unique_ptr<Message> request = Request();
  const StatusOr<std::unique_ptr<Message>> response = store_->Call(rpc(), line.caller, *request);
  INFO(request->ShortDebugString() << ": " << response.status().ToString());
  REQUIRE(response.ok());
  for (const std::string& keep : std::vector<std::string>(absl::StrSplit(line.keep, ','))) {
    const std::size_t equals = keep.find('=');
    if (equals == std::string::npos) continue;
    ids_[keep.substr(0, equals)] = ValueAt(**response, keep.substr(equals + 1));
  }
}

std::string Scene::UnknownId(const std::string& name) const {
  // A seller's own things are hidden from other sellers; buyers see shops and products.
  const bool on_show = name == "seller" || name == "product" || name == "profile";
  const bool is_sellers = line_->caller.starts_with("seller/");
  return on_show && !is_sellers ? ids_.at(name) : DerivedUuid("unknown", name);
}

std::unique_ptr<Message> Scene::Request(bool unknown) const {
  std::map<std::string, std::string> ids = ids_;
  if (unknown) {
    for (auto& [name, id] : ids) id = UnknownId(name);
  }
  std::unique_ptr<Message> request = FromText(rpc(), Filled(line_->request, ids));
  // Lines with the same method differ in the request.
  SetRequestId(*request, DerivedUuid(line_->method, line_->caller, line_->request));
  return request;
}

std::string Scene::WithUnknownIds(std::string text) const {
  std::multimap<std::size_t, std::string> by_length;  // One may be the beginning of another.
  for (const auto& [name, id] : ids_) by_length.emplace(id.size(), name);
  for (auto it = by_length.rbegin(); it != by_length.rend(); ++it) {
    text = absl::StrReplaceAll(text, {{ids_.at(it->second), UnknownId(it->second)}});
  }
  return text;
}

}  // namespace souk::contract
