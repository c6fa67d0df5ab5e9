// A shop described in one file, shop.json, with its pictures beside it:
//
//   { "currency": "EUR",
//     "sellers": [ { "id": "seller-mori", "shop_name": "...", "contact_name": "...", "email": "...",
//                    "language": "en", "story": "...", "note": "...", "return_terms": "...",
//       "profiles": [ { "name": "Europe", "regions": ["DE"], "time_zone": "Europe/Berlin",
//                       "handling_days": [1, 2],
//         "options": [ { "id": "standard", "name": "...", "carrier": "...", "flat": 490, "per_item": 0,
//                        "free_over": 5000, "transit_days": [2, 4] } ] } ],
//       "products": [ { "key": "cup", "category": "tea", "weight_grams": 300, "price": 2400, "stock": 20,
//                       "profile": "Europe",
//         "texts": [ { "language": "en", "title": "...", "description": "..." } ],
//         "pictures": [ { "file": "cup.png", "alt": "..." } ] } ] } ] }
//
// Amounts are integers in minor units of the currency.
#pragma once

#include <string>
#include <vector>

#include "libs/base/status.h"
#include "tools/soukctl/story/shopkeeper.h"

namespace souk::ctl {

struct ShopFileSeller {
  std::string seller_id;
  ShopSpec shop;
  std::vector<ProfileSpec> profiles;
  std::vector<ProductSpec> products;  // profile_id holds the profile's name.
};

struct ShopFile {
  std::string currency_code;
  std::vector<ShopFileSeller> sellers;
};

// Reads FOLDER/shop.json and the pictures. INVALID_ARGUMENT that says what is missing.
StatusOr<ShopFile> ReadShopFile(const std::string& folder);

}  // namespace souk::ctl
