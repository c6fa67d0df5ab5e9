// Does what a shop owner does: opens a shop, says how it delivers, lists products. Every
// request has an id derived from `run` and what it is about, so all of it may be repeated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/money.h"
#include "libs/base/status.h"
#include "tools/soukctl/store_client.h"

namespace souk::ctl {

struct ShopSpec {
  std::string shop_name;
  std::string contact_name;
  std::string email;
  std::string language_code = "en";
  std::string story;
  std::string note;  // Goes with orders and mails.
  std::string return_terms;
};

struct DeliveryOptionSpec {
  std::string option_id;
  std::string name;
  std::string carrier = "Post";
  std::int64_t flat = 0;       // Minor units, once.
  std::int64_t per_item = 0;   // Minor units, for each item.
  std::int64_t free_over = 0;  // Minor units; 0: never free.
  int transit_days_min = 1;
  int transit_days_max = 3;
};

struct ProfileSpec {
  std::string name;
  std::string currency_code;
  std::vector<std::string> region_codes;
  std::string time_zone = "Europe/Berlin";
  int handling_days_min = 1;
  int handling_days_max = 2;
  std::vector<DeliveryOptionSpec> options;
};

struct TextSpec {
  std::string language_code;
  std::string title;
  std::string description;
};

struct PictureSpec {
  std::string bytes;  // Empty: one is made up.
  std::string alt_text;
};

struct ProductSpec {
  std::string key;  // Unique within the shop.
  std::vector<TextSpec> texts;
  std::string category;
  std::int64_t weight_grams = 0;
  Money price;
  std::string profile_id;
  std::int64_t stock = 0;
  std::vector<PictureSpec> pictures;
};

class Shopkeeper {
 public:
  // `store` must outlive the shopkeeper.
  Shopkeeper(StoreClient& store, std::string run, std::string seller_id)
      : store_(store), run_(std::move(run)), seller_id_(std::move(seller_id)) {}

  // Registers the seller, has an operator approve her, and tells her story.
  Status Open(const ShopSpec& shop);
  // Returns the profile's id.
  StatusOr<std::string> DefineProfile(const ProfileSpec& profile);
  // Describes, prices, stocks and publishes; returns the product's id.
  StatusOr<std::string> AddProduct(const ProductSpec& product);
  // What a listed product costs, is delivered by, and has in stock; `id` makes the change one of its own.
  Status SetPrice(const std::string& id, const std::string& product_id, const Money& price);
  Status SetDeliveryProfile(const std::string& id, const std::string& product_id,
                            const std::string& profile_id);
  Status ReceiveStock(const std::string& id, const std::string& product_id, std::int64_t quantity);
  // Waits until the other services have heard of it.
  Status Settle();

  const std::string& seller_id() const { return seller_id_; }

 private:
  std::string RequestId(std::string_view what) const;
  std::string Principal() const { return "seller/" + seller_id_; }
  // Returns the id of the picture.
  StatusOr<std::string> Upload(const std::string& bytes);

  StoreClient& store_;
  const std::string run_;
  const std::string seller_id_;
};

}  // namespace souk::ctl
