#include "tools/soukctl/import_olist.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/hash.h"
#include "libs/base/proto_time.h"
#include "libs/base/uuid.h"
#include "souk/admin/v1/admin_service.pb.h"
#include "souk/cart/v1/cart_service.pb.h"
#include "souk/catalog/v1/catalog_service.pb.h"
#include "souk/order/v1/checkout_service.pb.h"
#include "souk/order/v1/order_service.pb.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"
#include "tools/soukctl/import_report.h"
#include "tools/soukctl/olist_plan.h"
#include "tools/soukctl/picture.h"
#include "tools/soukctl/progress.h"

namespace souk::ctl {
namespace {

namespace admin = souk::admin::v1;
namespace cart = souk::cart::v1;
namespace catalog = souk::catalog::v1;
namespace order = souk::order::v1;
namespace payment = souk::payment::v1;
namespace shipping = souk::shipping::v1;

constexpr char kOperator[] = "operator/import";
constexpr char kCurrency[] = "BRL";
constexpr char kCarrier[] = "Correios";
constexpr char kOption[] = "standard";

// The delivery profiles of the import, in business days, and what the store adds to them:
// see order.unpaid_cancel_after and order.auto_cancel_after_ship_by.
constexpr int kHandlingDays = 15;
constexpr int kTransferDays = 5;
constexpr int kDispatchDays = 3 * 7 + 14;

std::string RequestId(std::string_view what, std::string_view of) {
  return DerivedUuid("olist-import", what, of);
}

void SetMoney(std::int64_t cents, type::v1::Money& money) {
  money.set_currency_code(kCurrency);
  money.set_minor_units(cents);
}

class Importer {
 public:
  Importer(Session& session, const OlistData& data, const OlistPlan& plan)
      : session_(session), data_(data), plan_(plan) {}

  Status Run();
  const std::map<std::string, PlacedGroup>& groups() const { return groups_; }

 private:
  // What the store knows of a product by now.
  struct Listing {
    std::string product_id;
    std::string profile_id;
    std::int64_t price = 0;
  };

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

  Status EnsureSeller(const std::string& seller_id);
  StatusOr<std::string> EnsureProfile(const std::string& seller_id, std::int64_t freight);
  // Makes, prices and stocks the product as this order bought it.
  Status EnsureListing(const OlistOrder& order, const OlistItem& item, std::int64_t quantity);
  Status CreateListing(const OlistItem& item, Listing& listing);
  Status SetTerms(const OlistOrder& order, const OlistItem& item, Listing& listing);
  StatusOr<std::string> UploadPhoto(const std::string& seller_id);
  StatusOr<std::string> FillCart(const OlistOrder& order);
  Status CheckOut(const OlistOrder& order, const std::string& cart_id);

  template <typename Response, typename Request>
  StatusOr<Response> Call(const std::string& principal, const Request& request) {
    StatusOr<Response> response = session_.Call<Response>(principal, request);
    if (response.ok()) return response;
    const Status& status = response.status();
    return Status(status.code(),
                  std::string(Request::descriptor()->name()) + ": " + Explain(status, session_.address()));
  }

  Session& session_;
  const OlistData& data_;
  const OlistPlan& plan_;
  std::set<std::string> sellers_;
  std::map<std::string, std::string> photos_;                             // By seller.
  std::map<std::pair<std::string, std::int64_t>, std::string> profiles_;  // By seller and freight.
  std::map<std::string, Listing> listings_;                               // By product of the dataset.
  std::map<std::string, PlacedGroup> groups_;                             // By order of the dataset.
};

Status Importer::Run() {
  RETURN_IF_ERROR(CheckClock());
  Progress progress("importing", "steps", static_cast<std::int64_t>(plan_.steps.size()));
  std::int64_t done = 0;
  for (const OlistStep& step : plan_.steps) {
    RETURN_IF_ERROR(AdvanceTo(step.time));
    if (const Status status = Execute(step); !status.ok()) {
      return Status(status.code(), "order " + step.order->order_id + ": " + std::string(status.message()));
    }
    progress.Update(++done, absl::FormatTime("%Y-%m-%d", step.time, absl::UTCTimeZone()));
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
  const auto seller = session_.Call<catalog::GetSellerResponse>(kOperator, request);
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
    if (week == 0) std::fprintf(stderr, "running the clock on until every order has ended\n");
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

Status Importer::EnsureSeller(const std::string& seller_id) {
  if (!sellers_.insert(seller_id).second) return OkStatus();
  const auto known = data_.sellers.find(seller_id);
  const std::string city = known == data_.sellers.end() ? "" : known->second.city;
  catalog::RegisterSellerRequest seller;
  seller.set_request_id(RequestId("seller", seller_id));
  seller.set_seller_id(seller_id);
  seller.set_shop_name("Loja " + seller_id.substr(0, 8) + (city.empty() ? "" : ", " + city));
  seller.set_contact_name("Loja " + seller_id.substr(0, 8));
  seller.set_contact_email(seller_id + "@sellers.example");
  seller.set_language_code("pt");
  RETURN_IF_ERROR(Call<catalog::RegisterSellerResponse>("seller/" + seller_id, seller).status());
  catalog::ApproveSellerRequest approve;
  approve.set_request_id(RequestId("seller-approval", seller_id));
  approve.set_seller_id(seller_id);
  return Call<catalog::ApproveSellerResponse>(kOperator, approve).status();
}

StatusOr<std::string> Importer::EnsureProfile(const std::string& seller_id, std::int64_t freight) {
  std::string& profile_id = profiles_[{seller_id, freight}];
  if (!profile_id.empty()) return profile_id;
  shipping::DefineDeliveryProfileRequest request;
  request.set_request_id(RequestId("profile", seller_id + "/" + std::to_string(freight)));
  request.set_seller_id(seller_id);
  shipping::DeliveryProfile& profile = *request.mutable_profile();
  profile.set_seller_id(seller_id);
  profile.set_display_name("Envio por " + std::to_string(freight) + " centavos");
  profile.set_time_zone("America/Sao_Paulo");
  profile.set_cutoff_minute_of_day(14 * 60);
  profile.set_handling_days_min(1);
  profile.set_handling_days_max(kHandlingDays);
  shipping::DeliveryZone& zone = *profile.add_zones();
  zone.set_display_name("Brasil");
  zone.add_region_codes("BR");
  shipping::DeliveryOption& option = *zone.add_options();
  option.set_option_id(kOption);
  option.set_display_name("PAC");
  option.set_carrier(kCarrier);
  option.set_transit_days_min(3);
  option.set_transit_days_max(20);
  SetMoney(freight, *option.mutable_cost()->mutable_per_item());
  ASSIGN_OR_RETURN(const auto response,
                   Call<shipping::DefineDeliveryProfileResponse>("seller/" + seller_id, request));
  profile_id = response.profile().profile_id();
  return profile_id;
}

StatusOr<std::string> Importer::UploadPhoto(const std::string& seller_id) {
  std::string& media_id = photos_[seller_id];
  if (!media_id.empty()) return media_id;
  const std::string picture = MakePicture(Fnv1a(seller_id));
  const absl::Time give_up = absl::Now() + absl::Minutes(2);
  for (;;) {
    auto upload = session_.ClientFor(catalog::UploadMediaRequest())
                      .OpenUpload<catalog::UploadMediaResponse, catalog::UploadMediaRequest>(
                          session_.OptionsFor("seller/" + seller_id));
    catalog::UploadMediaRequest start, chunk;
    start.mutable_start()->set_request_id(RequestId("photo", seller_id));
    start.mutable_start()->set_seller_id(seller_id);
    start.mutable_start()->set_sha256(ToHex(Sha256(picture)));
    chunk.set_chunk(picture);
    Status status = upload.Write(start);
    if (status.ok()) status = upload.Write(chunk);
    const StatusOr<catalog::UploadMediaResponse> response = upload.Finish();
    if (response.ok()) {
      media_id = response->media().media_id();
      return media_id;
    }
    // The store may be restarting: a call that waits for it tells when it is back.
    if (!IsTransient(response.status()) || absl::Now() > give_up) return response.status();
    RETURN_IF_ERROR(Call<admin::GetTimeResponse>(kOperator, admin::GetTimeRequest()).status());
  }
}

Status Importer::CreateListing(const OlistItem& item, Listing& listing) {
  const std::string seller = "seller/" + item.seller_id;
  const auto known = data_.products.find(item.product_id);
  const OlistProduct product = known == data_.products.end() ? OlistProduct() : known->second;
  const std::string category = product.category.empty() ? "outros" : product.category;
  catalog::CreateProductRequest create;
  create.set_request_id(RequestId("product", item.product_id + "/" + item.seller_id));
  create.set_seller_id(item.seller_id);
  catalog::LocalizedText& text = *create.add_texts();
  text.set_language_code("pt");
  text.set_title(category + " " + item.product_id.substr(0, 8));
  text.set_description("Produto da categoria " + category + ".");
  create.set_category(category);
  create.set_weight_grams(product.weight_grams);
  ASSIGN_OR_RETURN(const auto created, Call<catalog::CreateProductResponse>(seller, create));
  listing.product_id = created.product().product_id();
  catalog::AttachMediaRequest attach;
  ASSIGN_OR_RETURN(*attach.mutable_media_id(), UploadPhoto(item.seller_id));
  attach.set_request_id(RequestId("product-photo", listing.product_id));
  attach.set_product_id(listing.product_id);
  attach.set_alt_text(category);
  return Call<catalog::AttachMediaResponse>(seller, attach).status();
}

Status Importer::SetTerms(const OlistOrder& order, const OlistItem& item, Listing& listing) {
  const std::string seller = "seller/" + item.seller_id;
  const std::string of = order.order_id + "/" + item.product_id;
  if (listing.price != item.price) {
    catalog::SetPriceRequest price;
    price.set_request_id(RequestId("price", of));
    price.set_product_id(listing.product_id);
    SetMoney(item.price, *price.mutable_price());
    RETURN_IF_ERROR(Call<catalog::SetPriceResponse>(seller, price).status());
    listing.price = item.price;
  }
  ASSIGN_OR_RETURN(const std::string profile_id, EnsureProfile(item.seller_id, item.freight));
  if (listing.profile_id != profile_id) {
    catalog::SetDeliveryProfileRequest profile;
    profile.set_request_id(RequestId("delivery", of));
    profile.set_product_id(listing.product_id);
    profile.set_delivery_profile_id(profile_id);
    RETURN_IF_ERROR(Call<catalog::SetDeliveryProfileResponse>(seller, profile).status());
    listing.profile_id = profile_id;
  }
  return OkStatus();
}

Status Importer::EnsureListing(const OlistOrder& order, const OlistItem& item, std::int64_t quantity) {
  RETURN_IF_ERROR(EnsureSeller(item.seller_id));
  const std::string seller = "seller/" + item.seller_id;
  Listing& listing = listings_[item.product_id + "/" + item.seller_id];
  const bool is_new = listing.product_id.empty();
  if (is_new) RETURN_IF_ERROR(CreateListing(item, listing));
  RETURN_IF_ERROR(SetTerms(order, item, listing));
  catalog::ReceiveStockRequest stock;
  stock.set_request_id(RequestId("stock", order.order_id + "/" + item.product_id));
  stock.set_product_id(listing.product_id);
  stock.set_quantity(quantity);
  RETURN_IF_ERROR(Call<catalog::ReceiveStockResponse>(seller, stock).status());
  if (!is_new) return OkStatus();
  catalog::PublishProductRequest publish;
  publish.set_request_id(RequestId("publish", listing.product_id));
  publish.set_product_id(listing.product_id);
  return Call<catalog::PublishProductResponse>(seller, publish).status();
}

StatusOr<std::string> Importer::FillCart(const OlistOrder& order) {
  const std::string buyer = "buyer/" + order.customer_id;
  std::map<std::string, std::pair<const OlistItem*, std::int64_t>> lines;  // By listing.
  for (const OlistItem& item : order.items) {
    auto& line = lines[item.product_id + "/" + item.seller_id];
    line.first = &item;
    ++line.second;
  }
  for (const auto& [key, line] : lines) RETURN_IF_ERROR(EnsureListing(order, *line.first, line.second));
  RETURN_IF_ERROR(Settle());  // The cart hears of prices and stock.
  cart::CreateCartRequest create;
  create.set_request_id(RequestId("cart", order.order_id));
  ASSIGN_OR_RETURN(const auto created, Call<cart::CreateCartResponse>(buyer, create));
  for (const auto& [key, line] : lines) {
    cart::AddItemRequest add;
    add.set_request_id(RequestId("item", order.order_id + "/" + key));
    add.set_cart_id(created.cart().cart_id());
    add.set_product_id(listings_[key].product_id);
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
    delivery.set_option_id(kOption);
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
  ASSIGN_OR_RETURN(const auto placed, Call<order::PlaceOrderResponse>(buyer, place));
  if (placed.checkout().state() != order::CheckoutState::STATE_PLACED) {
    return Internal("the checkout is %s", order::CheckoutState::State_Name(placed.checkout().state()));
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
    dispatch.set_carrier(kCarrier);
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
    scan.set_carrier(kCarrier);
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

}  // namespace

Status ImportOlist(Session& session, const ImportOptions& options) {
  const absl::Time start = absl::Now();
  ASSIGN_OR_RETURN(const OlistData data, ReadOlist(options.folder));
  for (const std::string& line : data.malformed) std::fprintf(stderr, "malformed: %s\n", line.c_str());
  const OlistPlan plan = PlanOlist(data, kTransferDays, kDispatchDays);
  Importer importer(session, data, plan);
  RETURN_IF_ERROR(importer.Run());
  ASSIGN_OR_RETURN(const std::string report,
                   MakeImportReport(session, data, plan, importer.groups(), absl::Now() - start));
  if (options.report.empty()) {
    std::cout << report << '\n';
    return OkStatus();
  }
  std::ofstream file(options.report);
  file << report << '\n';
  file.close();
  return file ? OkStatus() : Internal("cannot write %s", options.report);
}

}  // namespace souk::ctl
