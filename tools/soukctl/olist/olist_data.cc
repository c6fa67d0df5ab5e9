#include "tools/soukctl/olist/olist_data.h"

#include <algorithm>
#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "libs/base/strong_id.h"
#include "tools/soukctl/olist/csv.h"

namespace souk::ctl {
namespace {

// The recorded times are local to Brazil.
absl::TimeZone Brazil() {
  absl::TimeZone zone;
  return absl::LoadTimeZone("America/Sao_Paulo", &zone) ? zone : absl::FixedTimeZone(-3 * 60 * 60);
}

StatusOr<std::optional<absl::Time>> ParseTime(const std::string& column, const std::string& text) {
  if (text.empty()) return std::optional<absl::Time>();
  static const absl::TimeZone zone = Brazil();
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d %H:%M:%S", text, zone, &time, &error)) {
    return InvalidArgument("%s is no time: \"%s\"", column, text);
  }
  return std::optional<absl::Time>(time);
}

Status CheckKey(const std::string& column, const std::string& id) {
  return CheckId(column, id).ok() ? OkStatus() : InvalidArgument("%s is no id: \"%s\"", column, id);
}

std::string FileOf(const std::string& folder, const std::string& name) {
  const std::string plain = folder + "/" + name + ".csv";
  return std::filesystem::exists(plain) ? plain : plain + ".gz";
}

// The order that a row is about. INVALID_ARGUMENT when there is none.
StatusOr<OlistOrder*> OrderOf(OlistData& data, const CsvRow& row) {
  const auto it = data.orders.find(row["order_id"]);
  if (it == data.orders.end()) return InvalidArgument("order_id is not in orders: \"%s\"", row["order_id"]);
  return &it->second;
}

struct Customer {
  std::string unique_id, postal_code, city, state_code;
};

Status ReadOrders(const std::string& folder, const std::map<std::string, Customer>& customers,
                  OlistData& data) {
  const auto read = [&](const CsvRow& row) -> Status {
    OlistOrder order{.order_id = row["order_id"], .status = row["order_status"]};
    RETURN_IF_ERROR(CheckKey("order_id", order.order_id));
    const auto customer = customers.find(row["customer_id"]);
    if (customer == customers.end())
      return InvalidArgument("customer_id is not in customers: \"%s\"", row["customer_id"]);
    order.customer_id = customer->second.unique_id;
    order.postal_code = customer->second.postal_code;
    order.city = customer->second.city;
    order.state_code = customer->second.state_code;
    ASSIGN_OR_RETURN(const auto purchased,
                     ParseTime("order_purchase_timestamp", row["order_purchase_timestamp"]));
    if (!purchased.has_value()) return InvalidArgument("order_purchase_timestamp is missing");
    order.purchased = *purchased;
    ASSIGN_OR_RETURN(order.approved, ParseTime("order_approved_at", row["order_approved_at"]));
    ASSIGN_OR_RETURN(order.handed_over,
                     ParseTime("order_delivered_carrier_date", row["order_delivered_carrier_date"]));
    ASSIGN_OR_RETURN(order.delivered,
                     ParseTime("order_delivered_customer_date", row["order_delivered_customer_date"]));
    ASSIGN_OR_RETURN(order.estimated,
                     ParseTime("order_estimated_delivery_date", row["order_estimated_delivery_date"]));
    if (!data.orders.emplace(order.order_id, order).second) return InvalidArgument("order_id occurs twice");
    return OkStatus();
  };
  return ReadCsv(
      FileOf(folder, "orders"),
      {"order_id", "customer_id", "order_status", "order_purchase_timestamp", "order_approved_at",
       "order_delivered_carrier_date", "order_delivered_customer_date", "order_estimated_delivery_date"},
      read, data.malformed);
}

Status ReadItems(const std::string& folder, OlistData& data) {
  const auto read = [&](const CsvRow& row) -> Status {
    ASSIGN_OR_RETURN(OlistOrder* const order, OrderOf(data, row));
    OlistItem item{.product_id = row["product_id"], .seller_id = row["seller_id"]};
    RETURN_IF_ERROR(CheckKey("product_id", item.product_id));
    RETURN_IF_ERROR(CheckKey("seller_id", item.seller_id));
    ASSIGN_OR_RETURN(item.price, ParseCents(row["price"]));
    ASSIGN_OR_RETURN(item.freight, ParseCents(row["freight_value"]));
    if (item.price == 0) return InvalidArgument("price must be positive");
    order->items.push_back(std::move(item));
    return OkStatus();
  };
  return ReadCsv(FileOf(folder, "order_items"),
                 {"order_id", "product_id", "seller_id", "price", "freight_value"}, read, data.malformed);
}

Status ReadReviews(const std::string& folder, OlistData& data) {
  const auto read = [&](const CsvRow& row) -> Status {
    ASSIGN_OR_RETURN(OlistOrder* const order, OrderOf(data, row));
    OlistReview review;
    if (!absl::SimpleAtoi(row["review_score"], &review.score) || review.score < 1 || review.score > 5) {
      return InvalidArgument("review_score is not 1 to 5: \"%s\"", row["review_score"]);
    }
    review.text = row["review_comment_message"];
    ASSIGN_OR_RETURN(const auto time, ParseTime("review_creation_date", row["review_creation_date"]));
    if (!time.has_value()) return InvalidArgument("review_creation_date is missing");
    review.time = *time;
    order->reviews.push_back(std::move(review));
    return OkStatus();
  };
  return ReadCsv(FileOf(folder, "order_reviews"),
                 {"order_id", "review_score", "review_comment_message", "review_creation_date"}, read,
                 data.malformed);
}

}  // namespace

StatusOr<std::int64_t> ParseCents(const std::string& text) {
  const std::size_t point = text.find('.');
  std::string digits = text.substr(0, point);
  std::string decimals = point == std::string::npos ? "" : text.substr(point + 1);
  const bool well_formed = !digits.empty() && digits.size() <= 12 && decimals.size() <= 2 &&
                           std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) &&
                           std::all_of(decimals.begin(), decimals.end(), absl::ascii_isdigit);
  if (!well_formed) return InvalidArgument("is no amount: \"%s\"", text);
  decimals.resize(2, '0');
  return std::stoll(digits + decimals);
}

StatusOr<OlistData> ReadOlist(const std::string& folder) {
  OlistData data;
  std::map<std::string, Customer> customers;
  const auto customer = [&](const CsvRow& row) -> Status {
    RETURN_IF_ERROR(CheckKey("customer_unique_id", row["customer_unique_id"]));
    customers[row["customer_id"]] = {row["customer_unique_id"], row["customer_zip_code_prefix"],
                                     row["customer_city"], row["customer_state"]};
    return OkStatus();
  };
  RETURN_IF_ERROR(ReadCsv(
      FileOf(folder, "customers"),
      {"customer_id", "customer_unique_id", "customer_zip_code_prefix", "customer_city", "customer_state"},
      customer, data.malformed));
  RETURN_IF_ERROR(ReadOrders(folder, customers, data));
  RETURN_IF_ERROR(ReadItems(folder, data));
  const auto payment = [&](const CsvRow& row) -> Status {
    ASSIGN_OR_RETURN(OlistOrder* const order, OrderOf(data, row));
    order->boleto = order->boleto || row["payment_type"] == "boleto";
    return OkStatus();
  };
  RETURN_IF_ERROR(
      ReadCsv(FileOf(folder, "order_payments"), {"order_id", "payment_type"}, payment, data.malformed));
  RETURN_IF_ERROR(ReadReviews(folder, data));
  const auto product = [&](const CsvRow& row) -> Status {
    RETURN_IF_ERROR(CheckKey("product_id", row["product_id"]));
    OlistProduct& known = data.products[row["product_id"]];
    known.category = row["product_category_name"];
    if (!absl::SimpleAtoi(row["product_weight_g"], &known.weight_grams)) known.weight_grams = 0;
    return OkStatus();
  };
  RETURN_IF_ERROR(ReadCsv(FileOf(folder, "products"),
                          {"product_id", "product_category_name", "product_weight_g"}, product,
                          data.malformed));
  const auto seller = [&](const CsvRow& row) -> Status {
    RETURN_IF_ERROR(CheckKey("seller_id", row["seller_id"]));
    data.sellers[row["seller_id"]] = {row["seller_city"], row["seller_state"]};
    return OkStatus();
  };
  RETURN_IF_ERROR(ReadCsv(FileOf(folder, "sellers"), {"seller_id", "seller_city", "seller_state"}, seller,
                          data.malformed));
  return data;
}

}  // namespace souk::ctl
