#include "tests/simulation/story_ears.h"

#include "souk/catalog/v1/catalog_service.pb.h"
#include "souk/order/v1/checkout_service.pb.h"
#include "souk/order/v1/order_service.pb.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"

namespace souk::simulation {

namespace catalog = souk::catalog::v1;
namespace order = souk::order::v1;
namespace payment = souk::payment::v1;
namespace shipping = souk::shipping::v1;

namespace {

template <typename T>
const T* As(const google::protobuf::Message& message) {
  return message.GetDescriptor() == T::descriptor() ? static_cast<const T*>(&message) : nullptr;
}

template <typename T>
T Parsed(std::string_view bytes) {
  T message;
  message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  return message;
}

}  // namespace

Testimony::Purchase* StoryEars::PurchaseOf(const std::string& checkout_id) {
  for (Testimony::Purchase& purchase : world_.testimony().purchases) {
    if (purchase.checkout_id == checkout_id) return &purchase;
  }
  return &world_.testimony().purchases.emplace_back(Testimony::Purchase{.checkout_id = checkout_id});
}

void StoryEars::Asked(const std::string&, const google::protobuf::Message& request) {
  if (const auto* const place = As<order::PlaceOrderRequest>(request)) {
    Testimony::Purchase& purchase = *PurchaseOf(place->checkout_id());
    purchase.asked_to_place = true;
    purchase.agreed_total = place->expected_total().minor_units();
  } else if (const auto* const address = As<order::SetAddressRequest>(request)) {
    PurchaseOf(address->checkout_id())->email = address->contact().email();
  } else if (const auto* const seller = As<catalog::RegisterSellerRequest>(request)) {
    world_.testimony().seller_email[seller->seller_id()] = seller->contact_email();
  } else if (const auto* const funds = As<payment::RecordFundsRequest>(request)) {
    // The money is at the bank before the operator books it.
    if (!transfers_.insert(funds->request_id()).second) return;
    world_.bank().ReceiveTransfer(funds->reference(), funds->amount().minor_units());
  }
}

void StoryEars::Answered(const std::string& principal, const google::protobuf::Message& request,
                         std::string_view response) {
  Testimony& testimony = world_.testimony();
  if (const auto* const start = As<order::StartCheckoutRequest>(request)) {
    const auto started = Parsed<order::StartCheckoutResponse>(response);
    Testimony::Purchase& purchase = *PurchaseOf(started.checkout().checkout_id());
    purchase.buyer = principal;
    purchase.cart_id = start->cart_id();
  } else if (As<order::GetOrderGroupRequest>(request) != nullptr) {
    LearnOrders(response);
  } else if (const auto* const stock = As<catalog::ReceiveStockRequest>(request)) {
    testimony.stock_received[stock->product_id()].Add(stock->quantity(), /*certain=*/true);
  } else if (const auto* const cancel = As<order::CancelOrderRequest>(request)) {
    testimony.orders[cancel->order_id()].cancelled = true;
  } else if (const auto* const dispatch = As<shipping::DispatchShipmentRequest>(request)) {
    testimony.orders[dispatch->order_id()].dispatched = true;
  } else if (const auto* const confirm = As<order::ConfirmReceiptRequest>(request)) {
    testimony.orders[confirm->order_id()].received = true;
  } else if (As<payment::RequestPayoutRequest>(request) != nullptr) {
    const auto requested = Parsed<payment::RequestPayoutResponse>(response);
    testimony.payouts[requested.payout().payout_id()] = requested.payout().amount().minor_units();
  }
}

void StoryEars::LearnOrders(std::string_view response) {
  const auto group = Parsed<order::GetOrderGroupResponse>(response);
  for (const order::Order& one : group.order_group().orders()) {
    Testimony::Order& known = world_.testimony().orders[one.order_id()];
    PurchaseOf(one.snapshot().group_id())->placed = true;
    if (!known.group_id.empty()) continue;
    known.order_id = one.order_id();
    known.group_id = one.snapshot().group_id();
    known.seller_id = one.snapshot().seller_id();
    known.total = one.snapshot().total().minor_units();
    known.content_hash = one.content_hash();
    for (const order::OrderLine& line : one.snapshot().lines()) {
      known.lines.push_back({line.product_id(), line.quantity(), line.unit_price().minor_units()});
    }
  }
}

}  // namespace souk::simulation
