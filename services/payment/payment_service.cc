#include "services/payment/payment_service.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "absl/strings/str_format.h"
#include "libs/base/card_number.h"
#include "libs/base/proto_time.h"
#include "libs/base/request_field.h"
#include "libs/base/uuid.h"
#include "services/payment/money_proto.h"
#include "services/payment/provider_event.h"

namespace souk::payment {
namespace {

constexpr std::size_t kTokenSizeMax = 64;
constexpr std::size_t kProviderWordBytesMax = 200;
// Of one amount; sums of thousands of them stay below 2^63.
constexpr std::int64_t kMinorUnitsMax = 1'000'000'000'000'000;
// How long AuthorizePayment waits for the provider. After that the caller listens.
constexpr absl::Duration kAuthorizationWait = absl::Seconds(10);

StatusOr<Money> ParseMoney(std::string_view field, const type::v1::Money& money) {
  if (!MinorUnitDigits(money.currency_code()).ok()) {
    return InvalidField(field, "must have the code of a currency, such as \"EUR\"");
  }
  if (money.minor_units() < -kMinorUnitsMax || money.minor_units() > kMinorUnitsMax) {
    return InvalidField(field, "is out of range");
  }
  return AsMoney(money);
}

StatusOr<CreateIntent> ParseCreate(const v1::CreatePaymentIntentRequest& request,
                                   const PaymentPolicy& policy) {
  CreateIntent create{.intent_id = request.intent_id(),
                      .group_id = request.group_id(),
                      .buyer_id = request.buyer_id(),
                      .method = request.method(),
                      .card_token = request.card_token(),
                      .commission_basis_points = policy.commission_basis_points,
                      .iban = policy.bank_iban,
                      .unpaid_after = policy.unpaid_after};
  RETURN_IF_ERROR(CheckId("group_id", request.group_id()));
  RETURN_IF_ERROR(CheckId("buyer_id", request.buyer_id()));
  ASSIGN_OR_RETURN(create.amount, ParseMoney("amount", request.amount()));
  if (request.method() != v1::PAYMENT_METHOD_CARD && request.method() != v1::PAYMENT_METHOD_BANK_TRANSFER &&
      request.method() != v1::PAYMENT_METHOD_CASH_ON_DELIVERY) {
    return InvalidField("method", "must be one of the known ways to pay");
  }
  if (!request.card_token().empty()) RETURN_IF_ERROR(CheckCardToken(request.card_token()));
  for (const v1::CreatePaymentIntentRequest::Share& share : request.shares()) {
    for (const auto* const part : {&share.amount(), &share.items(), &share.shipping()}) {
      RETURN_IF_ERROR(ParseMoney("shares", *part).status());
    }
    RETURN_IF_ERROR(CheckId("shares.order_id", share.order_id()));
    RETURN_IF_ERROR(CheckId("shares.seller_id", share.seller_id()));
    create.shares.push_back({.order_id = share.order_id(),
                             .seller_id = share.seller_id(),
                             .amount = AsMoney(share.amount()),
                             .items = AsMoney(share.items()),
                             .shipping = AsMoney(share.shipping())});
  }
  if (request.has_expire_time()) {
    ASSIGN_OR_RETURN(create.deadline, RequestTime("expire_time", request.expire_time()));
  }
  return create;
}

template <typename Request>
StatusOr<std::optional<Money>> ParseOptionalAmount(const Request& request) {
  if (!request.has_amount()) return std::optional<Money>();
  ASSIGN_OR_RETURN(Money amount, ParseMoney("amount", request.amount()));
  return std::optional<Money>(std::move(amount));
}

template <typename Response>
Response With(const v1::PaymentIntentState& state) {
  Response response;
  *response.mutable_payment_intent() = Render(state);
  return response;
}

}  // namespace

void PaymentService::AddTo(rpc::Router& router) {
  using rpc::kBuyers, rpc::kGuests, rpc::kOperators, rpc::kServices;
  router.Add<&PaymentService::CreatePaymentIntent>(*this, kServices);
  router.Add<&PaymentService::AuthorizePayment>(*this, kServices);
  router.Add<&PaymentService::ConfirmCardAction>(*this, kBuyers | kGuests | kServices);
  router.Add<&PaymentService::VoidPayment>(*this, kServices | kOperators);
  router.Add<&PaymentService::GetPaymentIntent>(*this, kBuyers | kGuests | kServices | kOperators);
  router.Add<&PaymentService::RecordFunds>(*this, kOperators);
  router.Add<&PaymentService::RequestRefund>(*this, kServices | kOperators);
  router.Add<&PaymentService::RefundOverpayment>(*this, kServices | kOperators);
  router.Add<&PaymentService::ReceiveProviderEvent>(*this, kServices | kOperators);
}

Task<StatusOr<v1::CreatePaymentIntentResponse>> PaymentService::CreatePaymentIntent(
    rpc::CallContext call, v1::CreatePaymentIntentRequest request) {
  const PaymentIntent::Id id = co_await Try(PaymentIntent::Id::Parse(request.intent_id()));
  CreateIntent create = co_await Try(ParseCreate(request, policy_));
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const auto state = co_await Try(engine_.Execute<PaymentIntent>(id, std::move(create), std::move(metadata)));
  co_return With<v1::CreatePaymentIntentResponse>(*state);
}

Task<StatusOr<v1::AuthorizePaymentResponse>> PaymentService::AuthorizePayment(
    rpc::CallContext call, v1::AuthorizePaymentRequest request) {
  const PaymentIntent::Id id = co_await Try(PaymentIntent::Id::Parse(request.intent_id()));
  if (!request.card_token().empty()) co_await Try(CheckCardToken(request.card_token()));
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Authorize authorize{.card_token = request.card_token()};
  const auto started = co_await Try(engine_.Execute<PaymentIntent>(id, authorize, std::move(metadata)));
  const v1::ProviderOperation* const operation =
      LastOperation(*started, v1::ProviderOperation::KIND_AUTHORIZE);
  if (operation != nullptr) {
    const absl::Time deadline = std::min(call.deadline, engine_.scheduler().Now() + kAuthorizationWait);
    const Status ended =
        co_await engine_.AwaitEffect<PaymentIntent>(id, "submit", operation->reference(), deadline);
    // At the deadline it goes on by itself; the state says how far it is.
    if (!absl::IsDeadlineExceeded(ended)) co_await Try(ended);
  }
  co_return With<v1::AuthorizePaymentResponse>(*co_await Try(engine_.Read<PaymentIntent>(id)));
}

Task<StatusOr<v1::ConfirmCardActionResponse>> PaymentService::ConfirmCardAction(
    rpc::CallContext call, v1::ConfirmCardActionRequest request) {
  const PaymentIntent::Id id = co_await Try(PaymentIntent::Id::Parse(request.intent_id()));
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Shared<v1::PaymentIntentState> state = co_await Try(Find(call, id));
  const v1::ProviderOperation* const operation = LastOperation(*state, v1::ProviderOperation::KIND_AUTHORIZE);
  if (operation == nullptr || state->intent().state() != v1::PaymentIntent::STATE_ACTION_REQUIRED) {
    co_return With<v1::ConfirmCardActionResponse>(*state);
  }
  const std::optional<ProviderResult> result = co_await provider_.Query(operation->reference());
  const RecordOutcome outcome{.reference = operation->reference(),
                              .result = result.value_or(ProviderResult())};
  metadata.request_id.clear();  // The operation's end counts once; until then every look is a new one.
  co_return With<v1::ConfirmCardActionResponse>(
      *co_await Try(engine_.Execute<PaymentIntent>(id, outcome, std::move(metadata))));
}

Task<StatusOr<v1::VoidPaymentResponse>> PaymentService::VoidPayment(rpc::CallContext call,
                                                                    v1::VoidPaymentRequest request) {
  const PaymentIntent::Id id = co_await Try(PaymentIntent::Id::Parse(request.intent_id()));
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  co_await Try(CheckSize("reason", request.reason(), kReasonBytesMax));
  const Void command{.reason = request.reason()};
  co_return With<v1::VoidPaymentResponse>(
      *co_await Try(engine_.Execute<PaymentIntent>(id, command, std::move(metadata))));
}

Task<StatusOr<v1::GetPaymentIntentResponse>> PaymentService::GetPaymentIntent(
    rpc::CallContext call, v1::GetPaymentIntentRequest request) {
  const PaymentIntent::Id id = co_await Try(PaymentIntent::Id::Parse(request.intent_id()));
  co_return With<v1::GetPaymentIntentResponse>(*co_await Try(Find(call, id)));
}

Task<StatusOr<v1::RecordFundsResponse>> PaymentService::RecordFunds(rpc::CallContext call,
                                                                    v1::RecordFundsRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  co_await Try(CheckId("reference", request.reference()));
  const Money amount = co_await Try(ParseMoney("amount", request.amount()));
  const std::optional<std::string> intent_id =
      co_await Try(engine_.Lookup("intents_by_reference", request.reference()));
  if (!intent_id.has_value()) co_return NotFound("no payment with reference %s", request.reference());
  payment::RecordFunds funds{
      .receipt_id = DerivedUuid("receipt", request.request_id(), ToString(call.principal)),
      .amount = amount,
      .occur_time = engine_.clock().Now()};
  if (request.has_occur_time()) {
    funds.occur_time = co_await Try(RequestTime("occur_time", request.occur_time()));
  }
  co_return With<v1::RecordFundsResponse>(*co_await Try(
      engine_.Execute<PaymentIntent>(PaymentIntent::Id::Of(*intent_id), funds, std::move(metadata))));
}

Task<StatusOr<v1::RequestRefundResponse>> PaymentService::RequestRefund(rpc::CallContext call,
                                                                        v1::RequestRefundRequest request) {
  const PaymentIntent::Id id = co_await Try(PaymentIntent::Id::Parse(request.intent_id()));
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  co_await Try(CheckId("order_id", request.order_id()));
  co_await Try(CheckSize("reason", request.reason(), kReasonBytesMax));
  const std::optional<Money> amount = co_await Try(ParseOptionalAmount(request));
  const RefundOrder refund{.refund_id = DerivedUuid("refund", request.request_id(), ToString(call.principal)),
                           .order_id = request.order_id(),
                           .amount = amount,
                           .reason = request.reason()};
  auto response = With<v1::RequestRefundResponse>(
      *co_await Try(engine_.Execute<PaymentIntent>(id, refund, std::move(metadata))));
  response.set_refund_id(refund.refund_id);
  co_return response;
}

Task<StatusOr<v1::RefundOverpaymentResponse>> PaymentService::RefundOverpayment(
    rpc::CallContext call, v1::RefundOverpaymentRequest request) {
  const PaymentIntent::Id id = co_await Try(PaymentIntent::Id::Parse(request.intent_id()));
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const std::optional<Money> amount = co_await Try(ParseOptionalAmount(request));
  const RefundHeldFunds refund{
      .refund_id = DerivedUuid("refund", request.request_id(), ToString(call.principal)), .amount = amount};
  auto response = With<v1::RefundOverpaymentResponse>(
      *co_await Try(engine_.Execute<PaymentIntent>(id, refund, std::move(metadata))));
  response.set_refund_id(refund.refund_id);
  co_return response;
}

Task<StatusOr<v1::ReceiveProviderEventResponse>> PaymentService::ReceiveProviderEvent(
    rpc::CallContext call, v1::ReceiveProviderEventRequest request) {
  co_await Try(CheckId("event_id", request.event_id()));
  if (request.reference().empty()) co_return InvalidField("reference", "is missing");
  co_await Try(CheckSize("reference", request.reference(), kProviderWordBytesMax));
  co_await Try(CheckSize("failure_code", request.failure_code(), kProviderWordBytesMax));
  if (request.outcome() == v1::PROVIDER_OUTCOME_UNSPECIFIED ||
      !v1::ProviderOutcome_IsValid(request.outcome())) {
    co_return InvalidField("outcome", "is missing");
  }
  // The provider's id is the request's: whatever comes again under it is the same event.
  CommandMetadata metadata = co_await Try(call.Metadata(DerivedUuid("provider_event", request.event_id())));
  metadata.fingerprint = 0;
  const Receive receive{
      .reference = request.reference(), .outcome = request.outcome(), .failure_code = request.failure_code()};
  co_await Try(engine_.Execute<ProviderEvent>(ProviderEvent::Id::Of(request.event_id()), receive,
                                              std::move(metadata)));
  v1::ReceiveProviderEventResponse response;
  response.set_event_id(request.event_id());
  co_return response;
}

StatusOr<Shared<v1::PaymentIntentState>> PaymentService::Find(const rpc::CallContext& call,
                                                              const PaymentIntent::Id& id) const {
  ASSIGN_OR_RETURN(Shared<v1::PaymentIntentState> state, engine_.Read<PaymentIntent>(id));
  const bool staff = call.principal.IsOperator() || call.principal.IsService();
  const bool own =
      !state->intent().buyer_id().empty() && state->intent().buyer_id() == BuyerIdOf(call.principal);
  if (state->intent().intent_id().empty() || (!staff && !own)) return NotFound("no such payment intent");
  return state;
}

v1::PaymentIntent Render(const v1::PaymentIntentState& state) {
  v1::PaymentIntent intent = state.intent();
  const auto in = [&](std::int64_t minor_units) {
    return AsProto({minor_units, intent.amount().currency_code()});
  };
  *intent.mutable_overpaid() = in(Overpaid(state));
  if (intent.state() == v1::PaymentIntent::STATE_ACTION_REQUIRED) {
    intent.mutable_card_next_action()->set_url(state.action_url());
  }
  if (intent.method() == v1::PAYMENT_METHOD_BANK_TRANSFER) {
    v1::BankTransfer& transfer = *intent.mutable_bank_transfer();
    transfer.set_iban(state.iban());
    transfer.set_reference(state.reference());
    *transfer.mutable_amount() = in(Outstanding(state));
    *transfer.mutable_deadline() = state.deadline();
  }
  if (intent.method() == v1::PAYMENT_METHOD_CASH_ON_DELIVERY) {
    *intent.mutable_cash_on_delivery()->mutable_amount() = in(Outstanding(state));
  }
  return intent;
}

Status CheckCardToken(std::string_view token) {
  if (token.empty() || token.size() > kTokenSizeMax) {
    return InvalidField("card_token", "must be the provider's token of a card");
  }
  const bool is_word = std::all_of(token.begin(), token.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
  if (!is_word) return InvalidField("card_token", "must be the provider's token of a card");
  if (ContainsCardNumber(token)) {
    return InvalidField("card_token", "looks like a card number; send the provider's token instead");
  }
  return OkStatus();
}

}  // namespace souk::payment
