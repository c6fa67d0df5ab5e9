// Hears what a story asks and is told, so that the auditors know it as they know what
// people say.
#pragma once

#include <google/protobuf/message.h>

#include <set>
#include <string>
#include <string_view>

#include "tests/simulation/world.h"

namespace souk::simulation {

class StoryEars {
 public:
  explicit StoryEars(World& world) : world_(world) {}

  // Before it is asked, and after the answer of OK.
  void Asked(const std::string& principal, const google::protobuf::Message& request);
  void Answered(const std::string& principal, const google::protobuf::Message& request,
                std::string_view response);

 private:
  Testimony::Purchase* PurchaseOf(const std::string& checkout_id);
  void LearnOrders(std::string_view response);

  World& world_;
  std::set<std::string> transfers_;  // Requests.
};

}  // namespace souk::simulation
