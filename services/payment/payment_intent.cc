#include "services/payment/payment_intent.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "libs/base/proto_time.h"
#include "libs/base/uuid.h"
#include "services/payment/ledger.h"
#include "services/payment/payment_intent_decision.h"

namespace souk::payment {
namespace {

using Intent = v1::PaymentIntent;
using Share = v1::PaymentShare;
using Event = v1::PaymentIntentEvent;
using Events = std::vector<Event>;

Status CheckMoney(const CreateIntent& create) {
  std::int64_t sum = 0;
  for (const CreateIntent::Share& share : create.shares) {
    for (const Money& money : {share.amount, share.items, share.shipping}) {
      if (money.currency_code != create.amount.currency_code) {
        return InvalidField("shares", "must be in the currency of the amount");
      }
    }
    if (share.amount.minor_units <= 0 || share.items.minor_units < 0 || share.shipping.minor_units < 0 ||
        share.items.minor_units + share.shipping.minor_units != share.amount.minor_units) {
      return InvalidField("shares", "must be positive, and items and shipping their sum");
    }
    sum += share.amount.minor_units;
  }
  if (create.shares.empty() || sum != create.amount.minor_units) {
    return InvalidField("amount", "must be the sum of the shares");
  }
  return OkStatus();
}

// True when `create` asks for what there is already.
bool SameContent(const v1::PaymentIntentState& state, const CreateIntent& create) {
  const Intent& intent = state.intent();
  return intent.group_id() == create.group_id && intent.buyer_id() == create.buyer_id &&
         AsMoney(intent.amount()) == create.amount && intent.method() == create.method &&
         std::equal(intent.shares().begin(), intent.shares().end(), create.shares.begin(),
                    create.shares.end(), [](const Share& a, const CreateIntent::Share& b) {
                      return a.order_id() == b.order_id && a.seller_id() == b.seller_id &&
                             AsMoney(a.amount()) == b.amount;
                    });
}

// "SOUK-1A2B-3C4D-5E6F-7081": what a buyer can copy without mistakes.
std::string TransferReference(std::string_view intent_id) {
  std::string reference = "SOUK";
  int digits = 0;
  for (const char c : DerivedUuid("transfer", intent_id)) {
    if (c == '-') continue;
    if (digits == 16) break;
    if (digits++ % 4 == 0) reference.push_back('-');
    reference.push_back(c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return reference;
}

}  // namespace

StatusOr<Events> PaymentIntent::Decide(const State& state, const CreateIntent& create, absl::Time now) {
  if (!state.intent().intent_id().empty()) {
    if (SameContent(state, create)) return Events{};
    return IllegalTransition("the payment was created with other content; take a new intent_id");
  }
  RETURN_IF_ERROR(CheckMoney(create));
  Event event;
  Event::Created& created = *event.mutable_created();
  created.mutable_parties()->set_intent_id(create.intent_id);
  created.mutable_parties()->set_group_id(create.group_id);
  created.mutable_parties()->set_buyer_id(create.buyer_id);
  *created.mutable_amount() = AsProto(create.amount);
  created.set_method(create.method);
  created.set_card_token(create.card_token);
  for (const CreateIntent::Share& share : create.shares) {
    Event::Share& added = *created.add_shares();
    added.set_order_id(share.order_id);
    added.set_seller_id(share.seller_id);
    *added.mutable_amount() = AsProto(share.amount);
    *added.mutable_items() = AsProto(share.items);
    *added.mutable_shipping() = AsProto(share.shipping);
    *added.mutable_commission() = AsProto(
        {BasisPoints(share.amount.minor_units, create.commission_basis_points), share.amount.currency_code});
  }
  if (create.method == v1::PAYMENT_METHOD_BANK_TRANSFER) {
    created.set_reference(TransferReference(create.intent_id));
    created.set_iban(create.iban);
    const bool given = create.deadline != absl::InfiniteFuture();
    *created.mutable_deadline() = ToProto(given ? create.deadline : now + create.unpaid_after);
  }
  *created.mutable_create_time() = ToProto(now);
  return Events{event};
}

StatusOr<Events> PaymentIntent::Decide(const State& state, const Authorize& authorize, absl::Time now) {
  RETURN_IF_ERROR(CheckExists(state));
  if (state.intent().method() != v1::PAYMENT_METHOD_CARD) return Events{};
  const Intent::State phase = state.intent().state();
  if (phase == Intent::STATE_VOIDED) return IllegalTransition("the payment was given up; create another one");
  if (phase != Intent::STATE_CREATED && phase != Intent::STATE_DECLINED) return Events{};
  const std::string& token = authorize.card_token.empty() ? state.card_token() : authorize.card_token;
  if (token.empty()) return InvalidField("card_token", "is missing: the payment was created without one");
  Decision decision(state, now);
  const auto attempts = std::count_if(
      state.operations().begin(), state.operations().end(),
      [](const v1::ProviderOperation& o) { return o.kind() == v1::ProviderOperation::KIND_AUTHORIZE; });
  Event event;
  event.mutable_authorization_started()->set_reference(
      decision.Reference("authorize", absl::StrFormat("%d", attempts + 1)));
  event.mutable_authorization_started()->set_card_token(token);
  decision.Add(std::move(event));
  return std::move(decision).Take();
}

StatusOr<Events> PaymentIntent::Decide(const State& state, const Void& request, absl::Time now) {
  RETURN_IF_ERROR(CheckExists(state));
  const auto& shares = state.intent().shares();
  if (std::any_of(shares.begin(), shares.end(), CapturedOrTrying)) {
    return IllegalTransition("money was captured; ask for a refund");
  }
  Decision decision(state, now);
  decision.StartVoid(request.reason);
  return std::move(decision).Take();
}

StatusOr<Events> PaymentIntent::Decide(const State& state, const Expire&, absl::Time now) {
  RETURN_IF_ERROR(CheckExists(state));
  Decision decision(state, now);
  const Intent& intent = state.intent();
  const bool unused = std::none_of(intent.shares().begin(), intent.shares().end(), CapturedOrTrying);
  if (now < FromProto(state.deadline())) return Events{};
  if (intent.state() == Intent::STATE_AUTHORIZED && unused) decision.AddVoided("authorization_expired", "");
  if (intent.state() == Intent::STATE_AWAITING_FUNDS && intent.method() == v1::PAYMENT_METHOD_BANK_TRANSFER) {
    Event event;
    *event.mutable_expired()->mutable_parties() = decision.Parties();
    for (const Share& share : intent.shares()) {
      if (share.state() == Share::STATE_OPEN) event.mutable_expired()->add_order_ids(share.order_id());
    }
    decision.Add(std::move(event));
    decision.ReturnHeldFunds("expired", "payment_expired");
  }
  return std::move(decision).Take();
}

StatusOr<Events> PaymentIntent::Decide(const State& state, const ClaimCapture& claim, absl::Time now) {
  ASSIGN_OR_RETURN(const Share share, ShareOf(state, claim.order_id));
  if (state.intent().method() != v1::PAYMENT_METHOD_CARD) return Events{};
  if (share.state() != Share::STATE_OPEN) return Events{};
  if (state.intent().state() != Intent::STATE_AUTHORIZED || state.intent().void_requested()) {
    return IllegalTransition("nothing is authorised that could be captured");
  }
  Decision decision(state, now);
  Event event;
  event.mutable_capture_claimed()->set_order_id(claim.order_id);
  event.mutable_capture_claimed()->set_reference(decision.Reference("capture", claim.order_id));
  *event.mutable_capture_claimed()->mutable_amount() = share.amount();
  decision.Add(std::move(event));
  return std::move(decision).Take();
}

StatusOr<Events> PaymentIntent::Decide(const State& state, const CancelShare& cancel, absl::Time now) {
  ASSIGN_OR_RETURN(const Share share, ShareOf(state, cancel.order_id));
  if (share.order_cancelled()) return Events{};
  Decision decision(state, now);
  Event event;
  event.mutable_share_cancelled()->set_order_id(cancel.order_id);
  event.mutable_share_cancelled()->set_reason(cancel.reason);
  decision.Add(std::move(event));
  if (share.state() == Share::STATE_CAPTURED) {
    if (Refundable(share) > 0) {
      decision.AddRefundRequested(CancellationRefundId(cancel.order_id), cancel.order_id,
                                  decision.In(Refundable(share)), "order_cancelled");
    }
    return std::move(decision).Take();
  }
  if (share.state() != Share::STATE_OPEN) return std::move(decision).Take();  // Refunded once captured.
  const auto& shares = decision.intent().shares();
  const bool all_cancelled = std::all_of(shares.begin(), shares.end(),
                                         [](const Share& s) { return s.state() == Share::STATE_CANCELLED; });
  if (all_cancelled) {
    decision.StartVoid("order_cancelled");
  } else {
    decision.ApplyFunds();
  }
  return std::move(decision).Take();
}

StatusOr<Events> PaymentIntent::Decide(const State& state, const RecordReceipt& receipt, absl::Time now) {
  ASSIGN_OR_RETURN(const Share share, ShareOf(state, receipt.order_id));
  if (share.order_received()) return Events{};
  Decision decision(state, now);
  Event event;
  event.mutable_order_received()->set_order_id(receipt.order_id);
  decision.Add(std::move(event));
  if (state.intent().method() == v1::PAYMENT_METHOD_CASH_ON_DELIVERY && share.state() == Share::STATE_OPEN) {
    decision.AddShareCaptured(share, "",
                              ledger::CashCollected(receipt.order_id, AsMoney(share.amount()), now));
  }
  return std::move(decision).Take();
}

void Decision::StartVoid(std::string_view reason) {
  const Intent::State phase = intent().state();
  Event event;
  if (phase == Intent::STATE_CREATED || phase == Intent::STATE_DECLINED) {
    AddVoided(reason, "");
  } else if (phase == Intent::STATE_AWAITING_FUNDS) {
    AddVoided(reason, "");
    ReturnHeldFunds("voided", "payment_voided");
  } else if (phase == Intent::STATE_PROCESSING || phase == Intent::STATE_UNKNOWN) {
    if (intent().void_requested()) return;
    event.mutable_void_requested()->set_reason(std::string(reason));
    Add(std::move(event));
  } else if (phase == Intent::STATE_ACTION_REQUIRED || phase == Intent::STATE_AUTHORIZED) {
    if (LastOperation(state_, v1::ProviderOperation::KIND_VOID) != nullptr) return;
    event.mutable_void_started()->set_reason(std::string(reason));
    event.mutable_void_started()->set_reference(Reference("void"));
    Add(std::move(event));
  }  // Else it is given up already, or all paid.
}

void Decision::AddVoided(std::string_view reason, std::string_view reference) {
  Event event;
  *event.mutable_voided()->mutable_parties() = Parties();
  event.mutable_voided()->set_reason(std::string(reason));
  event.mutable_voided()->set_reference(std::string(reference));
  Add(std::move(event));
}

void Decision::AddShareCaptured(const Share& share, std::string_view reference, v1::JournalEntry entry) {
  Event event;
  Event::ShareCaptured& captured = *event.mutable_share_captured();
  *captured.mutable_parties() = Parties();
  captured.set_order_id(share.order_id());
  captured.set_seller_id(share.seller_id());
  *captured.mutable_amount() = share.amount();
  *captured.mutable_commission() = share.commission();
  captured.set_method(intent().method());
  captured.set_reference(std::string(reference));
  *captured.mutable_entry() = std::move(entry);
  Add(std::move(event));
}

Event::Parties Decision::Parties() const {
  Event::Parties parties;
  parties.set_intent_id(intent().intent_id());
  parties.set_group_id(intent().group_id());
  parties.set_buyer_id(intent().buyer_id());
  return parties;
}

std::string Decision::Reference(std::string_view operation, std::string_view subject) const {
  return absl::StrFormat("%s/%s%s%s", operation, intent().intent_id(), subject.empty() ? "" : "/", subject);
}

Status CheckExists(const v1::PaymentIntentState& state) {
  if (state.intent().intent_id().empty()) return NotFound("no such payment intent");
  return OkStatus();
}

StatusOr<Share> ShareOf(const v1::PaymentIntentState& state, std::string_view order_id) {
  RETURN_IF_ERROR(CheckExists(state));
  const Share* const share = FindShare(state, order_id);
  if (share == nullptr) return NotFound("the payment is not for order %s", order_id);
  return *share;
}

bool CapturedOrTrying(const Share& share) {
  return share.state() == Share::STATE_CAPTURING || share.state() == Share::STATE_CAPTURE_UNKNOWN ||
         share.state() == Share::STATE_CAPTURED;
}

}  // namespace souk::payment
