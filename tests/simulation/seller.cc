// A seller: opens her shop, packs what was ordered, sometimes late, sometimes not at all,
// and has her money paid out.
#include <algorithm>
#include <set>

#include "absl/strings/str_format.h"
#include "libs/base/hash.h"
#include "souk/catalog/v1/catalog_service.pb.h"
#include "souk/order/v1/order_service.pb.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"
#include "tests/simulation/client.h"
#include "tests/simulation/people.h"
#include "tests/simulation/photos.h"

namespace souk::simulation {
namespace {

namespace catalog = souk::catalog::v1;
namespace order = souk::order::v1;
namespace payment = souk::payment::v1;
namespace shipping = souk::shipping::v1;
using OrderState = order::OrderState;

constexpr char kIban[] = "DE89370400440532013000";
constexpr char kClosedIban[] = "DE62370400440532013001";
// After everybody has bought, a seller waits this long for receipts before she is paid out.
constexpr absl::Duration kPayoutAfter = absl::Hours(24 * 40);

class Seller {
 public:
  Seller(World& world, int number)
      : world_(world),
        stage_(world.stage()),
        number_(number),
        id_(absl::StrFormat("s-%d", number)),
        client_(stage_, "seller/" + id_, Client::Patience::kEndless),
        operator_(stage_, "operator/o-1", Client::Patience::kEndless) {}

  Task<> Run() {
    const Status opened = co_await OpenShop();
    if (!opened.ok()) stage_.history.Fail("P-1 a shop can be opened", id_ + ": " + opened.ToString());
    while (opened.ok()) {
      // An eager one is there before the bank has said all that it has to say.
      const bool soon = !world_.shopping_over() && stage_.Chance(stage_.plan.seller_eager);
      co_await Sleep(stage_.scheduler,
                     soon ? stage_.Upto(absl::Minutes(5)) : absl::Hours(1) + stage_.Upto(absl::Hours(12)));
      const StatusOr<int> open = co_await WorkThroughQueue();
      if (stage_.Chance(stage_.plan.price_change)) co_await ChangePrice();
      if (open.ok() && *open == 0 && world_.shopping_over()) break;
    }
    co_await Sleep(stage_.scheduler, kPayoutAfter);
    co_await PayOut();
  }

 private:
  Task<Status> OpenShop();
  Task<Status> AddProduct(int number, std::string profile_id);
  // Returns how many orders she may still have to do something about.
  Task<StatusOr<int>> WorkThroughQueue();
  Task<> Handle(order::Order order);
  Task<> Dispatch(order::Order order);
  Task<> ChangePrice();
  Task<> PayOut();

  static void SetEuros(std::int64_t cents, type::v1::Money& money) {
    money.set_currency_code("EUR");
    money.set_minor_units(cents);
  }

  World& world_;
  Stage& stage_;
  const int number_;
  const std::string id_;
  Client client_;
  Client operator_;
  std::vector<std::string> products_;
  std::set<std::string> ignored_;  // Orders she never does anything about.
};

Task<Status> Seller::OpenShop() {
  catalog::RegisterSellerRequest seller;
  seller.set_seller_id(id_);
  seller.set_shop_name("Shop " + id_);
  seller.set_contact_name("Owner of " + id_);
  seller.set_contact_email(id_ + "@sellers.example");
  seller.set_language_code("en");
  world_.testimony().seller_email[id_] = seller.contact_email();
  co_await Try(client_.Call<catalog::RegisterSellerResponse>(seller));
  catalog::ApproveSellerRequest approve;
  approve.set_seller_id(id_);
  co_await Try(operator_.Call<catalog::ApproveSellerResponse>(approve));

  shipping::DefineDeliveryProfileRequest define;
  define.set_seller_id(id_);
  shipping::DeliveryProfile& profile = *define.mutable_profile();
  profile.set_seller_id(id_);
  profile.set_display_name("Europe");
  profile.set_time_zone("Europe/Berlin");
  profile.set_cutoff_minute_of_day(14 * 60);
  profile.set_handling_days_min(1);
  profile.set_handling_days_max(2);
  shipping::DeliveryZone& zone = *profile.add_zones();
  zone.set_display_name("Europe");
  for (const char* const region : {"DE", "FR"}) zone.add_region_codes(region);
  for (const char* const name : {"standard", "express"}) {
    shipping::DeliveryOption& option = *zone.add_options();
    option.set_option_id(name);
    option.set_display_name(name);
    option.set_carrier("Post");
    option.set_transit_days_min(1);
    option.set_transit_days_max(3);
    SetEuros(name[0] == 's' ? 490 : 990, *option.mutable_cost()->mutable_flat());
  }
  const auto defined = co_await Try(client_.Call<shipping::DefineDeliveryProfileResponse>(define));
  for (int i = 0; i < stage_.plan.products; ++i) {
    co_await Try(AddProduct(i, defined.profile().profile_id()));
  }
  co_return OkStatus();
}

Task<Status> Seller::AddProduct(int number, std::string profile_id) {
  catalog::CreateProductRequest create;
  create.set_seller_id(id_);
  catalog::LocalizedText& text = *create.add_texts();
  text.set_language_code("en");
  text.set_title(absl::StrFormat("Thing %d of %s", number, id_));
  text.set_description("A thing that somebody made by hand.");
  create.set_category("things");
  create.set_weight_grams(300 + 100 * number);
  const auto created = co_await Try(client_.Call<catalog::CreateProductResponse>(create));
  const std::string product_id = created.product().product_id();

  catalog::AttachMediaRequest attach;
  attach.set_product_id(product_id);
  const auto photo = static_cast<std::uint32_t>(10 * number_ + number);
  attach.set_media_id(co_await Try(UploadPhoto(&client_, id_, photo)));
  attach.set_alt_text("the thing");
  co_await Try(client_.Call<catalog::AttachMediaResponse>(attach));

  catalog::SetPriceRequest price;
  price.set_product_id(product_id);
  SetEuros(500 + static_cast<std::int64_t>(stage_.Below(5000)), *price.mutable_price());
  co_await Try(client_.Call<catalog::SetPriceResponse>(price));
  catalog::SetDeliveryProfileRequest delivery;
  delivery.set_product_id(product_id);
  delivery.set_delivery_profile_id(std::move(profile_id));
  co_await Try(client_.Call<catalog::SetDeliveryProfileResponse>(delivery));
  catalog::ReceiveStockRequest stock;
  stock.set_product_id(product_id);
  stock.set_quantity(stage_.plan.stock);
  const auto received = co_await client_.Call<catalog::ReceiveStockResponse>(stock);
  world_.testimony().stock_received[product_id].Add(stage_.plan.stock, received.ok());
  co_await Try(received.status());
  catalog::PublishProductRequest publish;
  publish.set_product_id(product_id);
  co_await Try(client_.Call<catalog::PublishProductResponse>(publish));
  world_.testimony().product_seller[product_id] = id_;
  products_.push_back(product_id);
  world_.shelf().push_back(product_id);
  co_return OkStatus();
}

Task<StatusOr<int>> Seller::WorkThroughQueue() {
  int open = 0;
  std::vector<order::Order> queue;
  for (const OrderState::State state : {OrderState::STATE_PLACED, OrderState::STATE_AWAITING_DISPATCH}) {
    order::ListOrdersRequest list;
    list.set_seller_id(id_);
    list.set_state(state);
    list.set_page_size(50);
    do {
      const auto page = co_await Try(client_.Call<order::ListOrdersResponse>(list));
      for (const order::Order& one : page.orders()) {
        if (one.snapshot().seller_id() != id_) {
          stage_.history.Fail("I-48 a seller sees her own orders only",
                              absl::StrFormat("%s was shown order %s", id_, one.order_id()));
        }
        if (ignored_.contains(one.order_id())) continue;
        ++open;
        if (one.state() == OrderState::STATE_AWAITING_DISPATCH) queue.push_back(one);
      }
      list.set_page_token(page.next_page_token());
    } while (!list.page_token().empty());
  }
  for (order::Order& one : queue) co_await Handle(std::move(one));
  co_return open;
}

Task<> Seller::Handle(order::Order order) {
  const Plan& plan = stage_.plan;
  if (stage_.Chance(plan.seller_never)) {
    stage_.history.Count("person", "seller never dispatches");
    ignored_.insert(order.order_id());
    co_return;
  }
  if (stage_.Chance(plan.seller_late) && !world_.healed()) {
    stage_.history.Count("person", "seller is late");
    co_return;  // Next time, perhaps.
  }
  if (stage_.Chance(plan.out_of_stock)) {
    stage_.history.Count("person", "seller is out of stock");
    order::CancelOrderRequest cancel;
    cancel.set_order_id(order.order_id());
    cancel.set_reason(order::CANCEL_REASON_OUT_OF_STOCK);
    const auto cancelled = co_await client_.Call<order::CancelOrderResponse>(cancel);
    if (cancelled.ok()) world_.testimony().orders[order.order_id()].cancelled = true;
    co_return;
  }
  co_await Dispatch(std::move(order));
}

Task<> Seller::Dispatch(order::Order order) {
  if (stage_.Chance(0.3)) {
    order::AttachPersonalNoteRequest note;
    note.set_order_id(order.order_id());
    note.set_note("Thank you! Yours, " + id_);
    co_await client_.Mention<order::AttachPersonalNoteResponse>(note);
  }
  if (stage_.Chance(0.5)) {
    shipping::PackShipmentRequest pack;
    pack.set_order_id(order.order_id());
    co_await client_.Mention<shipping::PackShipmentResponse>(pack);
  }
  shipping::DispatchShipmentRequest dispatch;
  dispatch.set_order_id(order.order_id());
  dispatch.set_carrier("Post");
  dispatch.set_tracking_code(absl::StrFormat("T%016x", Fnv1a(order.order_id())));
  if (stage_.Chance(stage_.plan.scan_disorder)) {
    co_await ScanEarly(&world_, dispatch.carrier(), dispatch.tracking_code());
  }
  const auto dispatched = co_await client_.Call<shipping::DispatchShipmentResponse>(dispatch);
  if (!dispatched.ok()) co_return;
  world_.testimony().orders[order.order_id()].dispatched = true;
  world_.Spawn(RunParcel(&world_, "Post", dispatch.tracking_code()));
}

Task<> Seller::ChangePrice() {
  catalog::SetPriceRequest price;
  price.set_product_id(products_[stage_.Below(products_.size())]);
  SetEuros(500 + static_cast<std::int64_t>(stage_.Below(5000)), *price.mutable_price());
  co_await client_.Mention<catalog::SetPriceResponse>(price);
}

Task<> Seller::PayOut() {
  payment::GetBalanceRequest get;
  get.set_seller_id(id_);
  const auto balance = co_await client_.Call<payment::GetBalanceResponse>(get);
  if (!balance.ok() || balance->balances().empty() || balance->balances(0).available() < 100) co_return;
  payment::AddBankAccountRequest add;
  add.set_seller_id(id_);
  add.set_holder("Owner of " + id_);
  add.set_iban(stage_.Chance(0.2) ? kClosedIban : kIban);
  const auto added = co_await client_.Call<payment::AddBankAccountResponse>(add);
  if (!added.ok()) co_return;
  if (stage_.Chance(0.1)) {
    payment::RejectBankAccountRequest reject;
    reject.set_bank_account_id(added->bank_account().bank_account_id());
    reject.set_reason("not hers");
    co_await operator_.Mention<payment::RejectBankAccountResponse>(reject);
    co_return;
  }
  payment::VerifyBankAccountRequest verify;
  verify.set_bank_account_id(added->bank_account().bank_account_id());
  const auto verified = co_await operator_.Call<payment::VerifyBankAccountResponse>(verify);
  if (!verified.ok()) co_return;
  payment::RequestPayoutRequest payout;
  payout.set_seller_id(id_);
  payout.set_bank_account_id(verify.bank_account_id());
  SetEuros(balance->balances(0).available(), *payout.mutable_amount());
  const auto requested = co_await client_.Call<payment::RequestPayoutResponse>(payout);
  if (requested.ok()) {
    world_.testimony().payouts[requested->payout().payout_id()] = payout.amount().minor_units();
  }
}

}  // namespace

Task<> RunSeller(World* world, int number) {
  Seller seller(*world, number);
  co_await seller.Run();
}

}  // namespace souk::simulation
