#include "tools/soukctl/olist/import_olist.h"

#include <cstdio>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/proto_time.h"
#include "libs/base/uuid.h"
#include "souk/admin/v1/admin_service.pb.h"
#include "souk/cart/v1/cart_service.pb.h"
#include "souk/catalog/v1/catalog_service.pb.h"
#include "souk/order/v1/checkout_service.pb.h"
#include "souk/order/v1/order_service.pb.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"
#include "tools/soukctl/olist/import_report.h"
#include "tools/soukctl/olist/olist_plan.h"
#include "tools/soukctl/olist/olist_shops.h"
#include "tools/soukctl/progress.h"
#include "tools/soukctl/story/placing.h"

namespace souk::ctl {
namespace {

namespace admin = souk::admin::v1;
namespace cart = souk::cart::v1;
namespace catalog = souk::catalog::v1;
namespace order = souk::order::v1;
namespace payment = souk::payment::v1;
namespace shipping = souk::shipping::v1;

constexpr char kOperator[] = "operator/import";

// Days that the store gives, and after which it cancels: see order.unpaid_cancel_after and
// order.auto_cancel_after_ship_by. The second starts at kOlistHandlingDays business days.
constexpr int kTransferDays = 5;
constexpr int kDispatchDays = 3 * 7 + 14;

std::string RequestId(std::string_view what, std::string_view of) { return DerivedUuid(kOlistRun, what, of); }

void SetMoney(std::int64_t cents, type::v1::Money& money) {
  money.set_currency_code(kOlistCurrency);
  money.set_minor_units(cents);
}

class Importer {
 public:
  Importer(StoreClient& store, const OlistData& data, const OlistPlan& plan, bool quiet)
      : store_(store), plan_(plan), quiet_(quiet), shops_(store, data) {}

  Status Run();
  const std::map<std::string, PlacedGroup>& groups() const { return groups_; }

 private:
  Status CheckClock();
  Status AdvanceTo(absl::Time time);
  Status RunToTheEnd();
  Status Settle();

  Status Execute(const OlistStep& step);
  Status Place(const OlistOrder& order);
  Status Pay(const OlistOrder& order, absl::Time time);
  Status Cancel(const OlistOrder& order);
  Status Dispatch(const OlistOrder& order, absl::Time time);
  Status Deliver(const OlistOrder& order, absl::Time time);
  Status Review(const OlistOrder& order, const OlistReview& review);

  StatusOr<std::string> FillCart(const OlistOrder& order);
  Status CheckOut(const OlistOrder& order, const std::string& cart_id);

  template <typename Response, typename Request>
  StatusOr<Response> Call(const std::string& principal, const Request& request) {
    StatusOr<Response> response = store_.Call<Response>(principal, request);
    if (response.ok()) return response;
    const Status& status = response.status();
    return Status(status.code(),
                  std::string(Request::descriptor()->name()) + ": " + Explain(status, store_.address()));
  }

  StoreClient& store_;
  const OlistPlan& plan_;
  const bool quiet_;
  OlistShops shops_;
  std::map<std::string, PlacedGroup> groups_;  // By order of the dataset.
};

Status Importer::Run() {
  RETURN_IF_ERROR(CheckClock());
  std::optional<Progress> progress;
  if (!quiet_) progress.emplace("importing", "steps", static_cast<std::int64_t>(plan_.steps.size()));
  std::int64_t done = 0;
  for (const OlistStep& step : plan_.steps) {
    RETURN_IF_ERROR(AdvanceTo(step.time));
    if (const Status status = Execute(step); !status.ok()) {
      return Status(status.code(), "order " + step.order->order_id + ": " + std::string(status.message()));
    }
    ++done;
    if (progress.has_value())
      progress->Update(done, absl::FormatTime("%Y-%m-%d", step.time, absl::UTCTimeZone()));
  }
  return RunToTheEnd();
}

Status Importer::CheckClock() {
  ASSIGN_OR_RETURN(const auto now, Call<admin::GetTimeResponse>(kOperator, admin::GetTimeRequest()));
  if (!now.manual()) {
    return FailedPrecondition(
        "the store runs on real time; start soukd with --clock manual --start-time 2016-09-01");
  }
  if (plan_.steps.empty() || FromProto(now.time()) <= plan_.steps.front().time) return OkStatus();
  // Later than the first order: right only if an import was here before.
  catalog::GetSellerRequest request;
  request.set_seller_id(plan_.steps.front().order->items.front().seller_id);
  const auto seller = store_.Call<catalog::GetSellerResponse>(kOperator, request);
  if (!absl::IsNotFound(seller.status())) return seller.status();
  return FailedPrecondition(
      "the store's clock is later than the first order; start soukd on an empty folder with --clock manual "
      "--start-time 2016-09-01");
}

Status Importer::AdvanceTo(absl::Time time) {
  admin::AdvanceTimeRequest request;
  *request.mutable_time() = ToProto(time);
  return Call<admin::AdvanceTimeResponse>(kOperator, request).status();
}

Status Importer::Settle() { return Call<admin::SettleResponse>(kOperator, admin::SettleRequest()).status(); }

Status Importer::RunToTheEnd() {
  for (int week = 0;; ++week) {
    ASSIGN_OR_RETURN(const auto now, Call<admin::GetTimeResponse>(kOperator, admin::GetTimeRequest()));
    if (!now.has_next_due_time()) return OkStatus();
    if (week == 0 && !quiet_) std::fprintf(stderr, "running the clock on until every order has ended\n");
    admin::AdvanceTimeRequest request;
    request.set_until_idle(true);
    *request.mutable_limit_time() = ToProto(FromProto(now.next_due_time()) + absl::Hours(24));
    RETURN_IF_ERROR(Call<admin::AdvanceTimeResponse>(kOperator, request).status());
  }
}

Status Importer::Execute(const OlistStep& step) {
  switch (step.action) {
    case OlistAction::kPlace:
      return Place(*step.order);
    case OlistAction::kPay:
      return Pay(*step.order, step.time);
    case OlistAction::kCancel:
      return Cancel(*step.order);
    case OlistAction::kDispatch:
      return Dispatch(*step.order, step.time);
    case OlistAction::kDeliver:
      return Deliver(*step.order, step.time);
    case OlistAction::kReview:
      return Review(*step.order, *step.review);
  }
  return OkStatus();
}

StatusOr<std::string> Importer::FillCart(const OlistOrder& order) {
  const std::string buyer = "buyer/" + order.customer_id;
  std::map<std::string, std::pair<const OlistItem*, std::int64_t>> lines;  // By listing.
  for (const OlistItem& item : order.items) {
    auto& line = lines[item.product_id + "/" + item.seller_id];
    line.first = &item;
    ++line.second;
  }
  std::map<std::string, std::string> products;  // By listing.
  for (const auto& [key, line] : lines) {
    ASSIGN_OR_RETURN(products[key], shops_.Stock(order, *line.first, line.second));
  }
  RETURN_IF_ERROR(Settle());  // The cart hears of prices and stock.
  cart::CreateCartRequest create;
  create.set_request_id(RequestId("cart", order.order_id));
  ASSIGN_OR_RETURN(const auto created, Call<cart::CreateCartResponse>(buyer, create));
  for (const auto& [key, line] : lines) {
    cart::AddItemRequest add;
    add.set_request_id(RequestId("item", order.order_id + "/" + key));
    add.set_cart_id(created.cart().cart_id());
    add.set_product_id(products[key]);
    add.set_quantity(static_cast<std::int32_t>(line.second));
    RETURN_IF_ERROR(Call<cart::AddItemResponse>(buyer, add).status());
  }
  return created.cart().cart_id();
}

Status Importer::Place(const OlistOrder& order) {
  ASSIGN_OR_RETURN(const std::string cart_id, FillCart(order));
  return CheckOut(order, cart_id);
}

Status Importer::CheckOut(const OlistOrder& order, const std::string& cart_id) {
  const std::string buyer = "buyer/" + order.customer_id;
  order::StartCheckoutRequest start;
  start.set_request_id(RequestId("checkout", order.order_id));
  start.set_cart_id(cart_id);
  start.set_language_code("pt");
  ASSIGN_OR_RETURN(const auto started, Call<order::StartCheckoutResponse>(buyer, start));
  const std::string checkout_id = started.checkout().checkout_id();

  order::SetAddressRequest address;
  address.set_request_id(RequestId("address", order.order_id));
  address.set_checkout_id(checkout_id);
  order::Contact& contact = *address.mutable_contact();
  contact.set_contact_name("Cliente " + order.customer_id.substr(0, 8));
  contact.set_email(order.customer_id + "@buyers.example");
  contact.mutable_address()->set_region_code("BR");
  contact.mutable_address()->set_postal_code(order.postal_code);
  contact.mutable_address()->set_administrative_area(order.state_code);
  contact.mutable_address()->set_locality(order.city);
  contact.mutable_address()->add_address_lines("Rua " + order.customer_id.substr(0, 8));
  RETURN_IF_ERROR(Call<order::SetAddressResponse>(buyer, address).status());

  std::set<std::string> sellers;
  std::int64_t total = 0;
  for (const OlistItem& item : order.items) {
    sellers.insert(item.seller_id);
    total += item.price + item.freight;
  }
  for (const std::string& seller_id : sellers) {
    order::SelectDeliveryRequest delivery;
    delivery.set_request_id(RequestId("delivery-choice", order.order_id + "/" + seller_id));
    delivery.set_checkout_id(checkout_id);
    delivery.set_seller_id(seller_id);
    delivery.set_option_id(kOlistDeliveryOption);
    RETURN_IF_ERROR(Call<order::SelectDeliveryResponse>(buyer, delivery).status());
  }
  order::SelectPaymentMethodRequest method;
  method.set_request_id(RequestId("method", order.order_id));
  method.set_checkout_id(checkout_id);
  method.set_method(order.boleto ? order::PAYMENT_METHOD_BANK_TRANSFER : order::PAYMENT_METHOD_CARD);
  if (!order.boleto) method.set_card_token("tok_ok");
  RETURN_IF_ERROR(Call<order::SelectPaymentMethodResponse>(buyer, method).status());

  order::PlaceOrderRequest place;
  place.set_request_id(RequestId("place", order.order_id));
  place.set_checkout_id(checkout_id);
  SetMoney(total, *place.mutable_expected_total());
  if (const auto placed = ctl::Place(store_, buyer, place); !placed.ok()) {
    return Status(placed.status().code(), Explain(placed.status(), store_.address()));
  }
  order::GetOrderGroupRequest get;
  get.set_group_id(checkout_id);
  ASSIGN_OR_RETURN(const auto group, Call<order::GetOrderGroupResponse>(buyer, get));
  groups_[order.order_id] = PlacedGroup::Of(order, group.order_group());
  return OkStatus();
}

Status Importer::Pay(const OlistOrder& order, absl::Time time) {
  const PlacedGroup& group = groups_[order.order_id];
  payment::GetPaymentIntentRequest get;
  get.set_intent_id(group.payment_intent_id);
  ASSIGN_OR_RETURN(const auto intent,
                   Call<payment::GetPaymentIntentResponse>("buyer/" + order.customer_id, get));
  payment::RecordFundsRequest funds;
  funds.set_request_id(RequestId("funds", order.order_id));
  funds.set_reference(intent.payment_intent().bank_transfer().reference());
  SetMoney(group.total, *funds.mutable_amount());
  *funds.mutable_occur_time() = ToProto(time);
  return Call<payment::RecordFundsResponse>(kOperator, funds).status();
}

Status Importer::Cancel(const OlistOrder& order) {
  for (const PlacedOrder& placed : groups_[order.order_id].orders) {
    order::CancelOrderRequest cancel;
    cancel.set_request_id(RequestId("cancel", placed.order_id));
    cancel.set_order_id(placed.order_id);
    const bool unavailable = order.status == "unavailable";
    cancel.set_reason(unavailable ? order::CANCEL_REASON_OUT_OF_STOCK : order::CANCEL_REASON_CHANGED_MIND);
    const std::string by = unavailable ? "seller/" + placed.seller_id : "buyer/" + order.customer_id;
    RETURN_IF_ERROR(Call<order::CancelOrderResponse>(by, cancel).status());
  }
  return OkStatus();
}

Status Importer::Dispatch(const OlistOrder& order, absl::Time time) {
  for (const PlacedOrder& placed : groups_[order.order_id].orders) {
    shipping::DispatchShipmentRequest dispatch;
    dispatch.set_request_id(RequestId("dispatch", placed.order_id));
    dispatch.set_order_id(placed.order_id);
    dispatch.set_carrier(kOlistCarrier);
    dispatch.set_tracking_code(placed.tracking_code);
    *dispatch.mutable_occurred_time() = ToProto(time);
    RETURN_IF_ERROR(
        Call<shipping::DispatchShipmentResponse>("seller/" + placed.seller_id, dispatch).status());
  }
  return OkStatus();
}

Status Importer::Deliver(const OlistOrder& order, absl::Time time) {
  for (const PlacedOrder& placed : groups_[order.order_id].orders) {
    shipping::RecordScanRequest scan;
    scan.set_request_id(RequestId("delivered", placed.order_id));
    scan.set_carrier(kOlistCarrier);
    scan.set_tracking_code(placed.tracking_code);
    scan.set_status(shipping::SCAN_STATUS_DELIVERED);
    *scan.mutable_occurred_time() = ToProto(time);
    RETURN_IF_ERROR(Call<shipping::RecordScanResponse>(kOperator, scan).status());
  }
  return Settle();
}

Status Importer::Review(const OlistOrder& order, const OlistReview& review) {
  RETURN_IF_ERROR(Settle());
  const PlacedOrder& placed = groups_[order.order_id].orders.front();
  catalog::SubmitReviewRequest submit;
  submit.set_request_id(RequestId("review", order.order_id));
  submit.set_order_id(placed.order_id);
  submit.set_line_id(placed.line_id);
  submit.set_score(review.score);
  submit.set_text(review.text);
  return Call<catalog::SubmitReviewResponse>("buyer/" + order.customer_id, submit).status();
}

// Keeps the orders that were bought first.
void KeepFirst(std::size_t orders, OlistData& data) {
  std::set<std::pair<absl::Time, std::string>> by_time;
  for (const auto& [id, order] : data.orders) by_time.emplace(order.purchased, id);
  for (const auto& [time, id] : by_time) {
    if (orders == 0) data.orders.erase(id);
    if (orders > 0) --orders;
  }
}

}  // namespace

Status ImportOlist(StoreClient& store, const ImportOptions& options) {
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(OlistData data, ReadOlist(options.folder));
  if (options.orders_max > 0) KeepFirst(options.orders_max, data);
  for (const std::string& line : data.malformed) {
    if (!options.quiet) std::fprintf(stderr, "malformed: %s\n", line.c_str());
  }
  const OlistPlan plan = PlanOlist(data, kTransferDays, kDispatchDays);
  Importer importer(store, data, plan, options.quiet);
  RETURN_IF_ERROR(importer.Run());
  ASSIGN_OR_RETURN(const std::string report,
                   MakeImportReport(store, data, plan, importer.groups(), absl::Now() - start));
  if (options.report.empty()) {
    *options.out << report << '\n';
    return OkStatus();
  }
  std::ofstream file(options.report);
  file << report << '\n';
  file.close();
  return file ? OkStatus() : Internal("cannot write %s", options.report);
}

}  // namespace souk::ctl
