// What an import ended in, read back from the store.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "souk/order/v1/order_service.pb.h"
#include "tools/soukctl/olist/olist_plan.h"
#include "tools/soukctl/store_client.h"

namespace souk::ctl {

// An order as the store placed it.
struct PlacedOrder {
  std::string order_id;
  std::string seller_id;
  std::string line_id;  // The first one: reviews are about it.
  std::string tracking_code;
};

// A purchase as the store placed it.
struct PlacedGroup {
  std::string group_id;
  std::string buyer;
  std::string dataset_status;
  std::string payment_intent_id;
  std::int64_t total = 0;
  std::vector<PlacedOrder> orders;

  static PlacedGroup Of(const OlistOrder& order, const order::v1::OrderGroup& group);
};

// The report as JSON; amounts in minor units.
StatusOr<std::string> MakeImportReport(StoreClient& store, const OlistData& data, const OlistPlan& plan,
                                       const std::map<std::string, PlacedGroup>& groups,
                                       absl::Duration duration);

}  // namespace souk::ctl
