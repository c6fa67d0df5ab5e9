#include "services/order/module.h"

#include <memory>
#include <utility>
#include <vector>

#include "services/order/cancellation.h"
#include "services/order/checkout.h"
#include "services/order/checkout_saga.h"
#include "services/order/checkout_service.h"
#include "services/order/order.h"
#include "services/order/order_group.h"
#include "services/order/order_internal_service.h"
#include "services/order/order_listener.h"
#include "services/order/order_service.h"
#include "services/order/order_timers.h"
#include "services/order/topics.h"

namespace souk::order {
namespace {

// The defaults come from the sources named in docs/ARCHITECTURE.md: Sharetribe for hold,
// receipt and auto-cancel, Sylius for the bank transfer.
std::vector<config::Setting> DeclaredSettings() {
  const auto duration = [](const char* key, const char* default_value, const char* help) {
    return config::Setting{
        .key = key, .type = config::Type::kDuration, .default_value = default_value, .help = help};
  };
  const auto not_zero = [&](const char* key, const char* default_value, const char* help) {
    config::Setting setting = duration(key, default_value, help);
    setting.check = config::NotZero;
    return setting;
  };
  return {
      not_zero("order.stock_hold", "15m", "How long an attempt to place an order holds stock."),
      duration("order.payment_wait", "1h",
               "How long an attempt waits for a payment whose outcome is not known."),
      duration("order.action_wait", "15m",
               "How long an attempt waits for the buyer to confirm with the bank."),
      not_zero("order.checkout_expire_after", "24h", "When an open checkout is given up."),
      duration("order.unpaid_cancel_after", "5d",
               "When an order whose bank transfer has not come is cancelled."),
      duration("order.auto_cancel_after_ship_by", "14d",
               "When an undispatched order is cancelled, counted from its ship-by time."),
      duration("order.receive_after_delivery", "3d",
               "When an order counts as received, counted from the carrier's delivery scan."),
      duration("order.receive_after_dispatch", "14d",
               "When an order counts as received, counted from its dispatch."),
      duration("order.receipt_reminder_after", "12d",
               "When the buyer is asked for receipt, counted from dispatch."),
  };
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::ToInt64Seconds(duration));
  return proto;
}

CheckoutPolicy PolicyFrom(const config::Settings& settings) {
  CheckoutPolicy policy;
  policy.stock_hold = settings.GetDuration("order.stock_hold");
  policy.payment_wait = settings.GetDuration("order.payment_wait");
  policy.action_wait = settings.GetDuration("order.action_wait");
  policy.expire_after = settings.GetDuration("order.checkout_expire_after");
  const auto proto = [&](const char* key) { return ToProto(settings.GetDuration(key)); };
  *policy.order.mutable_unpaid_cancel_after() = proto("order.unpaid_cancel_after");
  *policy.order.mutable_auto_cancel_after_ship_by() = proto("order.auto_cancel_after_ship_by");
  *policy.order.mutable_receive_after_delivery() = proto("order.receive_after_delivery");
  *policy.order.mutable_receive_after_dispatch() = proto("order.receive_after_dispatch");
  *policy.order.mutable_receipt_reminder_after() = proto("order.receipt_reminder_after");
  return policy;
}

class OrderModuleOf final : public Module {
 public:
  explicit OrderModuleOf(ModuleContext context)
      : context_(std::move(context)),
        engine_(context_.engine_options, context_.scheduler, context_.clock, context_.store,
                context_.writer_of),
        saga_(engine_, context_.channels, PolicyFrom(context_.settings)),
        cancellation_(engine_, context_.channels),
        timers_(engine_, cancellation_),
        listener_(engine_),
        checkouts_(engine_, context_.channels, context_.subject_keys, PolicyFrom(context_.settings)),
        orders_(engine_, context_.subject_keys, cancellation_),
        internal_(engine_, context_.subject_keys) {
    engine_.Register<Order>();
    engine_.Register<OrderGroup>();
    engine_.Register<Checkout>();
    engine_.SetPublicMapping(ToPublic);
    saga_.Register();
    timers_.Register();
  }

  Engine& engine() override { return engine_; }

  void AddTo(rpc::Router& router) override {
    checkouts_.AddTo(router);
    orders_.AddTo(router);
    internal_.AddTo(router);
  }

  std::vector<Subscription*> subscriptions() override {
    return {&listener_.payment(), &listener_.shipping()};
  }

 private:
  ModuleContext context_;
  Engine engine_;
  CheckoutSaga saga_;
  Cancellation cancellation_;
  OrderTimers timers_;
  OrderListener listener_;
  CheckoutService checkouts_;
  OrderService orders_;
  OrderInternalService internal_;
};

StatusOr<std::unique_ptr<Module>> Open(ModuleContext context) {
  return std::make_unique<OrderModuleOf>(std::move(context));
}

}  // namespace

ModuleFactory OrderModule() { return {.service = "order", .settings = DeclaredSettings(), .open = Open}; }

}  // namespace souk::order
