// What stored events mean: histories/ has one event of each kind, which fold to what states/ says.
// Histories only grow: add to them, and never change a line.
//
// A fold that gives another state on purpose: golden_fold_test "[.states]" writes the new ones, and
// the commit says why old events mean something else now.
#include <catch2/catch.hpp>
#include <fstream>
#include <functional>

#include "absl/strings/escaping.h"
#include "libs/eventsourcing/aggregate.h"
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
#include "tests/golden/golden_events.h"

namespace souk::golden {
namespace {

constexpr char kHistories[] = SOUK_GOLDEN_FOLDER "/histories";
constexpr char kStates[] = SOUK_GOLDEN_FOLDER "/states";

using Samples = std::map<std::string, std::vector<Sample>>;
// By full name of the state.
using States = std::map<std::string, std::vector<Sample>>;

// The state after one event of each kind of A, in order of the kinds.
template <Aggregate A>
std::vector<Sample> Fold(const Samples& history) {
  const google::protobuf::Descriptor& type = *A::Event::descriptor();
  typename A::State state;
  for (int i = 0; i < type.field_count(); ++i) {
    const std::string kind = type.full_name() + "." + type.field(i)->name();
    INFO(kind);
    const auto found = history.find(kind);
    REQUIRE(found != history.end());  // Otherwise add one that makes sense after the others.
    REQUIRE(found->second.size() == 1);
    typename A::Event event;
    REQUIRE(event.ParseFromString(absl::HexStringToBytes(found->second.front().bytes)));
    REQUIRE(event.kind_case() != A::Event::KIND_NOT_SET);
    A::Evolve(state, event);
  }
  return {{absl::BytesToHexString(state.SerializeAsString()), state.ShortDebugString()}};
}

// Calls `function.operator()<A>()` for each aggregate of each service.
void ForEachAggregate(const auto& function) {
  const auto each = [&]<typename... A>() { (function.template operator()<A>(), ...); };
  each.template operator()<cart::Cart, cart::Offer>();
  each.template
  operator()<catalog::Media, catalog::Product, catalog::Review, catalog::Seller, catalog::Stock>();
  each.template operator()<notification::Notification, notification::Preference>();
  each.template operator()<order::Checkout, order::Order, order::OrderGroup>();
  each.template operator()<payment::BankAccount, payment::Earning, payment::PaymentIntent, payment::Payout,
                           payment::ProviderEvent, payment::SellerAccount>();
  each.template
  operator()<shipping::DeliveryProfile, shipping::QuoteSet, shipping::Shipment, shipping::Tracker>();
}

States FoldAll() {
  const Samples histories = ReadSamples(kHistories);
  States states;
  ForEachAggregate([&]<typename A>() { states[A::State::descriptor()->full_name()] = Fold<A>(histories); });
  return states;
}

TEST_CASE("events that were ever stored fold to the same states") {
  const States states = FoldAll();
  const States expected = ReadSamples(kStates);
  for (const auto& [name, of_state] : states) {
    INFO(name);
    const auto known = expected.find(name);
    REQUIRE(known != expected.end());
    CHECK(of_state.front().text == known->second.front().text);
    CHECK(of_state.front().bytes == known->second.front().bytes);
  }
  CHECK(expected.size() == states.size());
}

TEST_CASE("the events of every aggregate are folded") {
  std::set<std::string> folded;
  ForEachAggregate([&]<typename A>() { folded.insert(A::Event::descriptor()->full_name()); });
  for (const Kind& kind : AllKinds()) {
    if (kind.field == nullptr) continue;
    INFO(kind.message);
    CHECK(folded.contains(kind.message));
  }
}

TEST_CASE("the states are written anew", "[.states]") {
  std::ofstream file(std::string(kStates) + "/states.txt");
  for (const auto& [name, of_state] : FoldAll()) {
    for (const Sample& state : of_state) {
      file << name << '\n' << state.bytes << '\n' << state.text << "\n\n";
    }
  }
  CHECK(file.good());
}

}  // namespace
}  // namespace souk::golden
