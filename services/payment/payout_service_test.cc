// Sellers' money through the whole service: balances, bank accounts, payouts, and who may
// see what.
#include "services/payment/payout_service.h"

#include <catch2/catch.hpp>

#include "services/payment/payment_shop_fixture.h"
#include "services/payment/sandbox_provider.h"

namespace souk::payment {
namespace {

namespace ev = events::v1;
namespace order_ev = order::events::v1;
using Intent = v1::PaymentIntent;

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

TEST_CASE("a bank account that was rejected gets no payouts, and its seller sees why") {
  Shop shop;
  shop.Create(v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  shop.Tell<order_ev::OrderReceived>("g-1.1");
  const std::string account = shop.AddBankAccount("DE89370400440532013000").bank_account_id();
  v1::RejectBankAccountRequest reject;
  reject.set_bank_account_id(account);
  reject.set_reason("the holder is somebody else");
  CHECK(absl::IsPermissionDenied(shop.Call<v1::RejectBankAccountResponse>("seller/s-1", reject).status()));
  CHECK(shop.Must<v1::RejectBankAccountResponse>(kOperator, reject).bank_account().state() ==
        v1::BankAccount::STATE_REJECTED);
  CHECK_FALSE(shop.Call<v1::RequestPayoutResponse>("seller/s-1", Shop::PayoutRequest(account, 500)).ok());
  CHECK(shop.Balance("s-1").available() == 5'520);
  v1::ListBankAccountsRequest list;
  list.set_seller_id("s-1");
  const auto accounts = shop.Must<v1::ListBankAccountsResponse>("seller/s-1", list);
  REQUIRE(accounts.bank_accounts_size() == 1);
  CHECK(accounts.bank_accounts(0).reason() == reject.reason());
}

TEST_CASE("sellers see their own payouts, newest first, page by page") {
  Shop shop;
  shop.Create(v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  shop.Tell<order_ev::OrderReceived>("g-1.1");
  shop.Tell<order_ev::OrderReceived>("g-1.2");
  const std::string account = shop.AddBankAccount("DE89370400440532013000").bank_account_id();
  shop.Verify(account);
  for (const int cents : {500, 600, 700}) {
    shop.fixture.AdvanceBy(absl::Hours(1));
    shop.Must<v1::RequestPayoutResponse>("seller/s-1", Shop::PayoutRequest(account, cents));
  }
  v1::ListPayoutsRequest request;
  request.set_seller_id("s-1");
  request.set_page_size(2);
  auto page = shop.Must<v1::ListPayoutsResponse>("seller/s-1", request);
  REQUIRE(page.payouts_size() == 2);
  CHECK(page.payouts(0).amount().minor_units() == 700);
  CHECK(page.payouts(1).amount().minor_units() == 600);
  request.set_page_token(page.next_page_token());
  page = shop.Must<v1::ListPayoutsResponse>("seller/s-1", request);
  REQUIRE(page.payouts_size() == 1);
  CHECK(page.payouts(0).amount().minor_units() == 500);
  CHECK(page.next_page_token().empty());
  CHECK(absl::IsNotFound(shop.Call<v1::ListPayoutsResponse>("seller/s-2", request).status()));
  request.set_seller_id("s-2");
  request.clear_page_token();
  CHECK(shop.Must<v1::ListPayoutsResponse>("seller/s-2", request).payouts().empty());
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
