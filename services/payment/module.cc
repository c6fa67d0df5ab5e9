#include "services/payment/module.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "services/payment/bank_account.h"
#include "services/payment/earning.h"
#include "services/payment/ledger_service.h"
#include "services/payment/ledger_view.h"
#include "services/payment/order_listener.h"
#include "services/payment/payment_effects.h"
#include "services/payment/payment_service.h"
#include "services/payment/payout.h"
#include "services/payment/payout_service.h"
#include "services/payment/provider_event.h"
#include "services/payment/sandbox_provider.h"
#include "services/payment/seller_account.h"
#include "services/payment/topics.h"

namespace souk::payment {
namespace {

std::vector<config::Setting> Settings() {
  const auto check_rate = [](std::string_view value) {
    int rate = 0;
    const bool number = absl::SimpleAtoi(absl::string_view(value.data(), value.size()), &rate);
    return number && rate >= 0 && rate <= 10'000 ? OkStatus() : InvalidArgument("must be from 0 to 10000");
  };
  const auto check_iban = [](std::string_view value) { return ParseIban(value).status(); };
  return {{.key = "payment.commission_basis_points",
           .type = config::Type::kInteger,
           .default_value = "800",
           .help = "Our part of what buyers pay for items and shipping, in 1/10000.",
           .check = check_rate},
          {.key = "payment.bank_iban",
           .type = config::Type::kString,
           .default_value = "DE89 3704 0044 0532 0130 00",
           .help = "The account that buyers transfer money to.",
           .check = check_iban},
          {.key = "payment.unpaid_after",
           .type = config::Type::kDuration,
           .default_value = "5d",
           .help = "How long a bank transfer may take before the order is cancelled."},
          {.key = "payment.payout_minimum",
           .type = config::Type::kInteger,
           .default_value = "100",
           .help = "The least that is paid out to a seller, in the smallest unit of the currency."}};
}

// Where a provider in the same process brings its webhooks: one is made before the other.
class WebhookDoor {
 public:
  void Open(PaymentService& service) { service_ = &service; }
  Task<Status> Deliver(v1::ReceiveProviderEventRequest webhook) {
    if (service_ == nullptr) co_return Unavailable("the service is not open yet");
    rpc::CallContext call;
    call.principal = {.kind = Principal::Kind::kService, .id = "sandbox-provider"};
    co_await Try(service_->ReceiveProviderEvent(std::move(call), std::move(webhook)));
    co_return OkStatus();
  }

 private:
  PaymentService* service_ = nullptr;
};

class PaymentServiceModule final : public Module {
 public:
  PaymentServiceModule(const ModuleContext& context, PaymentPolicy policy, std::unique_ptr<WebhookDoor> door,
                       std::unique_ptr<Provider> provider)
      : policy_(std::move(policy)),
        engine_(context.engine_options, context.scheduler, context.clock, context.store, context.writer_of),
        door_(std::move(door)),
        provider_(std::move(provider)),
        payments_(engine_, *provider_, policy_),
        ledger_(engine_),
        payouts_(engine_, context.subject_keys, policy_),
        effects_(engine_, *provider_, context.subject_keys),
        orders_(engine_) {
    engine_.Register<PaymentIntent>();
    engine_.Register<SellerAccount>();
    engine_.Register<Earning>();
    engine_.Register<Payout>();
    engine_.Register<BankAccount>();
    engine_.Register<ProviderEvent>();
    engine_.AddView(std::make_unique<LedgerView>());
    engine_.SetPublicMapping(ToPublic);
    effects_.Register();
    door_->Open(payments_);
  }

  Engine& engine() override { return engine_; }

  void AddTo(rpc::Router& router) override {
    payments_.AddTo(router);
    ledger_.AddTo(router);
    payouts_.AddTo(router);
  }

  std::vector<Subscription*> subscriptions() override { return {&orders_.subscription()}; }
  void Started() override { provider_->Start(); }
  bool Idle() const override { return provider_->Idle(); }

 private:
  const PaymentPolicy policy_;
  Engine engine_;
  const std::unique_ptr<WebhookDoor> door_;
  const std::unique_ptr<Provider> provider_;
  PaymentService payments_;
  LedgerService ledger_;
  PayoutService payouts_;
  PaymentEffects effects_;
  OrderListener orders_;
};

StatusOr<std::unique_ptr<Provider>> OpenSandbox(const ModuleContext& context, DeliverWebhook deliver) {
  auto sandbox = std::make_unique<SandboxProvider>(context.scheduler, std::move(deliver));
  RETURN_IF_ERROR(sandbox->Open(context.data_dir + "/sandbox-provider"));
  return std::unique_ptr<Provider>(std::move(sandbox));
}

StatusOr<std::unique_ptr<Module>> Open(const OpenProvider& open_provider, const ModuleContext& context) {
  const config::Settings& settings = context.settings;
  PaymentPolicy policy{.commission_basis_points = settings.GetInteger("payment.commission_basis_points"),
                       .bank_iban = settings.GetString("payment.bank_iban"),
                       .unpaid_after = settings.GetDuration("payment.unpaid_after"),
                       .payout_minimum = settings.GetInteger("payment.payout_minimum")};
  auto door = std::make_unique<WebhookDoor>();
  ASSIGN_OR_RETURN(std::unique_ptr<Provider> provider,
                   open_provider(context, [door = door.get()](v1::ReceiveProviderEventRequest webhook) {
                     return door->Deliver(std::move(webhook));
                   }));
  return std::make_unique<PaymentServiceModule>(context, std::move(policy), std::move(door),
                                                std::move(provider));
}

}  // namespace

ModuleFactory PaymentModule(OpenProvider open_provider) {
  if (open_provider == nullptr) open_provider = OpenSandbox;
  return {.service = "payment",
          .settings = Settings(),
          .open = [open_provider = std::move(open_provider)](ModuleContext context) {
            return Open(open_provider, context);
          }};
}

}  // namespace souk::payment
