// How a client of Kafka is set up: by librdkafka's own names.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/status.h"

namespace souk::kafka {

// Settings of librdkafka by name; the later of two of one name wins.
using ClientSettings = std::vector<std::pair<std::string, std::string>>;

// Reads NAME=VALUE, as `option` of a command line has them; INVALID_ARGUMENT names it.
StatusOr<ClientSettings> ParseClientSettings(std::string_view option, const std::vector<std::string>& texts);

}  // namespace souk::kafka
