#include "services/shipping/module.h"

#include <memory>
#include <utility>
#include <vector>

#include "libs/base/proto_time.h"
#include "services/shipping/delivery_profile.h"
#include "services/shipping/delivery_service.h"
#include "services/shipping/quote.h"
#include "services/shipping/shipment.h"
#include "services/shipping/shipment_service.h"
#include "services/shipping/topics.h"
#include "services/shipping/tracker.h"
#include "souk/order/events/v1/order_events.pb.h"

namespace souk::shipping {
namespace {

using order::events::v1::OrderCancelled;
using order::events::v1::OrderPaymentConfirmed;
using order::events::v1::OrderPlaced;

Plan PlanFor(const OrderPlaced& placed) {
  Plan plan;
  v1::ShipmentPlanned& planned = plan.planned;
  planned.set_shipment_id(ShipmentOf(placed.order_id()).str());
  planned.set_order_id(placed.order_id());
  planned.set_group_id(placed.group_id());
  planned.set_seller_id(placed.seller_id());
  planned.set_buyer_id(placed.buyer_id());
  for (const auto& ordered : placed.lines()) {
    v1::ShipmentLine& line = *planned.add_lines();
    line.set_line_id(ordered.line_id());
    line.set_product_id(ordered.product_id());
    line.set_title(ordered.title());
    line.set_quantity(static_cast<std::int32_t>(ordered.quantity()));
  }
  *planned.mutable_place_time() = placed.place_time();
  v1::DeliveryPromise& promise = *planned.mutable_promise();
  *promise.mutable_ship_by_time() = placed.shipping().ship_by_time();
  *promise.mutable_arrive_from() = placed.shipping().arrive_from();
  *promise.mutable_arrive_until() = placed.shipping().arrive_until();
  promise.set_time_zone(placed.shipping().time_zone());
  planned.set_quote_id(placed.shipping().quote_id());
  planned.set_option_id(placed.shipping().option_id());
  return plan;
}

class ShippingModuleOf final : public Module {
 public:
  explicit ShippingModuleOf(ModuleContext context)
      : context_(std::move(context)),
        engine_(context_.engine_options, context_.scheduler, context_.clock, context_.store,
                context_.writer_of),
        deliveries_(engine_),
        shipments_(engine_) {
    engine_.Register<DeliveryProfile>();
    engine_.Register<QuoteSet>();
    engine_.Register<Shipment>();
    engine_.Register<Tracker>();
    engine_.SetPublicMapping(ToPublic);
    for (const char* const timer : {kShipByReminderTimer, kShipByTimer}) {
      engine_.OnEffect<Shipment>(timer, [this](Effect effect) { return OnShipByTimer(std::move(effect)); });
    }
    engine_.OnEffect<Shipment>(kClaimScansEffect,
                               [this](Effect effect) { return shipments_.ClaimScans(std::move(effect)); });
    orders_.On<OrderPlaced>([this](Delivery delivery, OrderPlaced placed) {
      return Execute(placed.order_id(), PlanFor(placed), delivery.Metadata());
    });
    orders_.On<OrderPaymentConfirmed>([this](Delivery delivery, OrderPaymentConfirmed confirmed) {
      MarkReady command;
      if (confirmed.has_ship_by_time()) command.ship_by = FromProto(confirmed.ship_by_time());
      return Execute(confirmed.order_id(), command, delivery.Metadata());
    });
    orders_.On<OrderCancelled>([this](Delivery delivery, OrderCancelled cancelled) {
      return Execute(cancelled.order_id(), CancelLines{.lines = {}, .reason = cancelled.reason()},
                     delivery.Metadata());
    });
  }

  Engine& engine() override { return engine_; }
  void AddTo(rpc::Router& router) override {
    deliveries_.AddTo(router);
    shipments_.AddTo(router);
  }
  std::vector<Subscription*> subscriptions() override { return {&orders_}; }

 private:
  template <typename Command>
  Task<Status> Execute(std::string order_id, Command command, CommandMetadata metadata) {
    co_await Try(CheckId("order_id", order_id));
    co_await Try(engine_.Execute<Shipment>(ShipmentOf(order_id), std::move(command), std::move(metadata)));
    co_return OkStatus();
  }

  Task<Status> OnShipByTimer(Effect effect) {
    co_await Try(
        engine_.Execute<Shipment>(Shipment::Id::Of(effect.aggregate_id), CheckShipBy{}, effect.Metadata()));
    co_return OkStatus();
  }

  ModuleContext context_;
  Engine engine_;
  DeliveryService deliveries_;
  ShipmentService shipments_;
  Subscription orders_{"order"};
};

StatusOr<std::unique_ptr<Module>> Open(ModuleContext context) {
  return std::make_unique<ShippingModuleOf>(std::move(context));
}

}  // namespace

ModuleFactory ShippingModule() { return {.service = "shipping", .settings = {}, .open = Open}; }

}  // namespace souk::shipping
