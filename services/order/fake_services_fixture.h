// The services that the order service calls, small enough to see at a glance what is
// frozen, held and authorised, behind the order module in a test. Each call can be made to
// fail, or the process to die in it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/testing/service_fixture.h"
#include "souk/cart/v1/cart_service.pb.h"
#include "souk/catalog/v1/catalog_internal_service.pb.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"

namespace souk::order {

type::v1::Money Euros(std::int64_t minor_units);

// What goes wrong, and in which call: the n-th of this request.
struct Fault {
  enum class Kind {
    kNone,
    kRejected,     // The service says no.
    kUnreachable,  // It was not reached, twice.
    kAnswerLost,   // It did what was asked, but the answer was lost, twice.
    kCrashBefore,  // We die before it was reached.
    kCrashAfter,   // We die before its answer arrives.
  };
  std::string request;
  int nth = 1;
  Kind kind = Kind::kNone;
};
std::string ToString(const Fault& fault);

// One shop with two sellers: cups of s-1 at 9.00 and jugs of s-2 at 25.00, each delivered
// for 4.90; and a cart of buyer b-1 with two cups and a jug, which come to 52.80.
class FakeServices {
 public:
  static constexpr std::int64_t kTotal = 5280;

  // Around the order module, which is yet to be started.
  explicit FakeServices(std::vector<std::pair<std::string, std::string>> settings);

  // -- What the test scripts --

  // From now on: calls are counted anew.
  void Break(Fault fault);
  // Whether it has.
  bool broken() const { return broken_; }
  std::int64_t cup_price = 900;
  std::map<std::string, std::int64_t> stock = {{"cup", 10}, {"jug", 10}};
  // What shipping says to stop the shipments of these orders; to others: OK.
  std::map<std::string, Status> unstoppable;
  // What the provider says to an authorisation.
  payment::v1::PaymentIntent::State card_answer = payment::v1::PaymentIntent::STATE_AUTHORIZED;

  // -- What the services have done --

  enum class Cart { kActive, kFrozen, kCompleted };
  Cart cart = Cart::kActive;
  struct Hold {
    std::string product_id;
    std::int64_t quantity = 0;
    std::string state;  // "held", "released", "committed", "expired"
    std::string order_id;
  };
  std::map<std::string, Hold> holds;  // By id.
  std::map<std::string, payment::v1::PaymentIntent> intents;

  int CountHolds(std::string_view state) const;
  int CountIntents(payment::v1::PaymentIntent::State state) const;
  // Nothing is frozen, held or authorised.
  bool NothingReserved() const;

  // Runs on, through the crash that is scripted, until nothing is left to do.
  void RunThroughFault();

  testing::ServiceFixture fixture;

 private:
  void ServeCart();
  void ServeCatalog();
  void ServeShipping();
  void ServePayment();
  // What the fault says to this call, before and after it is done.
  Status Before(const std::string& request);
  Status After(const std::string& request);
  template <typename Request, typename Response>
  void Serve(const std::string& service, StatusOr<Response> (FakeServices::*handler)(const Request&));

  StatusOr<cart::v1::GetCartResponse> OnGetCart(const cart::v1::GetCartRequest& request);
  StatusOr<cart::v1::FreezeCartResponse> OnFreezeCart(const cart::v1::FreezeCartRequest& request);
  StatusOr<cart::v1::UnfreezeCartResponse> OnUnfreezeCart(const cart::v1::UnfreezeCartRequest& request);
  StatusOr<cart::v1::CompleteCartResponse> OnCompleteCart(const cart::v1::CompleteCartRequest& request);
  StatusOr<catalog::v1::GetOffersResponse> OnGetOffers(const catalog::v1::GetOffersRequest& request);
  StatusOr<catalog::v1::GetSellerContactResponse> OnGetSellerContact(
      const catalog::v1::GetSellerContactRequest& request);
  StatusOr<catalog::v1::HoldStockResponse> OnHoldStock(const catalog::v1::HoldStockRequest& request);
  StatusOr<catalog::v1::ExtendHoldResponse> OnExtendHold(const catalog::v1::ExtendHoldRequest& request);
  StatusOr<catalog::v1::CommitHoldResponse> OnCommitHold(const catalog::v1::CommitHoldRequest& request);
  StatusOr<catalog::v1::ReleaseHoldResponse> OnReleaseHold(const catalog::v1::ReleaseHoldRequest& request);
  StatusOr<shipping::v1::QuoteDeliveryResponse> OnQuoteDelivery(
      const shipping::v1::QuoteDeliveryRequest& request);
  StatusOr<shipping::v1::ListDeliveryOffersResponse> OnListDeliveryOffers(
      const shipping::v1::ListDeliveryOffersRequest& request);
  StatusOr<shipping::v1::StopShipmentResponse> OnStopShipment(
      const shipping::v1::StopShipmentRequest& request);
  StatusOr<payment::v1::CreatePaymentIntentResponse> OnCreatePaymentIntent(
      const payment::v1::CreatePaymentIntentRequest& request);
  StatusOr<payment::v1::AuthorizePaymentResponse> OnAuthorizePayment(
      const payment::v1::AuthorizePaymentRequest& request);
  StatusOr<payment::v1::VoidPaymentResponse> OnVoidPayment(const payment::v1::VoidPaymentRequest& request);
  StatusOr<payment::v1::GetPaymentIntentResponse> OnGetPaymentIntent(
      const payment::v1::GetPaymentIntentRequest& request);

  Fault fault_;
  bool broken_ = false;
  std::map<std::string, int> calls_;  // By request.
  bool dying_ = false;                // Nothing is reached any more.
};

}  // namespace souk::order
