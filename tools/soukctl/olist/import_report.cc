#include "tools/soukctl/olist/import_report.h"

#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "souk/catalog/events/v1/catalog_events.pb.h"
#include "souk/eventlog/v1/event_log_service.pb.h"
#include "souk/notification/events/v1/notification_events.pb.h"
#include "souk/payment/v1/payment_service.pb.h"

namespace souk::ctl {
namespace {

using eventlog::v1::GetStatusRequest;
using eventlog::v1::GetStatusResponse;
using eventlog::v1::ReadEventsRequest;
using eventlog::v1::ReadEventsResponse;
using payment::v1::GetTrialBalanceRequest;
using payment::v1::GetTrialBalanceResponse;
using payment::v1::JournalEntry;

constexpr char kOperator[] = "operator/import";

// Calls `event` for every event of the request, in order.
Status ReadAll(StoreClient& store, const ReadEventsRequest& request,
               const std::function<void(const event::v1::EventRecord&)>& event) {
  return store.ReadEvents(request, [&](const ReadEventsResponse& page) {
    for (const event::v1::EventRecord& record : page.events()) event(record);
    return true;
  });
}

template <typename Event>
Status ReadPublic(StoreClient& store, const std::string& service,
                  const std::function<void(const Event&)>& function) {
  GetStatusRequest ask;
  ask.set_service(service);
  ASSIGN_OR_RETURN(const auto status, store.Call<GetStatusResponse>(kOperator, ask));
  for (const auto& partition : status.partitions()) {
    ReadEventsRequest request;
    request.set_service(service);
    request.set_partition(partition.partition());
    request.add_types(std::string(Event::descriptor()->full_name()));
    RETURN_IF_ERROR(ReadAll(store, request, [&](const event::v1::EventRecord& record) {
      Event event;
      event.ParseFromString(record.payload());
      function(event);
    }));
  }
  return OkStatus();
}

// Events of all logs, and the commands that made them.
Status CountEvents(StoreClient& store, nlohmann::ordered_json& report) {
  ASSIGN_OR_RETURN(const auto status, store.Call<GetStatusResponse>(kOperator, GetStatusRequest()));
  std::int64_t events = 0, commands = 0;
  for (const auto& partition : status.partitions()) {
    ReadEventsRequest request;
    request.set_service(partition.service());
    request.set_partition(partition.partition());
    request.set_view(ReadEventsRequest::VIEW_STORED);
    RETURN_IF_ERROR(ReadAll(store, request, [&](const event::v1::EventRecord& record) {
      ++events;
      commands += record.following() == 0 ? 1 : 0;
    }));
  }
  report["events"] = events;
  report["commands"] = commands;
  return OkStatus();
}

Status AddMoney(StoreClient& store, nlohmann::ordered_json& report) {
  ASSIGN_OR_RETURN(const auto trial,
                   store.Call<GetTrialBalanceResponse>(kOperator, GetTrialBalanceRequest()));
  std::int64_t captured = 0, refunded = 0, commission = 0;
  for (const auto& rule : trial.rules()) {
    const bool captures = rule.rule() == JournalEntry::RULE_CAPTURE ||
                          rule.rule() == JournalEntry::RULE_FUNDS_APPLIED ||
                          rule.rule() == JournalEntry::RULE_CASH_COLLECTED;
    if (captures) captured += rule.amount();
    if (rule.rule() == JournalEntry::RULE_REFUND_PAID) refunded += rule.amount();
  }
  for (const auto& account : trial.accounts()) {
    if (account.account() == "income/commission") commission += account.credits() - account.debits();
  }
  std::int64_t pending = 0, available = 0, in_transit = 0, debt = 0;
  for (const auto& balance : trial.sellers()) {
    pending += balance.pending();
    available += balance.available();
    in_transit += balance.in_transit();
    debt += balance.debt();
  }
  report["captured"] = captured;
  report["refunded"] = refunded;
  report["commission"] = commission;
  report["seller_pending"] = pending;
  report["seller_available"] = available;
  report["seller_in_transit"] = in_transit;
  report["seller_debt"] = debt;
  report["trial_balance"] = trial.difference();
  report["seller_balances_match"] = trial.sellers_match();
  return OkStatus();
}

// Without the common prefix of enumerators: "COMPLETED".
std::string StateName(const std::string& enumerator) { return enumerator.substr(sizeof "STATE_" - 1); }

Status AddOrders(StoreClient& store, const std::map<std::string, PlacedGroup>& groups,
                 nlohmann::ordered_json& report) {
  std::map<std::string, std::int64_t> orders_by_state;
  std::map<std::string, std::map<std::string, std::int64_t>> groups_by_state;
  std::int64_t orders = 0, not_cancelled = 0;
  for (const auto& [id, placed] : groups) {
    order::v1::GetOrderGroupRequest request;
    request.set_group_id(placed.group_id);
    ASSIGN_OR_RETURN(const auto response, store.Call<order::v1::GetOrderGroupResponse>(kOperator, request));
    const order::v1::OrderGroup& group = response.order_group();
    ++groups_by_state[placed.dataset_status][StateName(order::v1::OrderGroup::State_Name(group.state()))];
    for (const order::v1::Order& order : group.orders()) {
      ++orders;
      ++orders_by_state[StateName(order::v1::OrderState::State_Name(order.state()))];
      const bool cancelled = order.state() == order::v1::OrderState::STATE_CANCELLED;
      if (!cancelled) not_cancelled += order.snapshot().total().minor_units();
    }
  }
  report["groups_placed"] = groups.size();
  report["orders_placed"] = orders;
  report["orders_by_state"] = orders_by_state;
  report["groups_by_dataset_status_and_state"] = groups_by_state;
  report["total_of_orders_not_cancelled"] = not_cancelled;
  return OkStatus();
}

}  // namespace

PlacedGroup PlacedGroup::Of(const OlistOrder& order, const order::v1::OrderGroup& group) {
  PlacedGroup placed{.group_id = group.group_id(),
                     .buyer = "buyer/" + order.customer_id,
                     .dataset_status = order.status,
                     .payment_intent_id = group.payment_intent_id(),
                     .total = group.total().minor_units()};
  for (const order::v1::Order& one : group.orders()) {
    placed.orders.push_back({.order_id = one.order_id(),
                             .seller_id = one.snapshot().seller_id(),
                             .line_id = one.snapshot().lines(0).line_id(),
                             .tracking_code = "OL" + order.order_id.substr(0, 16) + "-" +
                                              std::to_string(placed.orders.size() + 1)});
  }
  return placed;
}

StatusOr<std::string> MakeImportReport(StoreClient& store, const OlistData& data, const OlistPlan& plan,
                                       const std::map<std::string, PlacedGroup>& groups,
                                       absl::Duration duration) {
  nlohmann::ordered_json report;
  report["orders_skipped"] = plan.orders_skipped;
  RETURN_IF_ERROR(AddOrders(store, groups, report));
  RETURN_IF_ERROR(AddMoney(store, report));
  report["late_deliveries"] = plan.late_deliveries;
  std::int64_t reviews = 0, scores = 0;
  RETURN_IF_ERROR(ReadPublic<catalog::events::v1::ReviewSubmitted>(store, "catalog", [&](const auto& review) {
    ++reviews;
    scores += review.score();
  }));
  report["reviews"] = reviews;
  report["review_score_sum"] = scores;
  std::map<std::string, std::int64_t> mails;
  RETURN_IF_ERROR(ReadPublic<notification::events::v1::NotificationSent>(
      store, "notification", [&](const auto& mail) { ++mails[mail.template_name()]; }));
  report["mails_by_template"] = mails;
  report["anomalies"] = plan.anomalies;
  report["malformed_rows"] = data.malformed.size();
  RETURN_IF_ERROR(CountEvents(store, report));
  report["calls"] = store.calls();
  report["seconds"] = absl::ToInt64Seconds(duration);
  return report.dump(2);
}

}  // namespace souk::ctl
