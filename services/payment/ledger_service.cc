#include "services/payment/ledger_service.h"

#include <cstdlib>
#include <map>

#include "absl/strings/str_format.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/page.h"
#include "services/payment/ledger_view.h"
#include "services/payment/seller_account.h"

namespace souk::payment {
namespace {

// Rows of the trial balance: kinds of accounts and rules, each with every currency.
constexpr std::size_t kTotalsMax = 10'000;
// Sellers summed at a time.
constexpr std::size_t kSellersPerQuery = 1000;

// Rows of one name come from several partitions.
void Merge(v1::AccountTotal& sum, const v1::AccountTotal& part) {
  sum.set_debits(sum.debits() + part.debits());
  sum.set_credits(sum.credits() + part.credits());
  sum.set_balance(sum.balance() + part.balance());
}
void Merge(v1::RuleTotal& sum, const v1::RuleTotal& part) {
  sum.set_amount(sum.amount() + part.amount());
  sum.set_entries(sum.entries() + part.entries());
}

template <typename Total>
Status AddTotals(const std::vector<IndexRow>& rows, google::protobuf::RepeatedPtrField<Total>& totals) {
  std::string last;
  for (const IndexRow& row : rows) {
    Total total;
    if (!total.ParseFromString(row.value)) return DataLoss("row %s of the ledger is unreadable", row.key);
    if (row.key == last) {
      Merge(totals[totals.size() - 1], total);
    } else {
      *totals.Add() = std::move(total);
    }
    last = row.key;
  }
  return OkStatus();
}

// What the ledger has on the sellers' accounts of one kind.
std::int64_t BalanceOn(const v1::GetTrialBalanceResponse& response, std::string_view kind,
                       std::string_view currency_code) {
  for (const v1::AccountTotal& total : response.accounts()) {
    if (total.account() == kind && total.currency_code() == currency_code) return total.balance();
  }
  return 0;
}

bool SellersMatch(const v1::GetTrialBalanceResponse& response) {
  std::map<std::string, v1::Balance> sellers;
  for (const v1::AccountTotal& total : response.accounts()) sellers[total.currency_code()];
  for (const v1::Balance& balance : response.sellers()) sellers[balance.currency_code()] = balance;
  for (const auto& [currency, balance] : sellers) {
    if (BalanceOn(response, "liab/seller/pending", currency) != -balance.pending() ||
        BalanceOn(response, "liab/seller/available", currency) != -balance.available() ||
        BalanceOn(response, "liab/seller/in-transit", currency) != -balance.in_transit() ||
        BalanceOn(response, "assets/seller-debt", currency) != balance.debt()) {
      return false;
    }
  }
  return true;
}

}  // namespace

void LedgerService::AddTo(rpc::Router& router) {
  router.Add<&LedgerService::GetBalance>(*this, rpc::kSellers | rpc::kOperators);
  router.Add<&LedgerService::ListLedgerEntries>(*this, rpc::kSellers | rpc::kOperators);
  router.Add<&LedgerService::GetTrialBalance>(*this, rpc::kOperators);
}

Task<StatusOr<v1::GetBalanceResponse>> LedgerService::GetBalance(rpc::CallContext call,
                                                                 v1::GetBalanceRequest request) {
  co_await Try(CheckSeller(call, request.seller_id()));
  const auto account = co_await Try(engine_.Read<SellerAccount>(SellerAccount::Id::Of(request.seller_id())));
  v1::GetBalanceResponse response;
  *response.mutable_balances() = account->balances();
  response.set_entries(account->entries());
  co_return response;
}

Task<StatusOr<v1::ListLedgerEntriesResponse>> LedgerService::ListLedgerEntries(
    rpc::CallContext call, v1::ListLedgerEntriesRequest request) {
  co_await Try(CheckSeller(call, request.seller_id()));
  IndexQuery query{.prefix = absl::StrFormat("entry/%s/", request.seller_id()),
                   .direction = Direction::kBackward};
  const Page page =
      co_await Try(QueryViewPage(engine_, LedgerView::kName, std::move(query), PageWanted::Of(request)));
  v1::ListLedgerEntriesResponse response;
  co_await Try(ParseRows(page.rows, *response.mutable_entries()));
  response.set_next_page_token(page.next_page_token);
  co_return response;
}

Task<StatusOr<v1::GetTrialBalanceResponse>> LedgerService::GetTrialBalance(rpc::CallContext,
                                                                           v1::GetTrialBalanceRequest) {
  v1::GetTrialBalanceResponse response;
  const auto accounts =
      co_await Try(engine_.QueryView(LedgerView::kName, {.prefix = "account/", .limit = kTotalsMax}));
  co_await Try(AddTotals(accounts, *response.mutable_accounts()));
  const auto rules =
      co_await Try(engine_.QueryView(LedgerView::kName, {.prefix = "rule/", .limit = kTotalsMax}));
  co_await Try(AddTotals(rules, *response.mutable_rules()));
  std::map<std::string, std::int64_t> sums;
  for (const v1::AccountTotal& total : response.accounts()) sums[total.currency_code()] += total.balance();
  for (const auto& [currency, sum] : sums) response.set_difference(response.difference() + std::abs(sum));
  co_await Try(SumSellers(response));
  response.set_sellers_match(SellersMatch(response));
  co_return response;
}

Status LedgerService::SumSellers(v1::GetTrialBalanceResponse& response) const {
  std::map<std::string, v1::Balance> sums;
  IndexQuery query{.index = "seller_balances", .limit = kSellersPerQuery};
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<IndexRow> rows, engine_.Query(query));
    for (const IndexRow& row : rows) {
      v1::SellerAccountState account;
      if (!account.ParseFromString(row.value)) return DataLoss("the balance of %s is unreadable", row.key);
      for (const v1::Balance& balance : account.balances()) {
        v1::Balance& sum = sums[balance.currency_code()];
        sum.set_currency_code(balance.currency_code());
        sum.set_pending(sum.pending() + balance.pending());
        sum.set_available(sum.available() + balance.available());
        sum.set_in_transit(sum.in_transit() + balance.in_transit());
        sum.set_debt(sum.debt() + balance.debt());
      }
    }
    if (rows.size() < kSellersPerQuery) break;
    query.after = rows.back().key;
  }
  for (const auto& [currency, sum] : sums) *response.add_sellers() = sum;
  return OkStatus();
}

Status CheckSeller(const rpc::CallContext& call, std::string_view seller_id) {
  RETURN_IF_ERROR(CheckId("seller_id", seller_id));
  if (call.principal.IsOperator() || call.principal.IsSeller(seller_id)) return OkStatus();
  return NotFound("no seller %s", seller_id);
}

}  // namespace souk::payment
