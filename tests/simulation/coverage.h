// How much of the marketplace the worlds have seen: a kind of event that no seed reaches
// means that the people in them are too tame.
#pragma once

#include <cstdint>
#include <ostream>
#include <set>
#include <string>

#include "tests/simulation/history.h"

namespace souk::simulation {

// All kinds of events that the services know, such as "order.placed".
std::set<std::string> KnownEvents();

// Faults in total.
std::int64_t Faults(const History::Counters& counters);

// Tables of all counters, and what was never reached.
void PrintCoverage(const History::Counters& counters, std::ostream& out);

}  // namespace souk::simulation
