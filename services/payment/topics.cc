#include "services/payment/topics.h"

#include "services/payment/bank_account.h"
#include "services/payment/earning.h"
#include "services/payment/payment_intent.h"
#include "services/payment/payout.h"
#include "souk/payment/events/v1/payment_events.pb.h"

namespace souk::payment {
namespace {

namespace ev = events::v1;
using Public = std::optional<PublicEvent>;

const char* NameOf(v1::PaymentMethod method) {
  if (method == v1::PAYMENT_METHOD_CARD) return "card";
  if (method == v1::PAYMENT_METHOD_BANK_TRANSFER) return "bank_transfer";
  return "cash_on_delivery";
}

// A public event about the parties of an intent.
template <typename Message>
Message About(const v1::PaymentIntentEvent::Parties& parties) {
  Message message;
  message.set_intent_id(parties.intent_id());
  message.set_group_id(parties.group_id());
  message.set_buyer_id(parties.buyer_id());
  return message;
}

// RefundRequested, RefundSucceeded and RefundFailed.
template <typename Message, typename Stored>
Message AboutRefund(const Stored& stored) {
  auto message = About<Message>(stored.parties());
  message.set_refund_id(stored.refund_id());
  message.set_order_id(stored.order_id());
  message.set_seller_id(stored.seller_id());
  *message.mutable_amount() = stored.amount();
  return message;
}

Public Of(const v1::PaymentIntentEvent::Authorized& stored) {
  if (stored.unwanted()) return std::nullopt;
  auto message = About<ev::PaymentAuthorized>(stored.parties());
  *message.mutable_amount() = stored.amount();
  return PublicEvent::Of(message);
}

Public Of(const v1::PaymentIntentEvent::Declined& stored) {
  if (stored.unwanted()) return std::nullopt;
  auto message = About<ev::PaymentDeclined>(stored.parties());
  message.set_decline_code(stored.decline_code());
  message.set_retryable(stored.retryable());
  return PublicEvent::Of(message);
}

Public Of(const v1::PaymentIntentEvent::OutcomeUnknown& stored) {
  if (stored.attempts() > 1) return std::nullopt;  // Still unknown is no news.
  auto message = About<ev::PaymentOutcomeUnknown>(stored.parties());
  message.set_operation(stored.operation());
  message.set_order_id(stored.order_id());
  return PublicEvent::Of(message);
}

Public Of(const v1::PaymentIntentEvent::Voided& stored) {
  auto message = About<ev::PaymentVoided>(stored.parties());
  message.set_reason(stored.reason());
  return PublicEvent::Of(message);
}

Public Of(const v1::PaymentIntentEvent::ShareCaptured& stored) {
  auto message = About<ev::PaymentCaptured>(stored.parties());
  message.set_order_id(stored.order_id());
  message.set_seller_id(stored.seller_id());
  *message.mutable_amount() = stored.amount();
  *message.mutable_commission() = stored.commission();
  message.set_method(NameOf(stored.method()));
  return PublicEvent::Of(message);
}

Public Of(const v1::PaymentIntentEvent::CaptureFailed& stored) {
  auto message = About<ev::PaymentCaptureFailed>(stored.parties());
  message.set_order_id(stored.order_id());
  message.set_seller_id(stored.seller_id());
  message.set_failure_code(stored.failure_code());
  return PublicEvent::Of(message);
}

Public Of(const v1::PaymentIntentEvent::FundsReceived& stored) {
  auto message = About<ev::PaymentFundsReceived>(stored.parties());
  *message.mutable_order_ids() = stored.order_ids();
  *message.mutable_amount() = stored.amount();
  *message.mutable_received() = stored.received();
  *message.mutable_outstanding() = stored.outstanding();
  message.set_full(stored.full());
  *message.mutable_occur_time() = stored.occur_time();
  return PublicEvent::Of(message);
}

Public Of(const v1::PaymentIntentEvent::Expired& stored) {
  auto message = About<ev::PaymentIntentExpired>(stored.parties());
  *message.mutable_order_ids() = stored.order_ids();
  return PublicEvent::Of(message);
}

Public OfIntent(const v1::PaymentIntentEvent& event) {
  using Event = v1::PaymentIntentEvent;
  switch (event.kind_case()) {
    case Event::kActionRequired:
      return PublicEvent::Of(About<ev::PaymentActionRequired>(event.action_required().parties()));
    case Event::kAuthorized:
      return Of(event.authorized());
    case Event::kDeclined:
      return Of(event.declined());
    case Event::kOutcomeUnknown:
      return Of(event.outcome_unknown());
    case Event::kVoided:
      return Of(event.voided());
    case Event::kShareCaptured:
      return Of(event.share_captured());
    case Event::kCaptureFailed:
      return Of(event.capture_failed());
    case Event::kFundsReceived:
      return Of(event.funds_received());
    case Event::kExpired:
      return Of(event.expired());
    case Event::kRefundRequested: {
      auto message = AboutRefund<ev::RefundRequested>(event.refund_requested());
      message.set_reason(event.refund_requested().reason());
      return PublicEvent::Of(message);
    }
    case Event::kRefundSucceeded:
      return PublicEvent::Of(AboutRefund<ev::RefundSucceeded>(event.refund_succeeded()));
    case Event::kRefundFailed: {
      auto message = AboutRefund<ev::RefundFailed>(event.refund_failed());
      message.set_failure_code(event.refund_failed().failure_code());
      return PublicEvent::Of(message);
    }
    case Event::kCreated:
    case Event::kAuthorizationStarted:
    case Event::kOutcomePending:
    case Event::kVoidRequested:
    case Event::kVoidStarted:
    case Event::kVoidFailed:
    case Event::kCaptureClaimed:
    case Event::kShareCancelled:
    case Event::kOrderReceived:
    case Event::KIND_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

Public OfEarning(const v1::EarningEvent& event) {
  switch (event.kind_case()) {
    case v1::EarningEvent::kAccrued: {
      ev::EarningsAccrued message;
      message.set_seller_id(event.accrued().seller_id());
      message.set_order_id(event.accrued().order_id());
      *message.mutable_amount() = event.accrued().amount();
      *message.mutable_commission() = event.accrued().commission();
      return PublicEvent::Of(message);
    }
    case v1::EarningEvent::kReleased: {
      ev::EarningsReleased message;
      message.set_seller_id(event.released().seller_id());
      message.set_order_id(event.released().order_id());
      *message.mutable_amount() = event.released().amount();
      return PublicEvent::Of(message);
    }
    case v1::EarningEvent::kRefundReserved:
    case v1::EarningEvent::kRefundRestored:
    case v1::EarningEvent::KIND_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

template <typename Message, typename Stored>
Message AboutPayout(const Stored& stored) {
  Message message;
  message.set_payout_id(stored.payout_id());
  message.set_seller_id(stored.seller_id());
  *message.mutable_amount() = stored.amount();
  return message;
}

Public OfPayout(const v1::PayoutEvent& event) {
  switch (event.kind_case()) {
    case v1::PayoutEvent::kRequested:
      return PublicEvent::Of(AboutPayout<ev::PayoutRequested>(event.requested()));
    case v1::PayoutEvent::kPaid:
      return PublicEvent::Of(AboutPayout<ev::PayoutPaid>(event.paid()));
    case v1::PayoutEvent::kFailed: {
      auto message = AboutPayout<ev::PayoutFailed>(event.failed());
      message.set_failure_code(event.failed().failure_code());
      return PublicEvent::Of(message);
    }
    case v1::PayoutEvent::kAccepted:
    case v1::PayoutEvent::kOutcomeUnknown:
    case v1::PayoutEvent::KIND_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

Public OfBankAccount(const v1::BankAccountEvent& event) {
  switch (event.kind_case()) {
    case v1::BankAccountEvent::kVerified: {
      ev::BankAccountVerified message;
      message.set_bank_account_id(event.verified().bank_account_id());
      message.set_seller_id(event.verified().seller_id());
      return PublicEvent::Of(message);
    }
    case v1::BankAccountEvent::kAdded:
    case v1::BankAccountEvent::kRejected:
    case v1::BankAccountEvent::kBlocked:
    case v1::BankAccountEvent::KIND_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<PublicEvent> ToPublic(const event::v1::EventRecord& record) {
  if (record.aggregate() == PaymentIntent::kName) return Publish(record, OfIntent);
  if (record.aggregate() == Earning::kName) return Publish(record, OfEarning);
  if (record.aggregate() == Payout::kName) return Publish(record, OfPayout);
  if (record.aggregate() == BankAccount::kName) return Publish(record, OfBankAccount);
  return std::nullopt;
}

}  // namespace souk::payment
