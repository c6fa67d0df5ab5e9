#include "tools/soukctl/events/aggregates.h"

#include "services/cart/cart.h"
#include "services/cart/offer.h"
#include "services/catalog/media.h"
#include "services/catalog/product.h"
#include "services/catalog/review.h"
#include "services/catalog/seller.h"
#include "services/catalog/stock.h"
#include "services/notification/notification.h"
#include "services/notification/preference.h"
#include "services/order/checkout.h"
#include "services/order/order.h"
#include "services/order/order_group.h"
#include "services/payment/bank_account.h"
#include "services/payment/earning.h"
#include "services/payment/payment_intent.h"
#include "services/payment/payout.h"
#include "services/payment/provider_event.h"
#include "services/payment/seller_account.h"
#include "services/shipping/delivery_profile.h"
#include "services/shipping/quote.h"
#include "services/shipping/shipment.h"
#include "services/shipping/tracker.h"

namespace souk::ctl {
namespace {

template <typename... Aggregates>
AggregateTypes TypesOf() {
  AggregateTypes types;
  (types.Add(std::make_unique<AggregateTypeOf<Aggregates>>()), ...);
  return types;
}

std::map<std::string, AggregateTypes> AllTypes() {
  std::map<std::string, AggregateTypes> all;
  all["cart"] = TypesOf<cart::Cart, cart::Offer>();
  all["catalog"] =
      TypesOf<catalog::Media, catalog::Product, catalog::Review, catalog::Seller, catalog::Stock>();
  all["notification"] = TypesOf<notification::Notification, notification::Preference>();
  all["order"] = TypesOf<order::Checkout, order::Order, order::OrderGroup>();
  all["payment"] = TypesOf<payment::BankAccount, payment::Earning, payment::PaymentIntent, payment::Payout,
                           payment::ProviderEvent, payment::SellerAccount>();
  all["shipping"] =
      TypesOf<shipping::DeliveryProfile, shipping::QuoteSet, shipping::Shipment, shipping::Tracker>();
  return all;
}

}  // namespace

const AggregateType* FindAggregate(const std::string& service, const std::string& aggregate) {
  static const auto& all = *new std::map<std::string, AggregateTypes>(AllTypes());
  const auto types = all.find(service);
  return types == all.end() ? nullptr : types->second.Find(aggregate);
}

}  // namespace souk::ctl
