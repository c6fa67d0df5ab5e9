// What events make of a shipment: its state, its timers and effects, its index rows.
#include "libs/base/proto_time.h"
#include "libs/base/sortable_time.h"
#include "services/shipping/scan_order.h"
#include "services/shipping/shipment.h"
#include "services/shipping/shipment_lines.h"
#include "services/shipping/tracker.h"

namespace souk::shipping {
namespace {

using State = Shipment::State;
using Event = Shipment::Event;

}  // namespace

void Shipment::Evolve(State& state, const Event& event) {
  switch (event.kind_case()) {
    case Event::kPlanned: {
      const v1::ShipmentPlanned& planned = event.planned();
      state.set_shipment_id(planned.shipment_id());
      state.set_order_id(planned.order_id());
      state.set_group_id(planned.group_id());
      state.set_seller_id(planned.seller_id());
      state.set_buyer_id(planned.buyer_id());
      state.set_state(State::STATE_PLANNED);
      *state.mutable_lines() = planned.lines();
      *state.mutable_place_time() = planned.place_time();
      *state.mutable_promise() = planned.promise();
      *state.mutable_ship_by_time() = planned.promise().ship_by_time();
      state.set_quote_id(planned.quote_id());
      state.set_option_id(planned.option_id());
      break;
    }
    case Event::kReady:
      state.set_state(State::STATE_READY);
      *state.mutable_ready_time() = event.ready().ready_time();
      *state.mutable_ship_by_time() = event.ready().ship_by_time();
      break;
    case Event::kPacked:
      for (const v1::PackedLine& line : event.packed().lines()) AddPacked(*state.mutable_lines(), line);
      if (event.packed().complete()) {
        state.set_state(State::STATE_PACKED);
        *state.mutable_pack_time() = event.packed().pack_time();
      }
      break;
    case Event::kDispatched:
      state.set_state(State::STATE_DISPATCHED);
      state.set_carrier(event.dispatched().carrier());
      state.set_tracking_code(event.dispatched().tracking_code());
      *state.mutable_dispatch_time() = event.dispatched().dispatch_time();
      state.set_note(event.dispatched().note());
      // Who was in time and only says so late has missed nothing.
      state.set_ship_by_missed(!event.dispatched().on_time());
      break;
    case Event::kScanRecorded: {
      const v1::Scan& scan = event.scan_recorded().scan();
      InsertScan(*state.mutable_scans(), scan);
      state.set_state(event.scan_recorded().state());
      const bool delivered = scan.status() == v1::SCAN_STATUS_DELIVERED;
      if (delivered &&
          (!state.has_deliver_time() || FromProto(scan.occur_time()) < FromProto(state.deliver_time()))) {
        *state.mutable_deliver_time() = scan.occur_time();
      }
      break;
    }
    case Event::kDelivered:
      state.set_delivery_announced(true);
      break;
    case Event::kLinesCancelled:
      for (const v1::PackedLine& line : event.lines_cancelled().lines())
        TakeOff(*state.mutable_lines(), line);
      if (event.lines_cancelled().complete()) {
        state.set_state(State::STATE_CANCELLED);
      } else if (state.state() == State::STATE_READY && AllPacked(state.lines())) {
        state.set_state(State::STATE_PACKED);
      }
      break;
    case Event::kShipByAtRisk:
      state.set_ship_by_at_risk(true);
      break;
    case Event::kShipByMissed:
      state.set_ship_by_missed(true);
      break;
    case Event::kPromiseKept:
    case Event::kPromiseMissed:
    case Event::KIND_NOT_SET:
      break;
  }
}

void Shipment::React(const Id&, const State& state, const Event& event, absl::Time now,
                     Reactions& reactions) {
  switch (event.kind_case()) {
    case Event::kReady: {
      // Overdue begins with the second after the last one that is in time.
      const absl::Time ship_by = FromProto(state.ship_by_time());
      reactions.Start({.kind = kShipByTimer, .key = "", .payload = "", .due = ship_by + absl::Seconds(1)});
      // Who has less than a day from the beginning needs no reminder.
      if (ship_by - kShipByReminder > now) {
        reactions.Start(
            {.kind = kShipByReminderTimer, .key = "", .payload = "", .due = ship_by - kShipByReminder});
      }
      break;
    }
    case Event::kDispatched:
      reactions.Cancel(kShipByReminderTimer);
      reactions.Cancel(kShipByTimer);
      if (!state.tracking_code().empty()) {
        reactions.Start({.kind = kClaimScansEffect, .key = "", .payload = ""});
      }
      break;
    case Event::kLinesCancelled:
      if (state.state() != State::STATE_CANCELLED) break;
      reactions.Cancel(kShipByReminderTimer);
      reactions.Cancel(kShipByTimer);
      break;
    case Event::kShipByAtRisk:
      reactions.Cancel(kShipByReminderTimer);
      break;
    case Event::kShipByMissed:
      reactions.Cancel(kShipByReminderTimer);
      reactions.Cancel(kShipByTimer);
      break;
    case Event::kPlanned:
    case Event::kPacked:
    case Event::kScanRecorded:
    case Event::kDelivered:
    case Event::kPromiseKept:
    case Event::kPromiseMissed:
    case Event::KIND_NOT_SET:
      break;
  }
}

void Shipment::Index(const Id& id, const State& state, IndexRows& rows) {
  if (state.state() == State::STATE_UNSPECIFIED) return;
  const std::string by_place_time = SortableTime(FromProto(state.place_time())) + "/" + id.str();
  rows.Add("shipments_by_seller", state.seller_id() + "/" + by_place_time);
  rows.Add("shipments_by_buyer", state.buyer_id() + "/" + by_place_time);
  if (AwaitsDispatch(state)) {
    const std::string ship_by = SortableTime(FromProto(state.ship_by_time()));
    rows.Add("shipments_to_dispatch", state.seller_id() + "/" + ship_by + "/" + id.str());
  }
  if (!state.tracking_code().empty()) {
    const std::string dispatch_time = SortableTime(FromProto(state.dispatch_time()));
    rows.Add("shipments_by_tracking",
             TrackerOf(state.carrier(), state.tracking_code()).str() + "/" + dispatch_time + "/" + id.str());
  }
}

}  // namespace souk::shipping
