#include "services/shipping/topics.h"

#include <string>

#include "services/shipping/delivery_profile.h"
#include "services/shipping/shipment.h"
#include "souk/shipping/events/v1/shipping_events.pb.h"

namespace souk::shipping {
namespace {

using Event = v1::ShipmentEvent;
using Lines = google::protobuf::RepeatedPtrField<v1::ShipmentLine>;
namespace pub = events::v1;

template <typename Source>
pub::ShipmentRef Ref(const Source& source) {
  pub::ShipmentRef ref;
  ref.set_shipment_id(source.shipment_id());
  ref.set_order_id(source.order_id());
  ref.set_seller_id(source.seller_id());
  ref.set_buyer_id(source.buyer_id());
  return ref;
}

void AddLines(const Lines& lines, google::protobuf::RepeatedPtrField<pub::ShipmentLine>& out) {
  for (const v1::ShipmentLine& line : lines) {
    pub::ShipmentLine& added = *out.Add();
    added.set_line_id(line.line_id());
    added.set_product_id(line.product_id());
    added.set_title(line.title());
    added.set_quantity(line.quantity());
  }
}

// The word of an enumerator without its prefix: "IN_TRANSIT".
std::string Word(const std::string& name, std::string_view prefix) { return name.substr(prefix.size()); }

// An event of which only the shipment and one more thing is public.
template <typename Public, typename Stored>
Public About(const Stored& stored) {
  Public message;
  *message.mutable_shipment() = Ref(stored.shipment());
  return message;
}

PublicEvent Planned(const v1::ShipmentPlanned& stored) {
  pub::ShipmentPlanned planned;
  *planned.mutable_shipment() = Ref(stored);
  AddLines(stored.lines(), *planned.mutable_lines());
  *planned.mutable_ship_by_time() = stored.promise().ship_by_time();
  return PublicEvent::Of(planned);
}

PublicEvent Dispatched(const v1::ShipmentDispatched& stored) {
  pub::ShipmentDispatched dispatched;
  dispatched.set_shipment_id(stored.shipment().shipment_id());
  dispatched.set_order_id(stored.shipment().order_id());
  dispatched.set_seller_id(stored.shipment().seller_id());
  dispatched.set_buyer_id(stored.shipment().buyer_id());
  AddLines(stored.lines(), *dispatched.mutable_lines());
  dispatched.set_carrier(stored.carrier());
  dispatched.set_tracking_code(stored.tracking_code());
  *dispatched.mutable_dispatch_time() = stored.dispatch_time();
  dispatched.set_note(stored.note());
  dispatched.set_on_time(stored.on_time());
  if (stored.promise().has_arrive_from()) *dispatched.mutable_arrive_from() = stored.promise().arrive_from();
  if (stored.promise().has_arrive_until())
    *dispatched.mutable_arrive_until() = stored.promise().arrive_until();
  return PublicEvent::Of(dispatched);
}

PublicEvent ScanRecorded(const v1::ShipmentScanRecorded& stored) {
  auto recorded = About<pub::ShipmentScanRecorded>(stored);
  recorded.set_status(Word(v1::ScanStatus_Name(stored.scan().status()), "SCAN_STATUS_"));
  *recorded.mutable_occur_time() = stored.scan().occur_time();
  recorded.set_state(Word(v1::ShipmentState::State_Name(stored.state()), "STATE_"));
  return PublicEvent::Of(recorded);
}

PublicEvent Delivered(const v1::ShipmentDelivered& stored) {
  pub::ShipmentDelivered delivered;
  delivered.set_shipment_id(stored.shipment().shipment_id());
  delivered.set_order_id(stored.shipment().order_id());
  delivered.set_seller_id(stored.shipment().seller_id());
  delivered.set_buyer_id(stored.shipment().buyer_id());
  *delivered.mutable_delivered_time() = stored.deliver_time();
  return PublicEvent::Of(delivered);
}

std::optional<PublicEvent> OfShipment(const Event& event) {
  switch (event.kind_case()) {
    case Event::kPlanned:
      return Planned(event.planned());
    case Event::kReady: {
      auto ready = About<pub::ShipmentReady>(event.ready());
      *ready.mutable_ship_by_time() = event.ready().ship_by_time();
      return PublicEvent::Of(ready);
    }
    case Event::kPacked: {
      auto packed = About<pub::ShipmentPacked>(event.packed());
      packed.set_complete(event.packed().complete());
      return PublicEvent::Of(packed);
    }
    case Event::kDispatched:
      return Dispatched(event.dispatched());
    case Event::kScanRecorded:
      return ScanRecorded(event.scan_recorded());
    case Event::kDelivered:
      return Delivered(event.delivered());
    case Event::kLinesCancelled: {
      auto cancelled = About<pub::ShipmentCancelled>(event.lines_cancelled());
      cancelled.set_complete(event.lines_cancelled().complete());
      return PublicEvent::Of(cancelled);
    }
    case Event::kShipByAtRisk: {
      auto at_risk = About<pub::ShipBySlaAtRisk>(event.ship_by_at_risk());
      *at_risk.mutable_ship_by_time() = event.ship_by_at_risk().ship_by_time();
      return PublicEvent::Of(at_risk);
    }
    case Event::kShipByMissed: {
      auto missed = About<pub::ShipBySlaMissed>(event.ship_by_missed());
      *missed.mutable_ship_by_time() = event.ship_by_missed().ship_by_time();
      return PublicEvent::Of(missed);
    }
    case Event::kPromiseKept: {
      auto kept = About<pub::PromiseKept>(event.promise_kept());
      kept.set_early_days(event.promise_kept().early_days());
      return PublicEvent::Of(kept);
    }
    case Event::kPromiseMissed: {
      auto missed = About<pub::PromiseMissed>(event.promise_missed());
      missed.set_late_days(event.promise_missed().late_days());
      return PublicEvent::Of(missed);
    }
    case Event::KIND_NOT_SET:
      break;
  }
  return std::nullopt;
}

std::optional<PublicEvent> OfProfile(const v1::DeliveryProfileEvent& event) {
  switch (event.kind_case()) {
    case v1::DeliveryProfileEvent::kDefined: {
      pub::DeliveryProfileDefined defined;
      defined.set_profile_id(event.defined().profile().profile_id());
      defined.set_seller_id(event.defined().profile().seller_id());
      defined.set_version(event.defined().profile().version());
      return PublicEvent::Of(defined);
    }
    case v1::DeliveryProfileEvent::KIND_NOT_SET:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::optional<PublicEvent> ToPublic(const event::v1::EventRecord& record) {
  if (record.aggregate() == Shipment::kName) return Publish(record, OfShipment);
  if (record.aggregate() == DeliveryProfile::kName) return Publish(record, OfProfile);
  return std::nullopt;
}

}  // namespace souk::shipping
