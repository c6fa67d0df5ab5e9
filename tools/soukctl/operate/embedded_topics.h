#pragma once

#include <string_view>

namespace souk {

// deploy/kafka/topics.json.
std::string_view EmbeddedTopics();

}  // namespace souk
