// Payments through the whole service: its RPCs, the sandbox behind it, and the orders it
// listens to.
#include "services/payment/payment_service.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <limits>

#include "services/payment/payment_shop_fixture.h"

namespace souk::payment {
namespace {

namespace ev = events::v1;
namespace order_ev = order::events::v1;
using Intent = v1::PaymentIntent;

// Lets everything that is ready go first, so many times.
Task<bool> Wait(Scheduler* scheduler, int steps) {
  for (int i = 0; i < steps; ++i) co_await Yield(*scheduler);
  co_return true;
}

}  // namespace

TEST_CASE("a card payment ends as its token says") {
  struct Case {
    const char* token;
    Intent::State state;
    const char* code;
  };
  for (const Case& expected : {Case{"tok_ok", Intent::STATE_AUTHORIZED, ""},
                               {"tok_declined", Intent::STATE_DECLINED, "card_declined"},
                               {"tok_insufficient_funds", Intent::STATE_DECLINED, "insufficient_funds"},
                               {"tok_timeout_then_success", Intent::STATE_UNKNOWN, ""},
                               {"tok_timeout_then_failure", Intent::STATE_UNKNOWN, ""},
                               {"tok_duplicate_webhook", Intent::STATE_AUTHORIZED, ""},
                               {"tok_webhook_before_response", Intent::STATE_AUTHORIZED, ""},
                               {"tok_action_required", Intent::STATE_ACTION_REQUIRED, ""}}) {
    CAPTURE(expected.token);
    Shop shop;
    const Intent intent = shop.Authorize(expected.token);
    CHECK(intent.state() == expected.state);
    CHECK(intent.decline_code() == expected.code);
    CHECK(shop.fixture.PublicEvents<ev::PaymentAuthorized>().size() ==
          (expected.state == Intent::STATE_AUTHORIZED ? 1 : 0));
  }
}

TEST_CASE("an answer that was lost is found out after five minutes") {
  Shop success, failure;
  success.Authorize("tok_timeout_then_success");
  failure.Authorize("tok_timeout_then_failure");
  success.fixture.Restart();
  for (Shop* const shop : {&success, &failure}) {
    CHECK(shop->fixture.PublicEvents<ev::PaymentOutcomeUnknown>().size() == 1);
    shop->fixture.AdvanceBy(absl::Minutes(5) - absl::Seconds(1));
    CHECK(shop->Get().state() == Intent::STATE_UNKNOWN);
    shop->fixture.AdvanceBy(absl::Seconds(1));
  }
  CHECK(success.Get().state() == Intent::STATE_AUTHORIZED);
  CHECK(failure.Get().state() == Intent::STATE_DECLINED);
}

TEST_CASE("what the provider never heard of is asked for again, with the same reference") {
  Shop shop;
  shop.Authorize("tok_timeout_then_success");
  shop.fixture.Crash();
  std::filesystem::remove_all(shop.fixture.data_dir() + "/sandbox-provider");
  shop.fixture.Start();
  shop.fixture.AdvanceBy(absl::Minutes(5));
  CHECK(shop.Get().state() == Intent::STATE_UNKNOWN);  // The second answer was lost, too.
  shop.fixture.AdvanceBy(absl::Hours(1));
  CHECK(shop.Get().state() == Intent::STATE_AUTHORIZED);
}

TEST_CASE("a crash at any moment of an authorisation and a capture has no second effect") {
  for (int steps = 0; steps < 60; ++steps) {
    CAPTURE(steps);
    Shop shop;
    shop.Create(v1::PAYMENT_METHOD_CARD, "tok_webhook_before_response");
    v1::AuthorizePaymentRequest request;
    request.set_request_id("authorize");
    request.set_intent_id("i-1");
    const std::string path = rpc::MethodPath(*v1::AuthorizePaymentRequest::descriptor(),
                                             *v1::AuthorizePaymentResponse::descriptor());
    shop.fixture.Begin(path, kOrderService, request.SerializeAsString(), [](const StatusOr<rpc::Bytes>&) {});
    shop.fixture.Run(Wait(&shop.fixture.engine().scheduler(), steps));
    shop.fixture.Restart();
    const Intent intent = shop.Must<v1::AuthorizePaymentResponse>(kOrderService, request).payment_intent();
    CHECK(intent.state() == Intent::STATE_AUTHORIZED);
    CHECK(shop.fixture.PublicEvents<ev::PaymentAuthorized>().size() == 1);
    shop.Place();
    shop.fixture.Restart();
    CHECK(shop.fixture.PublicEvents<ev::PaymentCaptured>().size() == 2);
    CHECK(shop.TrialBalance()["assets/psp-cash"] == 10'000);
  }
}

TEST_CASE("a checkout that gave up while nothing was known keeps no money") {
  Shop shop;
  shop.Authorize("tok_timeout_then_success");
  v1::VoidPaymentRequest request;
  request.set_intent_id("i-1");
  request.set_reason("hold_expired");
  CHECK(shop.Must<v1::VoidPaymentResponse>(kOrderService, request).payment_intent().void_requested());
  shop.fixture.AdvanceBy(absl::Minutes(5));
  CHECK(shop.Get().state() == Intent::STATE_VOIDED);
  CHECK(shop.fixture.PublicEvents<ev::PaymentAuthorized>().empty());
  CHECK(shop.fixture.PublicEvents<ev::PaymentVoided>().size() == 1);
}

TEST_CASE("a buyer who has confirmed with the bank has paid") {
  Shop shop;
  CHECK(shop.Authorize("tok_action_required").card_next_action().url() == "https://sandbox.example/confirm");
  v1::ConfirmCardActionRequest request;
  request.set_intent_id("i-1");
  CHECK(absl::IsNotFound(shop.Call<v1::ConfirmCardActionResponse>("buyer/b-2", request).status()));
  CHECK(shop.Must<v1::ConfirmCardActionResponse>("buyer/b-1", request).payment_intent().state() ==
        Intent::STATE_AUTHORIZED);
  Shop abandoned;
  abandoned.Authorize("tok_action_abandoned");
  for (int i = 0; i < 2; ++i) {
    CHECK(abandoned.Must<v1::ConfirmCardActionResponse>("buyer/b-1", request).payment_intent().state() ==
          Intent::STATE_ACTION_REQUIRED);
  }
}

TEST_CASE("orders that are told twice are captured, received and refunded once") {
  Shop shop;
  shop.Authorize("tok_ok");
  for (const char* const id : {"e-1", "e-1", "e-2"}) shop.Tell<order_ev::OrderPlaced>("g-1.1", id);
  for (const char* const id : {"e-3", "e-3", "e-4"}) shop.Tell<order_ev::OrderReceived>("g-1.1", id);
  CHECK(shop.fixture.PublicEvents<ev::PaymentCaptured>().size() == 1);
  CHECK(shop.fixture.PublicEvents<ev::EarningsReleased>().size() == 1);
  for (const char* const id : {"e-5", "e-5", "e-6"}) shop.Tell<order_ev::OrderCancelled>("g-1.1", id);
  CHECK(shop.fixture.PublicEvents<ev::RefundSucceeded>().size() == 1);
  CHECK(shop.Balance("s-1").available() == 0);
  CHECK(shop.TrialBalance()["assets/psp-cash"] == 0);
}

TEST_CASE("an order can be captured though the answer was lost, or fail though the card was authorised") {
  Shop lost, failed;
  lost.Authorize("tok_capture_timeout");
  lost.Place();
  CHECK(lost.Get().shares(0).state() == v1::PaymentShare::STATE_CAPTURE_UNKNOWN);
  lost.Tell<order_ev::OrderReceived>("g-1.1");
  lost.fixture.AdvanceBy(absl::Minutes(5));
  CHECK(lost.Get().shares(0).state() == v1::PaymentShare::STATE_CAPTURED);
  CHECK(lost.Balance("s-1").available() == 5'520);
  lost.TrialBalance();

  failed.Authorize("tok_capture_fails");
  failed.Place();
  const auto events = failed.fixture.PublicEvents<ev::PaymentCaptureFailed>();
  REQUIRE(events.size() == 2);
  CHECK(events[0].failure_code() == "card_expired");
  failed.TrialBalance();
}

TEST_CASE("a refund that fails after a while leaves everything as it was") {
  Shop shop;
  shop.Authorize("tok_refund_fails");
  shop.Place();
  v1::RequestRefundRequest request;
  request.set_intent_id("i-1");
  request.set_order_id("g-1.1");
  *request.mutable_amount() = AsProto({6'001, "EUR"});
  const Status refused = shop.Call<v1::RequestRefundResponse>(kOperator, request).status();
  CHECK(Reason(refused) == "REFUND_EXCEEDS_CAPTURED");
  CHECK(ValuesOfReason(refused) == ReasonValues{{"refundable", "6000"}});
  *request.mutable_amount() = AsProto({2'000, "EUR"});
  shop.Must<v1::RequestRefundResponse>(kOperator, request);
  CHECK(shop.fixture.PublicEvents<ev::RefundRequested>().size() == 1);
  const auto failed = shop.fixture.PublicEvents<ev::RefundFailed>();
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].failure_code() == "card_closed");
  CHECK(shop.Balance("s-1").pending() == 5'520);
  CHECK(shop.TrialBalance()["income/commission"] == -800);
}

TEST_CASE("a bank transfer is told how, recorded by an operator, and captured when it is complete") {
  Shop shop;
  const Intent intent = shop.Create(v1::PAYMENT_METHOD_BANK_TRANSFER);
  CHECK(intent.state() == Intent::STATE_AWAITING_FUNDS);
  CHECK(intent.bank_transfer().iban() == "DE89 3704 0044 0532 0130 00");
  CHECK(intent.bank_transfer().amount().minor_units() == 10'000);
  shop.Place();
  const std::string reference = shop.Get("buyer/b-1").bank_transfer().reference();
  shop.RecordFunds(reference, 4'000);
  CHECK(shop.Get().bank_transfer().amount().minor_units() == 6'000);
  CHECK(shop.RecordFunds(reference, 7'500).state() == Intent::STATE_FUNDED);
  CHECK(shop.Get().overpaid().minor_units() == 1'500);
  const auto received = shop.fixture.PublicEvents<ev::PaymentFundsReceived>();
  REQUIRE(received.size() == 2);
  CHECK_FALSE(received[0].full());
  CHECK(received[1].full());
  CHECK(received[1].order_ids_size() == 2);
  CHECK(shop.fixture.PublicEvents<ev::PaymentCaptured>().size() == 2);
  CHECK(shop.TrialBalance()["liab/funds-held"] == -1'500);

  v1::RefundOverpaymentRequest request;
  request.set_intent_id("i-1");
  shop.Must<v1::RefundOverpaymentResponse>(kOperator, request);
  CHECK(shop.Get().overpaid().minor_units() == 0);
  CHECK(shop.TrialBalance()["assets/psp-cash"] == 10'000);

  v1::RecordFundsRequest unknown;
  unknown.set_reference("SOUK-0000");
  *unknown.mutable_amount() = AsProto({100, "EUR"});
  CHECK(absl::IsNotFound(shop.Call<v1::RecordFundsResponse>(kOperator, unknown).status()));
  CHECK(absl::IsPermissionDenied(shop.Call<v1::RecordFundsResponse>("buyer/b-1", unknown).status()));
}

TEST_CASE("an unpaid transfer expires after five days, and a part of it goes back") {
  Shop shop;
  const std::string reference = shop.Create(v1::PAYMENT_METHOD_BANK_TRANSFER).bank_transfer().reference();
  shop.RecordFunds(reference, 4'000);
  shop.fixture.AdvanceBy(absl::Hours(120) - absl::Seconds(1));
  CHECK(shop.fixture.PublicEvents<ev::PaymentIntentExpired>().empty());
  shop.fixture.AdvanceBy(absl::Seconds(1));
  const auto expired = shop.fixture.PublicEvents<ev::PaymentIntentExpired>();
  REQUIRE(expired.size() == 1);
  CHECK(expired[0].order_ids_size() == 2);
  shop.Tell<order_ev::OrderCancelled>("g-1.1");
  shop.Tell<order_ev::OrderCancelled>("g-1.2");
  CHECK(shop.fixture.PublicEvents<ev::RefundSucceeded>().size() == 1);
  CHECK(shop.TrialBalance()["assets/psp-cash"] == 0);
}

TEST_CASE("cash is counted when the buyer has the order") {
  Shop shop;
  CHECK(shop.Create(v1::PAYMENT_METHOD_CASH_ON_DELIVERY).cash_on_delivery().amount().minor_units() == 10'000);
  shop.Place();
  CHECK(shop.fixture.PublicEvents<ev::PaymentCaptured>().empty());
  shop.Tell<order_ev::OrderReceived>("g-1.1");
  CHECK(shop.fixture.PublicEvents<ev::PaymentCaptured>().size() == 1);
  CHECK(shop.Balance("s-1").available() == 5'520);
  CHECK(shop.Get().cash_on_delivery().amount().minor_units() == 4'000);
  shop.TrialBalance();
}

TEST_CASE("a webhook about nothing that is known is kept, and applied when it becomes known") {
  Shop shop;
  v1::ReceiveProviderEventRequest webhook;
  webhook.set_event_id("evt-1");
  webhook.set_reference(std::string("authorize/i-1/1"));
  webhook.set_outcome(v1::PROVIDER_OUTCOME_SUCCEEDED);
  for (int i = 0; i < 2; ++i) shop.Must<v1::ReceiveProviderEventResponse>(kOperator, webhook);
  shop.Authorize("tok_timeout_then_failure");
  CHECK(shop.Get().state() == Intent::STATE_UNKNOWN);
  shop.fixture.Restart();
  shop.fixture.AdvanceBy(absl::Minutes(5));
  CHECK(shop.Get().state() != Intent::STATE_UNKNOWN);
}

TEST_CASE("an amount beyond all reason is refused, be it more or less than nothing") {
  Shop shop;
  shop.Create(v1::PAYMENT_METHOD_BANK_TRANSFER);
  for (const std::int64_t cents : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1} << 62,
                                   std::numeric_limits<std::int64_t>::max()}) {
    v1::RecordFundsRequest request;
    request.set_reference("R-1");
    *request.mutable_amount() = AsProto({cents, "EUR"});
    const Status status = shop.Call<v1::RecordFundsResponse>(kOperator, request).status();
    REQUIRE(FieldViolations(status).size() == 1);
    CHECK(FieldViolations(status)[0].field == "amount");
    CHECK(FieldViolations(status)[0].description == "is out of range");
  }
}

TEST_CASE("a card number is refused before it gets anywhere") {
  for (const char* const number :
       {"4242424242424242", "4242-4242-4242-4242", "tok_4000000000000002", "378282246310005"}) {
    CAPTURE(number);
    CHECK(CheckCardToken(number).code() == absl::StatusCode::kInvalidArgument);
  }
  for (const char* const token : {"tok_ok", "tok_1N3T00LkdIwHu7ixt44h1F8k", "123456789012", "42424242"}) {
    CAPTURE(token);
    CHECK(CheckCardToken(token).ok());
  }
  CHECK_FALSE(CheckCardToken("").ok());
  CHECK_FALSE(CheckCardToken("tok ok").ok());
}

}  // namespace souk::payment
