// The story of an order in a buyer's and a seller's lane.
#pragma once

#include "souk/order/v1/order_service.pb.h"

namespace souk::ctl {

// As a table, or as JSON.
void PrintJourney(const order::v1::OrderJourney& journey, bool json);

}  // namespace souk::ctl
