// A feed that breaks its promises as a mutant says; see mutation.h.
#pragma once

#include <memory>
#include <utility>

#include "libs/messaging/event_feed.h"
#include "tests/simulation/stage.h"

namespace souk::simulation {

// `source` itself when the world has no such mutant.
std::unique_ptr<FeedSource> MutateFeed(std::unique_ptr<FeedSource> source, Stage& stage);

}  // namespace souk::simulation
