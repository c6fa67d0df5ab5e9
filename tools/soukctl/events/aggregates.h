// The aggregates of all services, so that soukctl folds a history as the service does.
#pragma once

#include <string>

#include "libs/eventsourcing/aggregate_type.h"

namespace souk::ctl {

// Null when there is no such aggregate.
const AggregateType* FindAggregate(const std::string& service, const std::string& aggregate);

}  // namespace souk::ctl
