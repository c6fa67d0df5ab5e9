// A channel between services that breaks its promises as a mutant says; see mutation.h.
#pragma once

#include <memory>

#include "libs/rpc/channel.h"
#include "tests/simulation/stage.h"

namespace souk::simulation {

// `channel` itself when the world has no such mutant.
std::unique_ptr<rpc::Channel> MutateChannel(std::unique_ptr<rpc::Channel> channel, Stage& stage);

}  // namespace souk::simulation
