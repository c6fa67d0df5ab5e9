// The public marketplace dataset of Olist, as its CSV files say it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"

namespace souk::ctl {

struct OlistItem {
  std::string product_id;
  std::string seller_id;
  std::int64_t price = 0;    // Centavos, for one.
  std::int64_t freight = 0;  // Centavos, for one.
};

struct OlistReview {
  int score = 0;
  std::string text;
  absl::Time time;
};

struct OlistOrder {
  std::string order_id;
  std::string customer_id;  // Of the person, not of the order.
  std::string postal_code;
  std::string city;
  std::string state_code;
  std::string status;
  absl::Time purchased;
  std::optional<absl::Time> approved;
  std::optional<absl::Time> handed_over;
  std::optional<absl::Time> delivered;
  std::optional<absl::Time> estimated;
  bool boleto = false;  // Paid by bank slip.
  std::vector<OlistItem> items;
  std::vector<OlistReview> reviews;
};

struct OlistProduct {
  std::string category;
  std::int64_t weight_grams = 0;
};

struct OlistSeller {
  std::string city;
  std::string state_code;
};

struct OlistData {
  std::map<std::string, OlistOrder> orders;
  std::map<std::string, OlistProduct> products;
  std::map<std::string, OlistSeller> sellers;
  std::vector<std::string> malformed;  // "FILE:LINE: why".
};

// Reads the folder: orders, order_items, order_payments, order_reviews, products, sellers,
// customers, each as NAME.csv.gz or NAME.csv. NOT_FOUND that names the file that is missing.
StatusOr<OlistData> ReadOlist(const std::string& folder);

// "12.34" in centavos; INVALID_ARGUMENT for anything but digits with at most two decimals.
StatusOr<std::int64_t> ParseCents(const std::string& text);

}  // namespace souk::ctl
