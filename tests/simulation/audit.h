// What must be true of a world that has come to rest. docs/simulation.md lists the
// invariants with their numbers; to add one: a function here, called in Audit.
#pragma once

#include "tests/simulation/world.h"

namespace souk::simulation {

// Reports what is wrong to the world's history. Returns how many orders have been placed.
int Audit(World& world);

// The logs: dense, chained, each request once; state made anew from the log is the same to
// the byte.
void AuditLogs(World& world);

}  // namespace souk::simulation
