// The shops of the import: sellers, and products that are priced, delivered and stocked as each order bought
// them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "libs/base/status.h"
#include "tools/soukctl/olist/olist_data.h"
#include "tools/soukctl/store_client.h"
#include "tools/soukctl/story/shopkeeper.h"

namespace souk::ctl {

inline constexpr char kOlistRun[] = "olist-import";  // From which the ids of requests are derived.
inline constexpr char kOlistCurrency[] = "BRL";
inline constexpr char kOlistCarrier[] = "Correios";
inline constexpr char kOlistDeliveryOption[] = "standard";
inline constexpr int kOlistHandlingDays = 15;  // Business days that sellers may take.

class OlistShops {
 public:
  // Both must outlive it.
  OlistShops(StoreClient& store, const OlistData& data) : store_(store), data_(data) {}

  // Makes the seller and the product if need be, takes its price and freight from the item, and puts
  // `quantity` into stock. Returns the product's id.
  StatusOr<std::string> Stock(const OlistOrder& order, const OlistItem& item, std::int64_t quantity);

 private:
  // What the store knows of a product by now.
  struct Listing {
    std::string product_id;
    std::string profile_id;
    std::int64_t price = 0;
  };

  StatusOr<Shopkeeper*> ShopOf(const std::string& seller_id);
  StatusOr<std::string> ProfileOf(Shopkeeper& shop, std::int64_t freight);
  ProductSpec Describe(const OlistItem& item) const;

  StoreClient& store_;
  const OlistData& data_;
  std::map<std::string, Shopkeeper> shops_;                               // By seller.
  std::map<std::pair<std::string, std::int64_t>, std::string> profiles_;  // By seller and freight.
  std::map<std::string, Listing> listings_;                               // By product and seller.
};

}  // namespace souk::ctl
