// The schemas of this release's events, as serialised FileDescriptorSets.
#pragma once

#include <string_view>

namespace souk {

// The public events, and the log's envelope and service, with comments.
std::string_view EmbeddedEventsSchema();
// The events as stored, with comments.
std::string_view EmbeddedStoredEventsSchema();

}  // namespace souk
