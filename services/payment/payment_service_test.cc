// The whole service: its RPCs, the sandbox behind it, and the orders it listens to.
#include "services/payment/payment_service.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "libs/testing/service_fixture.h"
#include "services/payment/ledger.h"
#include "services/payment/module.h"
#include "services/payment/money_proto.h"
#include "services/payment/sandbox_provider.h"
#include "souk/order/events/v1/order_events.pb.h"
#include "souk/payment/events/v1/payment_events.pb.h"

namespace souk::payment {
namespace {

namespace ev = events::v1;
namespace order_ev = order::events::v1;
using Intent = v1::PaymentIntent;
using testing::ServiceFixture;

constexpr char kOrderService[] = "service/order";
constexpr char kOperator[] = "operator/ada";

// A running payment service, and the words of a test.
class Shop {
 public:
  Shop() : fixture(PaymentModule()) { fixture.Start(); }

  template <typename Response, typename Request>
  Response Must(std::string_view principal, Request request) {
    const StatusOr<Response> response = Call<Response>(principal, std::move(request));
    INFO(response.status().ToString());
    REQUIRE(response.ok());
    return *response;
  }
  template <typename Response, typename Request>
  StatusOr<Response> Call(std::string_view principal, Request request) {
    if constexpr (requires { request.set_request_id(""); }) {
      if (request.request_id().empty()) request.set_request_id("r-" + std::to_string(++requests_));
    }
    return fixture.Call<Response>(principal, request);
  }

  // 100.00 for order g-1.1 of seller s-1 and g-1.2 of s-2.
  Intent Create(v1::PaymentMethod method, const std::string& token = "") {
    v1::CreatePaymentIntentRequest request;
    request.set_intent_id("i-1");
    request.set_group_id("g-1");
    request.set_buyer_id("b-1");
    request.set_method(method);
    request.set_card_token(token);
    *request.mutable_amount() = AsProto({10'000, "EUR"});
    for (const auto& [order, seller, cents] :
         {std::tuple{"g-1.1", "s-1", 6'000}, std::tuple{"g-1.2", "s-2", 4'000}}) {
      v1::CreatePaymentIntentRequest::Share& share = *request.add_shares();
      share.set_order_id(order);
      share.set_seller_id(seller);
      *share.mutable_amount() = *share.mutable_items() = AsProto({cents, "EUR"});
      *share.mutable_shipping() = AsProto({0, "EUR"});
    }
    return Must<v1::CreatePaymentIntentResponse>(kOrderService, request).payment_intent();
  }
  Intent Authorize(const std::string& token) {
    Create(v1::PAYMENT_METHOD_CARD, token);
    v1::AuthorizePaymentRequest request;
    request.set_intent_id("i-1");
    return Must<v1::AuthorizePaymentResponse>(kOrderService, request).payment_intent();
  }
  Intent Get(std::string_view principal = kOrderService) {
    v1::GetPaymentIntentRequest request;
    request.set_intent_id("i-1");
    return Must<v1::GetPaymentIntentResponse>(principal, request).payment_intent();
  }

  template <typename Event>
  void Tell(const std::string& order_id, const std::string& event_id = "") {
    Event event;
    event.set_order_id(order_id);
    event.set_payment_intent_id("i-1");
    const Status handled = fixture.Deliver("order", order_id, event, event_id);
    INFO(handled.ToString());
    REQUIRE(handled.ok());
  }
  void Place() {
    Tell<order_ev::OrderPlaced>("g-1.1");
    Tell<order_ev::OrderPlaced>("g-1.2");
  }

  Intent RecordFunds(const std::string& reference, std::int64_t cents) {
    v1::RecordFundsRequest request;
    request.set_reference(reference);
    *request.mutable_amount() = AsProto({cents, "EUR"});
    return Must<v1::RecordFundsResponse>(kOperator, request).payment_intent();
  }

  v1::Balance Balance(const std::string& seller_id) {
    v1::GetBalanceRequest request;
    request.set_seller_id(seller_id);
    const auto response = Must<v1::GetBalanceResponse>("seller/" + seller_id, request);
    return response.balances().empty() ? v1::Balance() : response.balances(0);
  }

  // Debits equal credits, sellers' balances are what the ledger says, and nothing is left
  // in between. Returns all accounts.
  std::map<std::string, std::int64_t> TrialBalance() {
    const auto response = Must<v1::GetTrialBalanceResponse>(kOperator, v1::GetTrialBalanceRequest());
    CHECK(response.difference() == 0);
    CHECK(response.sellers_match());
    std::map<std::string, std::int64_t> accounts;
    for (const v1::AccountTotal& total : response.accounts()) {
      CHECK(total.debits() - total.credits() == total.balance());
      accounts[total.account()] = total.balance();
    }
    CHECK(accounts["liab/buyer-clearing"] == 0);
    CHECK(accounts["liab/refunds-payable"] == 0);
    return accounts;
  }

  v1::BankAccount AddBankAccount(const std::string& iban) {
    v1::AddBankAccountRequest request;
    request.set_seller_id("s-1");
    request.set_holder("Aya Mori");
    request.set_iban(iban);
    return Must<v1::AddBankAccountResponse>("seller/s-1", request).bank_account();
  }
  void Verify(const std::string& bank_account_id) {
    v1::VerifyBankAccountRequest request;
    request.set_bank_account_id(bank_account_id);
    Must<v1::VerifyBankAccountResponse>(kOperator, request);
  }
  static v1::RequestPayoutRequest PayoutRequest(const std::string& bank_account_id, std::int64_t cents) {
    v1::RequestPayoutRequest request;
    request.set_seller_id("s-1");
    request.set_bank_account_id(bank_account_id);
    *request.mutable_amount() = AsProto({cents, "EUR"});
    return request;
  }
  v1::Payout GetPayout(const std::string& payout_id) {
    v1::GetPayoutRequest request;
    request.set_payout_id(payout_id);
    return Must<v1::GetPayoutResponse>("seller/s-1", request).payout();
  }

  ServiceFixture fixture;

 private:
  int requests_ = 0;
};

}  // namespace

TEST_CASE("money goes from a buyer's card to a seller's bank account") {
  Shop shop;
  CHECK(shop.Authorize("tok_ok").state() == Intent::STATE_AUTHORIZED);
  CHECK(shop.fixture.PublicEvents<ev::PaymentAuthorized>().size() == 1);
  shop.Place();
  const auto captured = shop.fixture.PublicEvents<ev::PaymentCaptured>();
  REQUIRE(captured.size() == 2);
  CHECK(captured[0].order_id() == "g-1.1");
  CHECK(captured[0].commission().minor_units() == 480);
  CHECK(captured[0].method() == "card");
  CHECK(shop.Balance("s-1").pending() == 5'520);
  CHECK(shop.Balance("s-2").pending() == 3'680);

  shop.Tell<order_ev::OrderReceived>("g-1.1");
  CHECK(shop.Balance("s-1").pending() == 0);
  CHECK(shop.Balance("s-1").available() == 5'520);
  CHECK(shop.Balance("s-2").available() == 0);

  const v1::BankAccount account = shop.AddBankAccount("DE89 3704 0044 0532 0130 00");
  CHECK(account.iban_suffix() == "3000");
  const auto request = Shop::PayoutRequest(account.bank_account_id(), 5'000);
  CHECK(Reason(shop.Call<v1::RequestPayoutResponse>("seller/s-1", request).status()) ==
        "BANK_ACCOUNT_UNVERIFIED");
  shop.Verify(account.bank_account_id());
  const v1::Payout payout = shop.Must<v1::RequestPayoutResponse>("seller/s-1", request).payout();
  CHECK(shop.GetPayout(payout.payout_id()).state() == v1::Payout::STATE_PAID);
  CHECK(shop.fixture.PublicEvents<ev::PayoutPaid>().size() == 1);
  CHECK(shop.Balance("s-1").ShortDebugString() == "currency_code: \"EUR\" available: 520");

  auto accounts = shop.TrialBalance();
  CHECK(accounts["assets/psp-cash"] == 5'000);
  CHECK(accounts["income/commission"] == -800);
}

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

TEST_CASE("a payout that comes back is available again, and its bank account is blocked") {
  Shop shop;
  shop.Create(v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  shop.Tell<order_ev::OrderReceived>("g-1.1");
  const std::string account = shop.AddBankAccount(kClosedAccountIban).bank_account_id();
  shop.Verify(account);
  auto request = Shop::PayoutRequest(account, 5'521);
  CHECK(Reason(shop.Call<v1::RequestPayoutResponse>("seller/s-1", request).status()) ==
        "INSUFFICIENT_BALANCE");
  request = Shop::PayoutRequest(account, 99);
  CHECK(Reason(shop.Call<v1::RequestPayoutResponse>("seller/s-1", request).status()) ==
        "PAYOUT_BELOW_MINIMUM");
  request = Shop::PayoutRequest(account, 5'520);
  request.set_request_id("once");
  const std::string payout_id =
      shop.Must<v1::RequestPayoutResponse>("seller/s-1", request).payout().payout_id();
  CHECK(shop.Must<v1::RequestPayoutResponse>("seller/s-1", request).payout().payout_id() == payout_id);
  CHECK(shop.GetPayout(payout_id).state() == v1::Payout::STATE_FAILED);
  CHECK(shop.GetPayout(payout_id).failure_code() == "account_closed");
  CHECK(shop.fixture.PublicEvents<ev::PayoutFailed>().size() == 1);
  CHECK(shop.Balance("s-1").available() == 5'520);
  v1::ListBankAccountsRequest list;
  list.set_seller_id("s-1");
  const auto accounts = shop.Must<v1::ListBankAccountsResponse>("seller/s-1", list);
  REQUIRE(accounts.bank_accounts_size() == 1);
  CHECK(accounts.bank_accounts(0).state() == v1::BankAccount::STATE_BLOCKED);
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

TEST_CASE("sellers see their own journal, newest first, page by page") {
  Shop shop;
  shop.Authorize("tok_ok");
  shop.Place();
  shop.fixture.AdvanceBy(absl::Hours(1));
  shop.Tell<order_ev::OrderReceived>("g-1.1");
  v1::ListLedgerEntriesRequest request;
  request.set_seller_id("s-1");
  request.set_page_size(1);
  auto page = shop.Must<v1::ListLedgerEntriesResponse>("seller/s-1", request);
  REQUIRE(page.entries_size() == 1);
  CHECK(page.entries(0).rule() == v1::JournalEntry::RULE_EARNINGS_RELEASED);
  request.set_page_token(page.next_page_token());
  page = shop.Must<v1::ListLedgerEntriesResponse>("seller/s-1", request);
  REQUIRE(page.entries_size() == 1);
  CHECK(page.entries(0).rule() == v1::JournalEntry::RULE_EARNINGS_ACCRUED);
  request.set_seller_id("s-2");
  CHECK(absl::IsNotFound(shop.Call<v1::ListLedgerEntriesResponse>("seller/s-1", request).status()));
}

TEST_CASE("someone else's payment, balance, bank account or payout does not exist") {
  Shop shop;
  shop.Create(v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  shop.Tell<order_ev::OrderReceived>("g-1.1");
  const std::string account = shop.AddBankAccount("DE89370400440532013000").bank_account_id();
  shop.Verify(account);
  const auto payout =
      shop.Must<v1::RequestPayoutResponse>("seller/s-1", Shop::PayoutRequest(account, 500)).payout();

  v1::GetPaymentIntentRequest get;
  get.set_intent_id("i-1");
  const Status others = shop.Call<v1::GetPaymentIntentResponse>("buyer/b-2", get).status();
  get.set_intent_id("i-2");
  const Status nothing = shop.Call<v1::GetPaymentIntentResponse>("buyer/b-2", get).status();
  CHECK(absl::IsNotFound(others));
  CHECK(others == nothing);

  v1::GetPayoutRequest get_payout;
  get_payout.set_payout_id(payout.payout_id());
  const Status others_payout = shop.Call<v1::GetPayoutResponse>("seller/s-2", get_payout).status();
  get_payout.set_payout_id("s-2~none");
  CHECK(absl::IsNotFound(others_payout));
  CHECK(shop.Call<v1::GetPayoutResponse>("seller/s-2", get_payout).status() == others_payout);

  v1::GetBalanceRequest balance;
  balance.set_seller_id("s-1");
  CHECK(absl::IsNotFound(shop.Call<v1::GetBalanceResponse>("seller/s-2", balance).status()));
  auto request = Shop::PayoutRequest(account, 500);
  CHECK(absl::IsNotFound(shop.Call<v1::RequestPayoutResponse>("seller/s-2", request).status()));
  request.set_seller_id("s-2");
  CHECK(absl::IsNotFound(shop.Call<v1::RequestPayoutResponse>("seller/s-2", request).status()));
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

TEST_CASE("no event says the number or the holder of a bank account") {
  Shop shop;
  shop.AddBankAccount("DE89370400440532013000");
  Engine& engine = shop.fixture.engine();
  int events = 0;
  REQUIRE(engine.partition(0)
              .log()
              .ReadAfter(0,
                         [&](const event::v1::EventRecord&, std::string_view stored) {
                           ++events;
                           CHECK(stored.find("37040044") == std::string_view::npos);
                           CHECK(stored.find("Mori") == std::string_view::npos);
                           return true;
                         })
              .ok());
  CHECK(events > 0);
}

TEST_CASE("after a restart everything is as before") {
  Shop shop;
  shop.Authorize("tok_ok");
  shop.Place();
  shop.fixture.Restart();
  shop.Tell<order_ev::OrderReceived>("g-1.1");
  shop.fixture.Restart();
  CHECK(shop.Balance("s-1").available() == 5'520);
  CHECK(shop.TrialBalance()["assets/psp-cash"] == 10'000);
  CHECK(shop.fixture.PublicEvents<ev::PaymentCaptured>().size() == 2);
}

}  // namespace souk::payment
