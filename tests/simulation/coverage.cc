#include "tests/simulation/coverage.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>

#include "absl/strings/str_format.h"
#include "souk/cart/v1/cart_events.pb.h"
#include "souk/cart/v1/offer_events.pb.h"
#include "souk/catalog/v1/media_events.pb.h"
#include "souk/catalog/v1/product_events.pb.h"
#include "souk/catalog/v1/review_events.pb.h"
#include "souk/catalog/v1/seller_events.pb.h"
#include "souk/catalog/v1/stock_events.pb.h"
#include "souk/notification/v1/notification_events.pb.h"
#include "souk/notification/v1/preference_events.pb.h"
#include "souk/order/v1/checkout_events.pb.h"
#include "souk/order/v1/order_events.pb.h"
#include "souk/order/v1/order_group_events.pb.h"
#include "souk/payment/v1/bank_account_events.pb.h"
#include "souk/payment/v1/earning_events.pb.h"
#include "souk/payment/v1/payment_intent_events.pb.h"
#include "souk/payment/v1/payout_events.pb.h"
#include "souk/payment/v1/provider_event_events.pb.h"
#include "souk/payment/v1/seller_account_events.pb.h"
#include "souk/shipping/v1/delivery_profile_events.pb.h"
#include "souk/shipping/v1/quote_events.pb.h"
#include "souk/shipping/v1/shipment_events.pb.h"
#include "souk/shipping/v1/tracker_events.pb.h"

namespace souk::simulation {
namespace {

// "PaymentIntentEvent" is about a "payment_intent".
std::string AggregateOf(std::string message) {
  message.resize(message.size() - std::string("Event").size());
  std::string name;
  for (const char c : message) {
    if (c >= 'A' && c <= 'Z' && !name.empty()) name += '_';
    name += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  return name;
}

void PrintTable(const std::string& group, const std::map<std::string, std::int64_t>& names,
                std::ostream& out) {
  out << group << '\n';
  for (const auto& [name, times] : names) out << absl::StrFormat("  %10d  %s\n", times, name);
}

}  // namespace

std::set<std::string> KnownEvents() {
  std::set<std::string> known;
  for (const google::protobuf::Descriptor* const message : {cart::v1::CartEvent::descriptor(),
                                                            cart::v1::OfferEvent::descriptor(),
                                                            catalog::v1::MediaEvent::descriptor(),
                                                            catalog::v1::ProductEvent::descriptor(),
                                                            catalog::v1::ReviewEvent::descriptor(),
                                                            catalog::v1::SellerEvent::descriptor(),
                                                            catalog::v1::StockEvent::descriptor(),
                                                            notification::v1::NotificationEvent::descriptor(),
                                                            notification::v1::PreferenceEvent::descriptor(),
                                                            order::v1::CheckoutEvent::descriptor(),
                                                            order::v1::OrderEvent::descriptor(),
                                                            order::v1::OrderGroupEvent::descriptor(),
                                                            payment::v1::BankAccountEvent::descriptor(),
                                                            payment::v1::EarningEvent::descriptor(),
                                                            payment::v1::PaymentIntentEvent::descriptor(),
                                                            payment::v1::PayoutEvent::descriptor(),
                                                            payment::v1::ProviderEventEvent::descriptor(),
                                                            payment::v1::SellerAccountEvent::descriptor(),
                                                            shipping::v1::DeliveryProfileEvent::descriptor(),
                                                            shipping::v1::QuoteSetEvent::descriptor(),
                                                            shipping::v1::ShipmentEvent::descriptor(),
                                                            shipping::v1::TrackerEvent::descriptor()}) {
    const google::protobuf::OneofDescriptor* const kind = message->FindOneofByName("kind");
    for (int i = 0; i < kind->field_count(); ++i) {
      known.insert(AggregateOf(message->name()) + "." + kind->field(i)->name());
    }
  }
  return known;
}

std::int64_t Faults(const History::Counters& counters) {
  std::int64_t faults = 0;
  if (const auto it = counters.find("fault"); it != counters.end()) {
    for (const auto& [name, times] : it->second) faults += times;
  }
  return faults;
}

void PrintCoverage(const History::Counters& counters, std::ostream& out) {
  std::set<std::string> missing = KnownEvents();
  std::map<std::string, std::int64_t> events;
  for (const auto& [group, names] : counters) {
    PrintTable(group, names, out);
    if (group != "transition") continue;
    for (const auto& [name, times] : names) events[name.substr(name.find('>') + 2)] += times;
  }
  PrintTable("event", events, out);
  for (const auto& [name, times] : events) missing.erase(name);
  out << "never reached\n";
  for (const std::string& name : missing) out << "  " << name << '\n';
}

}  // namespace souk::simulation
