// Who may call what, and that nobody sees or learns of what is somebody else's: for every
// method of every service.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/contract/story.h"

namespace souk::contract {
namespace {

struct Stranger {
  rpc::Callers kind;
  const char* principal;
};

// One of each kind with nothing of its own in the story, but a shop.
constexpr Stranger kStrangers[] = {{rpc::kGuests, "guest/token-9"}, {rpc::kGuests, "guest"},
                                   {rpc::kBuyers, "buyer/eve"},     {rpc::kSellers, "seller/bob"},
                                   {rpc::kOperators, "operator/o"}, {rpc::kServices, "service/order"}};

// Those who own things; operators and services act for everybody.
constexpr rpc::Callers kOwners = rpc::kGuests | rpc::kBuyers | rpc::kSellers;

TEST_CASE("who may not call a method is refused, and nothing is stored") {
  Scene::ForEach([](Scene& scene) {
    const std::unique_ptr<google::protobuf::Message> request = scene.Request();
    const std::uint64_t records = scene.store().Records();
    CHECK(scene.rpc().route->callers != 0);
    for (const Stranger& stranger : kStrangers) {
      if ((scene.rpc().route->callers & stranger.kind) != 0) continue;
      INFO(stranger.principal);
      CHECK(absl::IsPermissionDenied(scene.store().Call(scene.rpc(), stranger.principal, *request).status()));
    }
    CHECK(scene.store().Records() == records);
  });
}

TEST_CASE("who does not say properly who she is is refused") {
  for (const char* const who : {"", "buyer", "buyer/", "seller", "operator", "service", "admin/x", "/x",
                                "buyer/a b", "BUYER/a", "buyer/carla/x"}) {
    INFO(who);
    CHECK(absl::IsInvalidArgument(ParsePrincipal(who).status()));
  }
}

TEST_CASE("somebody else's is not found, as if it did not exist, and nothing is stored") {
  Scene::ForEach([](Scene& scene) {
    if (scene.line().access == Access::kPublic) return;
    const std::unique_ptr<google::protobuf::Message> theirs = scene.Request();
    const std::unique_ptr<google::protobuf::Message> nobodys = scene.Request(/*unknown=*/true);
    SetRequestId(*nobodys, "another-request");
    const std::uint64_t records = scene.store().Records();
    for (const Stranger& stranger : kStrangers) {
      if ((scene.rpc().route->callers & stranger.kind & kOwners) == 0) continue;
      INFO(stranger.principal << ": " << theirs->ShortDebugString());
      const Status refused = scene.store().Call(scene.rpc(), stranger.principal, *theirs).status();
      const Status unknown = scene.store().Call(scene.rpc(), stranger.principal, *nobodys).status();
      CHECK_FALSE(refused.ok());
      // A guest who has not even a token is told so.
      if (std::string_view(stranger.principal) != "guest") CHECK(absl::IsNotFound(refused));
      CHECK(scene.WithUnknownIds(std::string(refused.message())) == unknown.message());
      CHECK(Reason(refused) == Reason(unknown));
      CHECK(refused.code() == unknown.code());
    }
    CHECK(scene.store().Records() == records);
  });
}

}  // namespace
}  // namespace souk::contract
