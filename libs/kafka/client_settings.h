#pragma once

#include <string>
#include <utility>
#include <vector>

namespace souk::kafka {

// Settings of librdkafka by name; the later of two of one name wins.
using ClientSettings = std::vector<std::pair<std::string, std::string>>;

}  // namespace souk::kafka
