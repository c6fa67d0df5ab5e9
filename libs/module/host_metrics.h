// What Prometheus learns of a process; docs/guides/operators.md has the list.
#pragma once

#include <string>

#include "libs/eventsourcing/engine.h"
#include "libs/messaging/consumer.h"
#include "libs/rpc/observer.h"

namespace souk {

// Counts and times a call that ended. Logs those that tell of a defect or of damage,
// whose details clients do not get to see.
void ObserveCall(const rpc::CallOutcome& outcome);

// Samples positions, commands and effects of every partition.
void MeasureEngine(const Engine& engine);

// Samples how far `service` is with the events of another one, and what it set aside.
void MeasureConsumer(const std::string& service, const Consumer& consumer, absl::Time now);

}  // namespace souk
