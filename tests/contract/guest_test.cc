// Who knows a guest's token is that guest, so it stays between her and the services: others
// see an id that does not lead back to it.
#include <catch2/catch.hpp>
#include <string>

#include "libs/base/principal.h"
#include "tests/contract/story.h"

namespace souk::contract {
namespace {

using google::protobuf::Message;

constexpr char kToken[] = "the-guests-secret-token";
const std::string kGuest = std::string("guest/") + kToken;

// Everything that is sent, the parts of messages in messages, too.
bool Contains(const Message& message, std::string_view text) {
  return message.SerializeAsString().find(text) != std::string::npos;
}

// Those that ask and change nothing.
bool IsQuestion(const std::string& method) {
  for (const char* const begin : {"Get", "List", "Search", "Read", "Preview", "Verify"}) {
    if (method.starts_with(begin)) return true;
  }
  return false;
}

// What `caller` learns from the request of a line, made at this moment.
void ExpectNoToken(Scene& scene, const std::string& caller, const Message& request) {
  const auto response = scene.store().Call(scene.rpc(), caller, request);
  INFO(scene.rpc().name() << " of " << caller << ": " << response.status().ToString());
  if (response.ok()) {
    CHECK_FALSE(Contains(**response, kToken));
  } else {
    CHECK(response.status().ToString().find(kToken) == std::string::npos);
  }
}

}  // namespace

TEST_CASE("no answer to anybody contains a guest's token") {
  int answers = 0;
  Scene::Of(StoryOfGuest(kToken), [&](Scene& scene) {
    if (!IsQuestion(scene.rpc().name())) return;
    for (const std::string caller :
         {"seller/ann", "seller/bob", "buyer/eve", "operator/o", "service/order"}) {
      ExpectNoToken(scene, caller, *scene.Request());
      ++answers;
    }
    ExpectNoToken(scene, scene.line().caller, *scene.Request());
  });
  CHECK(answers > 100);
}

TEST_CASE("a seller sees a guest's order, and not the token, in every way of asking") {
  const Scene end = Scene::Of(StoryOfGuest(kToken), [](Scene&) {});
  WholeStore& store = end.store();
  const auto ask = [&](const char* method, const char* field, const std::string& value) {
    const Rpc& rpc = store.rpcs().at(method);
    const std::unique_ptr<Message> request = rpc.NewRequest();
    request->GetReflection()->SetString(request.get(), rpc.descriptor->input_type()->FindFieldByName(field),
                                        value);
    return *store.Call(rpc, "seller/ann", *request);
  };
  const std::string id = BuyerIdOf({Principal::Kind::kGuest, kToken});
  for (const char* const method : {"ListOrders", "ListShipments"}) {
    INFO(method);
    const std::unique_ptr<Message> list = ask(method, "seller_id", "ann");
    CHECK(Contains(*list, id));
    CHECK_FALSE(Contains(*list, kToken));
  }
  const std::unique_ptr<Message> journey = ask("GetOrderJourney", "order_id", end.Id("order"));
  CHECK(Contains(*journey, ActorOf({Principal::Kind::kGuest, kToken})));
  CHECK_FALSE(Contains(*journey, kToken));
}

TEST_CASE("no event, row, mail or file contains a guest's token") {
  const auto expect_nowhere = [](const WholeStore& store, std::string_view token) {
    std::size_t pieces = 0;
    std::string found;
    store.ForEachKept([&](const std::string& where, std::string_view bytes) {
      ++pieces;
      if (bytes.find(token) != std::string_view::npos) found = where;
    });
    CHECK(found.empty());
    CHECK(pieces > 1000);
  };
  // Carla signs in with the token of her guest's cart; and she buys without signing in.
  expect_nowhere(Scene::Of(Story(), [](Scene&) {}).store(), "token-1");
  const Scene guest = Scene::Of(StoryOfGuest(kToken), [](Scene&) {});
  expect_nowhere(guest.store(), kToken);

  bool seen = false;
  const std::string id = BuyerIdOf({Principal::Kind::kGuest, kToken});
  guest.store().ForEachKept(
      [&](const std::string&, std::string_view bytes) { seen |= bytes.find(id) != std::string_view::npos; });
  CHECK(seen);  // That is where it would be.
}

}  // namespace souk::contract
