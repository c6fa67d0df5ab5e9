#include "tools/soukctl/olist/olist_shops.h"

#include "libs/base/hash.h"
#include "tools/soukctl/story/picture.h"

namespace souk::ctl {

StatusOr<Shopkeeper*> OlistShops::ShopOf(const std::string& seller_id) {
  if (const auto found = shops_.find(seller_id); found != shops_.end()) return &found->second;
  const auto known = data_.sellers.find(seller_id);
  const std::string city = known == data_.sellers.end() ? "" : known->second.city;
  const std::string name = "Loja " + seller_id.substr(0, 8);
  Shopkeeper shop(store_, kOlistRun, seller_id);
  RETURN_IF_ERROR(shop.Open({.shop_name = city.empty() ? name : name + ", " + city,
                             .contact_name = name,
                             .email = seller_id + "@sellers.example",
                             .language_code = "pt"}));
  return &shops_.emplace(seller_id, std::move(shop)).first->second;
}

StatusOr<std::string> OlistShops::ProfileOf(Shopkeeper& shop, std::int64_t freight) {
  std::string& profile_id = profiles_[{shop.seller_id(), freight}];
  if (!profile_id.empty()) return profile_id;
  ASSIGN_OR_RETURN(profile_id,
                   shop.DefineProfile({.name = "Envio por " + std::to_string(freight) + " centavos",
                                       .currency_code = kOlistCurrency,
                                       .region_codes = {"BR"},
                                       .time_zone = "America/Sao_Paulo",
                                       .handling_days_min = 1,
                                       .handling_days_max = kOlistHandlingDays,
                                       .options = {{.option_id = kOlistDeliveryOption,
                                                    .name = "PAC",
                                                    .carrier = kOlistCarrier,
                                                    .per_item = freight,
                                                    .transit_days_min = 3,
                                                    .transit_days_max = 20}}}));
  return profile_id;
}

ProductSpec OlistShops::Describe(const OlistItem& item) const {
  const auto known = data_.products.find(item.product_id);
  const OlistProduct product = known == data_.products.end() ? OlistProduct() : known->second;
  const std::string category = product.category.empty() ? "outros" : product.category;
  return {.key = item.product_id,
          .texts = {{.language_code = "pt",
                     .title = category + " " + item.product_id.substr(0, 8),
                     .description = "Produto da categoria " + category + "."}},
          .category = category,
          .weight_grams = product.weight_grams,
          .price = {item.price, kOlistCurrency},
          .pictures = {{.bytes = MakePicture(Fnv1a(item.seller_id)), .alt_text = category}}};
}

StatusOr<std::string> OlistShops::Stock(const OlistOrder& order, const OlistItem& item,
                                        std::int64_t quantity) {
  ASSIGN_OR_RETURN(Shopkeeper* const shop, ShopOf(item.seller_id));
  ASSIGN_OR_RETURN(const std::string profile_id, ProfileOf(*shop, item.freight));
  Listing& listing = listings_[item.product_id + "/" + item.seller_id];
  if (listing.product_id.empty()) {
    ProductSpec product = Describe(item);
    product.profile_id = profile_id;
    product.stock = quantity;
    ASSIGN_OR_RETURN(listing.product_id, shop->AddProduct(product));
    listing.profile_id = profile_id;
    listing.price = item.price;
    return listing.product_id;
  }
  const std::string id = order.order_id + "/" + item.product_id;
  if (listing.price != item.price) {
    RETURN_IF_ERROR(shop->SetPrice(id, listing.product_id, {item.price, kOlistCurrency}));
    listing.price = item.price;
  }
  if (listing.profile_id != profile_id) {
    RETURN_IF_ERROR(shop->SetDeliveryProfile(id, listing.product_id, profile_id));
    listing.profile_id = profile_id;
  }
  RETURN_IF_ERROR(shop->ReceiveStock(id, listing.product_id, quantity));
  return listing.product_id;
}

}  // namespace souk::ctl
