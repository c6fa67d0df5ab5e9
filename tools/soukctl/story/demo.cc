#include "tools/soukctl/story/demo.h"

#include <map>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/money.h"
#include "libs/base/proto_time.h"
#include "libs/base/uuid.h"
#include "souk/admin/v1/admin_service.pb.h"
#include "souk/cart/v1/cart_service.pb.h"
#include "souk/catalog/v1/catalog_service.pb.h"
#include "souk/order/v1/checkout_service.pb.h"
#include "souk/order/v1/order_service.pb.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"
#include "tools/soukctl/share_folder.h"
#include "tools/soukctl/story/placing.h"
#include "tools/soukctl/story/shop_file.h"
#include "tools/soukctl/story/story_log.h"

namespace souk::ctl {
namespace {

namespace cart = souk::cart::v1;
namespace catalog = souk::catalog::v1;
namespace order = souk::order::v1;
namespace payment = souk::payment::v1;
namespace shipping = souk::shipping::v1;

constexpr char kBuyer[] = "buyer/anna";
constexpr char kOperator[] = "operator/marketplace";
constexpr char kPotter[] = "seller-mori";  // Sells a cup and a teapot.
constexpr char kWeaver[] = "seller-lind";  // Sells linen.

std::string Amount(const type::v1::Money& money) {
  return ToString(Money{money.minor_units(), money.currency_code()});
}

std::string Day(const google::type::Date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

class Demo {
 public:
  Demo(StoreClient& store, const DemoOptions& options, ShopFile shop, std::string run)
      : store_(store),
        shop_(std::move(shop)),
        log_(store, *options.out, options.mail_dir),
        run_(std::move(run)) {}

  Status Play();

 private:
  Status OpenShops();
  Status Browse();
  Status FillCart();
  Status CheckOut();
  Status Pay();
  Status PackAndDispatch(const std::string& seller_id, const std::string& note);
  Status Receive();
  Status Review();
  Status MoveMoney();

  std::string RequestId(std::string_view what) const { return DerivedUuid("demo", run_, what); }
  std::string Product(const char* seller_id, const char* key) const {
    return products_.at(std::string(seller_id) + "/" + key);
  }
  // The order that this seller got.
  const order::Order& OrderOf(const std::string& seller_id) const { return orders_.at(seller_id); }

  template <typename Response, typename Request>
  StatusOr<Response> Call(const std::string& principal, const Request& request) {
    StatusOr<Response> response = store_.Call<Response>(principal, request);
    if (response.ok()) return response;
    return Status(response.status().code(), std::string(Request::descriptor()->name()) + ": " +
                                                Explain(response.status(), store_.address()));
  }

  StoreClient& store_;
  const ShopFile shop_;
  StoryLog log_;
  const std::string run_;
  std::map<std::string, std::string> products_;  // Ids by seller/key.
  std::string cart_id_;
  std::string checkout_id_;
  std::map<std::string, order::Order> orders_;  // By seller.
};

Status Demo::Play() {
  RETURN_IF_ERROR(log_.Begin());
  RETURN_IF_ERROR(OpenShops());
  RETURN_IF_ERROR(Browse());
  RETURN_IF_ERROR(FillCart());
  RETURN_IF_ERROR(CheckOut());
  RETURN_IF_ERROR(Pay());
  RETURN_IF_ERROR(PackAndDispatch(kPotter, "Dear Anna, thank you! I wrapped the teapot twice. Yours, Mori"));
  RETURN_IF_ERROR(PackAndDispatch(kWeaver, ""));
  RETURN_IF_ERROR(Receive());
  RETURN_IF_ERROR(Review());
  return MoveMoney();
}

Status Demo::OpenShops() {
  log_.Chapter("The shops open: descriptions, photos, prices, delivery options, stock");
  for (const ShopFileSeller& seller : shop_.sellers) {
    Shopkeeper keeper(store_, "demo-" + run_, seller.seller_id);
    RETURN_IF_ERROR(keeper.Open(seller.shop));
    std::map<std::string, std::string> profiles;
    for (const ProfileSpec& profile : seller.profiles) {
      ASSIGN_OR_RETURN(profiles[profile.name], keeper.DefineProfile(profile));
    }
    for (ProductSpec product : seller.products) {
      if (!profiles.contains(product.profile_id)) {
        return InvalidArgument("shop.json: %s has no profile %s", seller.seller_id, product.profile_id);
      }
      product.profile_id = profiles[product.profile_id];
      ASSIGN_OR_RETURN(products_[seller.seller_id + "/" + product.key], keeper.AddProduct(product));
    }
    log_.Say(seller.shop.shop_name + ": " + std::to_string(seller.products.size()) + " products");
  }
  return log_.PrintEvents();
}

Status Demo::Browse() {
  log_.Chapter("Anna looks for a teapot, and reads everything about it");
  catalog::SearchProductsRequest search;
  search.set_text("teapot");
  search.set_language_code("en");
  ASSIGN_OR_RETURN(const auto found, Call<catalog::SearchProductsResponse>(kBuyer, search));
  for (const catalog::Product& product : found.products()) log_.Say("found: " + product.title());
  catalog::GetProductRequest get;
  get.set_product_id(Product(kPotter, "teapot"));
  get.set_view(catalog::PRODUCT_VIEW_FULL);
  get.set_language_code("en");
  get.mutable_destination()->set_region_code("DE");
  get.mutable_destination()->set_postal_code("10115");
  get.set_quantity(1);
  ASSIGN_OR_RETURN(const auto page, Call<catalog::GetProductResponse>(kBuyer, get));
  log_.Say("\"" + page.product().description() + "\"");
  log_.Say(
      Amount(page.product().prices(0).price()) + ", " +
      catalog::AvailabilityBand_Name(page.product().availability()).substr(sizeof "AVAILABILITY_BAND_" - 1) +
      " stock, sold by " + page.page().seller().shop_name());
  for (const catalog::DeliveryOffer& offer : page.page().delivery_offers()) {
    log_.Say("delivery: " + offer.display_name() + " " + Amount(offer.cost()) + ", arrives " +
             Day(offer.arrive_from()) + " to " + Day(offer.arrive_until()));
  }
  return log_.PrintEvents();
}

Status Demo::FillCart() {
  log_.Chapter("She fills her cart, and changes her mind");
  cart::CreateCartRequest create;
  create.set_request_id(RequestId("cart"));
  ASSIGN_OR_RETURN(const auto created, Call<cart::CreateCartResponse>(kBuyer, create));
  cart_id_ = created.cart().cart_id();
  const auto add = [&](const char* seller_id, const char* key, int quantity) {
    cart::AddItemRequest item;
    item.set_request_id(RequestId(std::string("add/") + key));
    item.set_cart_id(cart_id_);
    item.set_product_id(Product(seller_id, key));
    item.set_quantity(quantity);
    return Call<cart::AddItemResponse>(kBuyer, item).status();
  };
  RETURN_IF_ERROR(add(kPotter, "teapot", 1));
  RETURN_IF_ERROR(add(kPotter, "cup", 1));
  RETURN_IF_ERROR(add(kWeaver, "linen", 2));
  cart::SetItemQuantityRequest more;
  more.set_request_id(RequestId("more-cups"));
  more.set_cart_id(cart_id_);
  more.set_product_id(Product(kPotter, "cup"));
  more.set_quantity(4);
  RETURN_IF_ERROR(Call<cart::SetItemQuantityResponse>(kBuyer, more).status());
  more.set_request_id(RequestId("less-linen"));
  more.set_product_id(Product(kWeaver, "linen"));
  more.set_quantity(1);
  ASSIGN_OR_RETURN(const auto changed, Call<cart::SetItemQuantityResponse>(kBuyer, more));
  for (const cart::CartItem& item : changed.cart().items()) {
    log_.Say(std::to_string(item.quantity()) + " x " + item.title() + "  " + Amount(item.total()));
  }
  log_.Say("together " + Amount(changed.cart().subtotal()));
  return log_.PrintEvents();
}

Status Demo::CheckOut() {
  log_.Chapter("CHECK OUT: how to pay, where to deliver");
  order::StartCheckoutRequest start;
  start.set_request_id(RequestId("checkout"));
  start.set_cart_id(cart_id_);
  start.set_language_code("en");
  ASSIGN_OR_RETURN(const auto started, Call<order::StartCheckoutResponse>(kBuyer, start));
  checkout_id_ = started.checkout().checkout_id();

  order::SelectPaymentMethodRequest method;
  method.set_request_id(RequestId("method"));
  method.set_checkout_id(checkout_id_);
  method.set_method(order::PAYMENT_METHOD_BANK_TRANSFER);
  RETURN_IF_ERROR(Call<order::SelectPaymentMethodResponse>(kBuyer, method).status());

  order::SetAddressRequest address;
  address.set_request_id(RequestId("address"));
  address.set_checkout_id(checkout_id_);
  order::Contact& contact = *address.mutable_contact();
  contact.set_contact_name("Anna Fischer");
  contact.set_email("anna@buyers.example");
  contact.mutable_address()->set_region_code("DE");
  contact.mutable_address()->set_postal_code("10115");
  contact.mutable_address()->set_locality("Berlin");
  contact.mutable_address()->add_address_lines("Ackerstr. 12");
  ASSIGN_OR_RETURN(auto priced, Call<order::SetAddressResponse>(kBuyer, address));
  order::Checkout checkout = priced.checkout();
  for (const order::CheckoutPart& part : priced.checkout().parts()) {
    order::SelectDeliveryRequest delivery;
    delivery.set_request_id(RequestId("delivery/" + part.seller_id()));
    delivery.set_checkout_id(checkout_id_);
    delivery.set_seller_id(part.seller_id());
    delivery.set_option_id(part.options(0).option_id());
    ASSIGN_OR_RETURN(const auto selected, Call<order::SelectDeliveryResponse>(kBuyer, delivery));
    checkout = selected.checkout();
    log_.Say(part.seller_id() + " delivers by " + part.options(0).display_name() + ", " +
             Amount(part.options(0).cost()) + ", between " + Day(part.options(0).arrive_from()) + " and " +
             Day(part.options(0).arrive_until()));
  }
  order::PlaceOrderRequest place;
  place.set_request_id(RequestId("place"));
  place.set_checkout_id(checkout_id_);
  *place.mutable_expected_total() = checkout.total();
  ASSIGN_OR_RETURN(const order::Checkout placed, Place(store_, kBuyer, place));
  log_.Say("agreed to " + Amount(checkout.total()) + ": " + std::to_string(placed.order_ids_size()) +
           " orders, one for each shop");
  order::GetOrderGroupRequest get;
  get.set_group_id(checkout_id_);
  ASSIGN_OR_RETURN(const auto group, Call<order::GetOrderGroupResponse>(kBuyer, get));
  for (const order::Order& one : group.order_group().orders()) orders_[one.snapshot().seller_id()] = one;
  return log_.PrintEvents();
}

Status Demo::Pay() {
  log_.Chapter("She learns how to pay, and pays at her bank");
  payment::GetPaymentIntentRequest get;
  get.set_intent_id(OrderOf(kPotter).snapshot().payment_intent_id());
  ASSIGN_OR_RETURN(const auto intent, Call<payment::GetPaymentIntentResponse>(kBuyer, get));
  const payment::BankTransfer& transfer = intent.payment_intent().bank_transfer();
  log_.Say("transfer " + Amount(transfer.amount()) + " to " + transfer.iban() + ", reference " +
           transfer.reference() + ", until " +
           absl::FormatTime("%Y-%m-%d", FromProto(transfer.deadline()), absl::UTCTimeZone()));
  payment::RecordFundsRequest funds;
  funds.set_request_id(RequestId("funds"));
  funds.set_reference(transfer.reference());
  *funds.mutable_amount() = transfer.amount();
  ASSIGN_OR_RETURN(const auto now, Call<admin::v1::GetTimeResponse>(kOperator, admin::v1::GetTimeRequest()));
  *funds.mutable_occur_time() = now.time();
  RETURN_IF_ERROR(Call<payment::RecordFundsResponse>(kOperator, funds).status());
  log_.Say("the bank reports the money; the shops are told to pack");
  return log_.PrintEvents();
}

Status Demo::PackAndDispatch(const std::string& seller_id, const std::string& note) {
  log_.Chapter(seller_id + " packs, adds a note, hands over, and tells the system");
  const std::string seller = "seller/" + seller_id;
  order::ListOrdersRequest list;
  list.set_seller_id(seller_id);
  list.set_state(order::OrderState::STATE_AWAITING_DISPATCH);
  ASSIGN_OR_RETURN(const auto queue, Call<order::ListOrdersResponse>(seller, list));
  for (const order::Order& one : queue.orders()) {
    log_.Say("to do: order " + one.order_id() + ", ship by " +
             absl::FormatTime("%Y-%m-%d %H:%M UTC", FromProto(one.snapshot().delivery().ship_by_time()),
                              absl::UTCTimeZone()));
  }
  const std::string order_id = OrderOf(seller_id).order_id();
  if (!note.empty()) {
    order::AttachPersonalNoteRequest attach;
    attach.set_request_id(RequestId("note/" + seller_id));
    attach.set_order_id(order_id);
    attach.set_note(note);
    RETURN_IF_ERROR(Call<order::AttachPersonalNoteResponse>(seller, attach).status());
    log_.Say("note: \"" + note + "\"");
  }
  shipping::PackShipmentRequest pack;
  pack.set_request_id(RequestId("pack/" + seller_id));
  pack.set_order_id(order_id);
  RETURN_IF_ERROR(Call<shipping::PackShipmentResponse>(seller, pack).status());
  shipping::DispatchShipmentRequest dispatch;
  dispatch.set_request_id(RequestId("dispatch/" + seller_id));
  dispatch.set_order_id(order_id);
  dispatch.set_carrier("Post");
  dispatch.set_tracking_code("DE" + run_.substr(0, 8) + seller_id.substr(7));
  RETURN_IF_ERROR(Call<shipping::DispatchShipmentResponse>(seller, dispatch).status());
  log_.Say("handed over as " + dispatch.tracking_code() + "; the buyer gets a mail");
  return log_.PrintEvents();
}

Status Demo::Receive() {
  log_.Chapter("The parcels arrive, and Anna says so");
  ASSIGN_OR_RETURN(const auto now, Call<admin::v1::GetTimeResponse>(kOperator, admin::v1::GetTimeRequest()));
  if (now.manual()) {
    admin::v1::AdvanceTimeRequest days;
    days.set_seconds(absl::ToInt64Seconds(absl::Hours(48)));
    RETURN_IF_ERROR(Call<admin::v1::AdvanceTimeResponse>(kOperator, days).status());
    log_.Say("two days later");
  }
  for (const auto& [seller_id, placed] : orders_) {
    order::ConfirmReceiptRequest confirm;
    confirm.set_request_id(RequestId("received/" + seller_id));
    confirm.set_order_id(placed.order_id());
    ASSIGN_OR_RETURN(const auto confirmed, Call<order::ConfirmReceiptResponse>(kBuyer, confirm));
    log_.Say("order " + placed.order_id() + ": " +
             order::OrderState::State_Name(confirmed.order().state()).substr(sizeof "STATE_" - 1));
  }
  return log_.PrintEvents();
}

Status Demo::Review() {
  log_.Chapter("She writes a review, and the shop answers");
  const order::Order& placed = OrderOf(kPotter);
  catalog::SubmitReviewRequest submit;
  submit.set_request_id(RequestId("review"));
  submit.set_order_id(placed.order_id());
  submit.set_line_id(placed.snapshot().lines(0).line_id());
  submit.set_score(5);
  submit.set_text("Even nicer than in the pictures, and here a day early.");
  ASSIGN_OR_RETURN(const auto review, Call<catalog::SubmitReviewResponse>(kBuyer, submit));
  log_.Say("5 of 5: \"" + review.review().text() + "\"");
  catalog::AnswerReviewRequest answer;
  answer.set_request_id(RequestId("answer"));
  answer.set_review_id(review.review().review_id());
  answer.set_text("Thank you, Anna. Enjoy your tea!");
  ASSIGN_OR_RETURN(const auto answered,
                   Call<catalog::AnswerReviewResponse>(std::string("seller/") + kPotter, answer));
  log_.Say("answer: \"" + answered.review().answer() + "\"");
  return log_.PrintEvents();
}

Status Demo::MoveMoney() {
  log_.Chapter("The money is in the shop's balance, and moves to her bank account");
  const std::string seller = std::string("seller/") + kPotter;
  payment::GetBalanceRequest get;
  get.set_seller_id(kPotter);
  ASSIGN_OR_RETURN(const auto balance, Call<payment::GetBalanceResponse>(seller, get));
  if (balance.balances().empty()) return Internal("the shop has no balance");
  const Money available{balance.balances(0).available(), balance.balances(0).currency_code()};
  log_.Say("available: " + ToString(available));
  payment::AddBankAccountRequest add;
  add.set_request_id(RequestId("bank"));
  add.set_seller_id(kPotter);
  add.set_holder("Mori Keramik");
  add.set_iban("DE89370400440532013000");
  ASSIGN_OR_RETURN(const auto added, Call<payment::AddBankAccountResponse>(seller, add));
  payment::VerifyBankAccountRequest verify;
  verify.set_request_id(RequestId("verify"));
  verify.set_bank_account_id(added.bank_account().bank_account_id());
  RETURN_IF_ERROR(Call<payment::VerifyBankAccountResponse>(kOperator, verify).status());
  payment::RequestPayoutRequest payout;
  payout.set_request_id(RequestId("payout"));
  payout.set_seller_id(kPotter);
  payout.set_bank_account_id(added.bank_account().bank_account_id());
  payout.mutable_amount()->set_currency_code(available.currency_code);
  payout.mutable_amount()->set_minor_units(available.minor_units);
  ASSIGN_OR_RETURN(const auto requested, Call<payment::RequestPayoutResponse>(seller, payout));
  RETURN_IF_ERROR(log_.PrintEvents());
  payment::GetPayoutRequest look;
  look.set_payout_id(requested.payout().payout_id());
  ASSIGN_OR_RETURN(const auto done, Call<payment::GetPayoutResponse>(seller, look));
  log_.Say("payout of " + Amount(done.payout().amount()) + ": " +
           payment::Payout::State_Name(done.payout().state()).substr(sizeof "STATE_" - 1));
  ASSIGN_OR_RETURN(const auto trial,
                   Call<payment::GetTrialBalanceResponse>(kOperator, payment::GetTrialBalanceRequest()));
  log_.Say("trial balance of the whole ledger: " + std::to_string(trial.difference()));
  log_.Say("try: soukctl journey " + OrderOf(kPotter).order_id());
  return OkStatus();
}

}  // namespace

namespace {

// Whoever plays it again, and not the same run, meets her own shops.
Status CheckNotPlayed(StoreClient& store, const ShopFile& shop) {
  for (const ShopFileSeller& seller : shop.sellers) {
    catalog::GetSellerRequest request;
    request.set_seller_id(seller.seller_id);
    const Status found = store.Call<catalog::GetSellerResponse>(kOperator, request).status();
    if (absl::IsNotFound(found)) continue;
    RETURN_IF_ERROR(found);
    return FailedPrecondition(
        "this store has the shop %s already; play the demo on a store of its own: soukd --clock manual "
        "--data "
        "and an empty folder",
        seller.seller_id);
  }
  return OkStatus();
}

}  // namespace

Status PlayDemo(StoreClient& store, const DemoOptions& options) {
  std::string folder = options.shop;
  if (folder.empty()) {
    ASSIGN_OR_RETURN(folder, SharedPath("demo_shop"));
  }
  ASSIGN_OR_RETURN(ShopFile shop, ReadShopFile(folder));
  if (options.run.empty()) RETURN_IF_ERROR(CheckNotPlayed(store, shop));
  const std::string run = options.run.empty() ? RandomIds().NewId().substr(24) : options.run;
  return Demo(store, options, std::move(shop), run).Play();
}

}  // namespace souk::ctl
