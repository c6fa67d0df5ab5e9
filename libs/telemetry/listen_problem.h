// Why a server cannot have its address: the libraries that listen do not tell.
#pragma once

#include <string>

namespace souk::telemetry {

// What stands in the way of listening on HOST:PORT, and what to do about it.
std::string ListenProblem(const std::string& address);

}  // namespace souk::telemetry
