#include "tools/soukctl/story/shop_file.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace souk::ctl {
namespace {

using Json = nlohmann::json;

DeliveryOptionSpec ReadOption(const Json& json) {
  return {.option_id = json.at("id"),
          .name = json.at("name"),
          .carrier = json.at("carrier"),
          .flat = json.value("flat", std::int64_t{0}),
          .per_item = json.value("per_item", std::int64_t{0}),
          .free_over = json.value("free_over", std::int64_t{0}),
          .transit_days_min = json.at("transit_days").at(0),
          .transit_days_max = json.at("transit_days").at(1)};
}

ProfileSpec ReadProfile(const Json& json, const std::string& currency_code) {
  ProfileSpec profile{.name = json.at("name"),
                      .currency_code = currency_code,
                      .region_codes = json.at("regions"),
                      .time_zone = json.at("time_zone"),
                      .handling_days_min = json.at("handling_days").at(0),
                      .handling_days_max = json.at("handling_days").at(1)};
  for (const Json& option : json.at("options")) profile.options.push_back(ReadOption(option));
  return profile;
}

StatusOr<ProductSpec> ReadProduct(const Json& json, const std::string& currency_code,
                                  const std::string& folder) {
  ProductSpec product{.key = json.at("key"),
                      .category = json.at("category"),
                      .weight_grams = json.at("weight_grams"),
                      .price = {json.at("price"), currency_code},
                      .profile_id = json.at("profile"),
                      .stock = json.at("stock")};
  for (const Json& text : json.at("texts")) {
    product.texts.push_back({text.at("language"), text.at("title"), text.at("description")});
  }
  for (const Json& picture : json.at("pictures")) {
    const std::string file = folder + "/" + picture.at("file").get<std::string>();
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return NotFound("cannot read the picture %s", file);
    product.pictures.push_back(
        {std::string((std::istreambuf_iterator<char>(stream)), {}), picture.at("alt")});
  }
  return product;
}

StatusOr<ShopFile> ReadShop(const Json& json, const std::string& folder) {
  ShopFile file{.currency_code = json.at("currency")};
  for (const Json& seller : json.at("sellers")) {
    ShopFileSeller& read = file.sellers.emplace_back();
    read.seller_id = seller.at("id");
    read.shop = {.shop_name = seller.at("shop_name"),
                 .contact_name = seller.at("contact_name"),
                 .email = seller.at("email"),
                 .language_code = seller.value("language", "en"),
                 .story = seller.value("story", ""),
                 .note = seller.value("note", ""),
                 .return_terms = seller.value("return_terms", "")};
    for (const Json& profile : seller.at("profiles"))
      read.profiles.push_back(ReadProfile(profile, file.currency_code));
    for (const Json& product : seller.at("products")) {
      ASSIGN_OR_RETURN(ProductSpec spec, ReadProduct(product, file.currency_code, folder));
      read.products.push_back(std::move(spec));
    }
  }
  return file;
}

}  // namespace

StatusOr<ShopFile> ReadShopFile(const std::string& folder) {
  const std::string path = folder + "/shop.json";
  std::ifstream stream(path);
  if (!stream) return NotFound("cannot read %s; say --shop with the folder of shop.json", path);
  try {
    return ReadShop(Json::parse(stream), folder);
  } catch (const Json::exception& error) {
    return InvalidArgument("%s: %s", path, error.what());
  }
}

}  // namespace souk::ctl
