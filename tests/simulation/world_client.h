// A simulated store as the stories of soukctl know it: their calls block, and the world goes
// on until there is an answer. Behind each principal is a Client, which tries again and
// clicks twice as all people here do. Clocks are the world's: who asks to move them waits.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/client.h"
#include "tests/simulation/story_ears.h"
#include "tests/simulation/world.h"
#include "tools/soukctl/store_client.h"

namespace souk::simulation {

class WorldClient final : public ctl::StoreClient {
 public:
  explicit WorldClient(World& world) : world_(world), ears_(world) {}

  Status ReadEvents(eventlog::v1::ReadEventsRequest request,
                    const std::function<bool(const eventlog::v1::ReadEventsResponse&)>& page) override;
  const std::string& address() const override { return address_; }
  std::uint64_t calls() const override { return calls_; }

 private:
  using Page = std::function<bool(const eventlog::v1::ReadEventsResponse&)>;

  StatusOr<rpc::Bytes> Ask(std::string_view principal, const std::string& path,
                           const google::protobuf::Message& request) override;
  StatusOr<rpc::Bytes> Send(std::string_view principal, const std::string& path,
                            const google::protobuf::Message& first,
                            const std::vector<rpc::Bytes>& messages) override;
  // What the AdminService of a store with a manual clock does.
  StatusOr<rpc::Bytes> AskClock(const google::protobuf::Message& request);
  Status Advance(const google::protobuf::Message& request);
  Status Settle();
  static Task<Status> Read(Stage* stage, eventlog::v1::ReadEventsRequest request, const Page* page);
  Client& ClientOf(std::string_view principal);

  // Lets the world go on until the task is done.
  template <typename T>
  T Await(Task<T> task) {
    T result = Unavailable("the world has ended");
    bool done = false;
    TaskScope scope;
    scope.Spawn(Keep(std::move(task), result, done));
    world_.RunWhile([&done] { return !done; });
    return result;
  }
  template <typename T>
  static Task<> Keep(Task<T> task, T& result, bool& done) {
    result = co_await std::move(task);
    done = true;
  }

  World& world_;
  StoryEars ears_;
  const std::string address_ = "the simulated world";
  std::map<std::string, std::unique_ptr<Client>, std::less<>> clients_;  // By principal.
  std::uint64_t calls_ = 0;
};

}  // namespace souk::simulation
