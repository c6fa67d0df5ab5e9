#include "services/payment/payout_service.h"

#include "absl/strings/str_format.h"
#include "libs/base/form_text.h"
#include "libs/base/request_field.h"
#include "libs/base/uuid.h"
#include "libs/eventsourcing/page.h"
#include "services/payment/bank_account.h"
#include "services/payment/ledger_service.h"
#include "services/payment/money_proto.h"
#include "services/payment/seller_account.h"
#include "services/payment/seller_ledger.h"

namespace souk::payment {
namespace {

constexpr std::size_t kHolderSizeMax = 140;

// An id for something of a seller that `request_id` makes: the same for the same request.
std::string DerivedSellerId(std::string_view kind, std::string_view seller_id, std::string_view request_id) {
  constexpr std::size_t kLength = 18;  // Of a UUID: 60 bits, and short enough beside a seller's id.
  return OfSeller(seller_id, DerivedUuid(kind, seller_id, request_id).substr(0, kLength));
}

}  // namespace

void PayoutService::AddTo(rpc::Router& router) {
  router.Add<&PayoutService::AddBankAccount>(*this, rpc::kSellers);
  router.Add<&PayoutService::VerifyBankAccount>(*this, rpc::kOperators);
  router.Add<&PayoutService::RejectBankAccount>(*this, rpc::kOperators);
  router.Add<&PayoutService::ListBankAccounts>(*this, rpc::kSellers | rpc::kOperators);
  router.Add<&PayoutService::RequestPayout>(*this, rpc::kSellers);
  router.Add<&PayoutService::GetPayout>(*this, rpc::kSellers | rpc::kOperators);
  router.Add<&PayoutService::ListPayouts>(*this, rpc::kSellers | rpc::kOperators);
}

Task<StatusOr<v1::AddBankAccountResponse>> PayoutService::AddBankAccount(rpc::CallContext call,
                                                                         v1::AddBankAccountRequest request) {
  co_await Try(CheckSeller(call, request.seller_id()));
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const std::string iban = co_await Try(ParseIban(request.iban()));
  if (!IsOneLine(request.holder()) || request.holder().size() > kHolderSizeMax) {
    co_return InvalidField("holder", absl::StrFormat("must be one line of 1 to %d bytes", kHolderSizeMax));
  }
  const std::string subject = "seller/" + request.seller_id();
  Add add{.bank_account_id = DerivedSellerId("bank_account", request.seller_id(), request.request_id()),
          .seller_id = request.seller_id(),
          .iban_suffix = iban.substr(iban.size() - 4)};
  add.holder = co_await Try(keys_.Seal(subject, request.holder(), add.bank_account_id + "/holder"));
  add.iban = co_await Try(keys_.Seal(subject, iban, add.bank_account_id + "/iban"));
  const BankAccount::Id id = BankAccount::Id::Of(add.bank_account_id);
  const auto state = co_await Try(engine_.Execute<BankAccount>(id, std::move(add), std::move(metadata)));
  v1::AddBankAccountResponse response;
  *response.mutable_bank_account() = state->bank_account();
  co_return response;
}

Task<StatusOr<v1::VerifyBankAccountResponse>> PayoutService::VerifyBankAccount(
    rpc::CallContext call, v1::VerifyBankAccountRequest request) {
  const BankAccount::Id id = co_await Try(BankAccount::Id::Parse(request.bank_account_id()));
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const auto state = co_await Try(engine_.Execute<BankAccount>(id, Verify{}, std::move(metadata)));
  v1::VerifyBankAccountResponse response;
  *response.mutable_bank_account() = state->bank_account();
  co_return response;
}

Task<StatusOr<v1::RejectBankAccountResponse>> PayoutService::RejectBankAccount(
    rpc::CallContext call, v1::RejectBankAccountRequest request) {
  const BankAccount::Id id = co_await Try(BankAccount::Id::Parse(request.bank_account_id()));
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  co_await Try(CheckSize("reason", request.reason(), kReasonBytesMax));
  const Reject reject{.reason = request.reason()};
  const auto state = co_await Try(engine_.Execute<BankAccount>(id, reject, std::move(metadata)));
  v1::RejectBankAccountResponse response;
  *response.mutable_bank_account() = state->bank_account();
  co_return response;
}

Task<StatusOr<v1::ListBankAccountsResponse>> PayoutService::ListBankAccounts(
    rpc::CallContext call, v1::ListBankAccountsRequest request) {
  co_await Try(CheckSeller(call, request.seller_id()));
  IndexQuery query{.index = "bank_accounts_by_seller", .prefix = request.seller_id() + "/"};
  const Page page = co_await Try(QueryPage(engine_, std::move(query), request));
  v1::ListBankAccountsResponse response;
  co_await Try(ParseRows(page.rows, *response.mutable_bank_accounts()));
  response.set_next_page_token(page.next_page_token);
  co_return response;
}

Task<StatusOr<v1::RequestPayoutResponse>> PayoutService::RequestPayout(rpc::CallContext call,
                                                                       v1::RequestPayoutRequest request) {
  co_await Try(CheckSeller(call, request.seller_id()));
  co_await Try(CheckId("bank_account_id", request.bank_account_id()));
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const payment::RequestPayout payout{
      .payout_id = DerivedSellerId("payout", request.seller_id(), request.request_id()),
      .seller_id = request.seller_id(),
      .amount = AsMoney(request.amount()),
      .bank_account_id = request.bank_account_id()};
  if (!MinorUnitDigits(payout.amount.currency_code).ok() || payout.amount.minor_units <= 0) {
    co_return InvalidField("amount", "must be positive, with the code of a currency");
  }
  if (SellerOf(payout.bank_account_id) != payout.seller_id) {
    co_return NotFound("no bank account %s", payout.bank_account_id);
  }
  if (payout.amount.minor_units < policy_.payout_minimum) {
    const Money minimum{policy_.payout_minimum, payout.amount.currency_code};
    co_return Rejected("PAYOUT_BELOW_MINIMUM", {{"minimum", std::to_string(minimum.minor_units)}},
                       "a payout has to be at least %s", ToString(minimum));
  }
  v1::RequestPayoutResponse response;
  const Payout::Id id = Payout::Id::Of(payout.payout_id);
  const auto start = [&](Unit& unit) { return StartPayout(unit, payout); };
  const auto read = [&](Unit& unit) -> Status {
    ASSIGN_OR_RETURN(const v1::PayoutState* const state, unit.Load<Payout>(id));
    *response.mutable_payout() = state->payout();
    return OkStatus();
  };
  co_await Try(engine_.Transact(payout.seller_id, std::move(metadata), start, read));
  co_return response;
}

Task<StatusOr<v1::GetPayoutResponse>> PayoutService::GetPayout(rpc::CallContext call,
                                                               v1::GetPayoutRequest request) {
  const Payout::Id id = co_await Try(Payout::Id::Parse(request.payout_id()));
  const auto state = co_await Try(engine_.Read<Payout>(id));
  const v1::Payout& payout = state->payout();
  if (payout.payout_id().empty() || !CheckSeller(call, payout.seller_id()).ok())
    co_return NotFound("no such payout");
  v1::GetPayoutResponse response;
  *response.mutable_payout() = payout;
  co_return response;
}

Task<StatusOr<v1::ListPayoutsResponse>> PayoutService::ListPayouts(rpc::CallContext call,
                                                                   v1::ListPayoutsRequest request) {
  co_await Try(CheckSeller(call, request.seller_id()));
  IndexQuery query{
      .index = "payouts_by_seller", .prefix = request.seller_id() + "/", .direction = Direction::kBackward};
  const Page page = co_await Try(QueryPage(engine_, std::move(query), request));
  v1::ListPayoutsResponse response;
  co_await Try(ParseRows(page.rows, *response.mutable_payouts()));
  response.set_next_page_token(page.next_page_token);
  co_return response;
}

}  // namespace souk::payment
