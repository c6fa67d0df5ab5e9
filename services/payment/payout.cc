#include "services/payment/payout.h"

#include "absl/strings/str_format.h"
#include "libs/base/proto_time.h"
#include "libs/base/sortable_time.h"
#include "services/payment/money_proto.h"
#include "services/payment/payment_intent.h"
#include "services/payment/seller_account.h"

namespace souk::payment {
namespace {

using Event = v1::PayoutEvent;
using Events = std::vector<Event>;
constexpr std::string_view kReferencePrefix = "payout/";

// Paid and Failed.
template <typename End>
void FillEnd(End& end, const v1::Payout& payout, absl::Time now) {
  end.set_payout_id(payout.payout_id());
  end.set_seller_id(payout.seller_id());
  *end.mutable_amount() = payout.amount();
  *end.mutable_end_time() = ToProto(now);
}

}  // namespace

StatusOr<Events> Payout::Decide(const State& state, const RequestPayout& request, absl::Time now) {
  if (!state.payout().payout_id().empty()) return Events{};
  Event event;
  Event::Requested& requested = *event.mutable_requested();
  requested.set_payout_id(request.payout_id);
  requested.set_seller_id(request.seller_id);
  *requested.mutable_amount() = AsProto(request.amount);
  requested.set_bank_account_id(request.bank_account_id);
  *requested.mutable_create_time() = ToProto(now);
  return Events{event};
}

StatusOr<Events> Payout::Decide(const State& state, const RecordPayoutOutcome& outcome, absl::Time now) {
  const v1::Payout& payout = state.payout();
  if (payout.payout_id().empty()) return NotFound("no such payout");
  if (Ended(payout)) return Events{};
  const bool accepted = payout.state() == v1::Payout::STATE_IN_TRANSIT;
  Event event;
  switch (outcome.result.kind) {
    case ProviderResult::Kind::kSucceeded:
      FillEnd(*event.mutable_paid(), payout, now);
      return Events{event};
    case ProviderResult::Kind::kFailed:
      FillEnd(*event.mutable_failed(), payout, now);
      event.mutable_failed()->set_failure_code(outcome.result.code);
      return Events{event};
    case ProviderResult::Kind::kPending:
    case ProviderResult::Kind::kUnknown:
      if (accepted || outcome.result.kind == ProviderResult::Kind::kPending) {
        if (accepted && outcome.attempts != state.attempts()) return Events{};  // Counted already.
        event.mutable_accepted()->set_attempts(state.attempts() + 1);
      } else {
        if (outcome.attempts != state.attempts()) return Events{};
        event.mutable_outcome_unknown()->set_attempts(state.attempts() + 1);
      }
      return Events{event};
    case ProviderResult::Kind::kActionRequired:
      break;
  }
  return InvalidArgument("a payout never needs a buyer");
}

void Payout::Evolve(State& state, const Event& event) {
  v1::Payout& payout = *state.mutable_payout();
  switch (event.kind_case()) {
    case Event::kRequested:
      payout.set_payout_id(event.requested().payout_id());
      payout.set_seller_id(event.requested().seller_id());
      *payout.mutable_amount() = event.requested().amount();
      payout.set_bank_account_id(event.requested().bank_account_id());
      payout.set_state(v1::Payout::STATE_PENDING);
      *payout.mutable_create_time() = event.requested().create_time();
      return;
    case Event::kAccepted:
      payout.set_state(v1::Payout::STATE_IN_TRANSIT);
      state.set_attempts(event.accepted().attempts());
      return;
    case Event::kOutcomeUnknown:
      payout.set_state(v1::Payout::STATE_UNKNOWN);
      state.set_attempts(event.outcome_unknown().attempts());
      return;
    case Event::kPaid:
      payout.set_state(v1::Payout::STATE_PAID);
      *payout.mutable_end_time() = event.paid().end_time();
      return;
    case Event::kFailed:
      payout.set_state(v1::Payout::STATE_FAILED);
      payout.set_failure_code(event.failed().failure_code());
      *payout.mutable_end_time() = event.failed().end_time();
      return;
    case Event::KIND_NOT_SET:
      return;
  }
}

void Payout::Index(const Id& id, const State& state, IndexRows& rows) {
  const v1::Payout& payout = state.payout();
  rows.Add("payouts_by_seller",
           absl::StrFormat("%s/%s/%s", payout.seller_id(), SortableTime(FromProto(payout.create_time())),
                           id.str()),
           payout.SerializeAsString());
}

void Payout::React(const Id&, const State&, const Event& event, absl::Time now, Reactions& reactions) {
  const auto ask_later = [&](std::int32_t attempts) {
    reactions.Cancel("submit");
    const absl::Time due = ResolveTime(attempts, now);
    if (due == absl::InfiniteFuture()) return reactions.Cancel("resolve");
    reactions.Start({.kind = "resolve", .payload = absl::StrFormat("%d", attempts), .due = due});
  };
  switch (event.kind_case()) {
    case Event::kRequested:
      return reactions.Start({.kind = "submit"});
    case Event::kAccepted:
      return ask_later(event.accepted().attempts());
    case Event::kOutcomeUnknown:
      return ask_later(event.outcome_unknown().attempts());
    case Event::kPaid:
    case Event::kFailed:
      reactions.Cancel("submit");
      return reactions.Cancel("resolve");
    case Event::KIND_NOT_SET:
      return;
  }
}

std::string Payout::PartitionKey(const Id& id) { return SellerOf(id.str()); }

bool Ended(const v1::Payout& payout) {
  return payout.state() == v1::Payout::STATE_PAID || payout.state() == v1::Payout::STATE_FAILED;
}

std::string ReferenceOf(const Payout::Id& id) { return absl::StrFormat("%s%s", kReferencePrefix, id.str()); }

std::string PayoutOfReference(const std::string& reference) {
  return reference.starts_with(kReferencePrefix) ? reference.substr(kReferencePrefix.size()) : "";
}

}  // namespace souk::payment
