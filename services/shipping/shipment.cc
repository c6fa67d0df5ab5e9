#include "services/shipping/shipment.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/proto_time.h"
#include "services/shipping/date.h"
#include "services/shipping/promise.h"
#include "services/shipping/scan_order.h"
#include "services/shipping/shipment_lines.h"

namespace souk::shipping {
namespace {

using State = Shipment::State;
using Event = Shipment::Event;
using Events = Shipment::Events;

v1::ShipmentRef RefOf(const State& state) {
  v1::ShipmentRef ref;
  ref.set_shipment_id(state.shipment_id());
  ref.set_order_id(state.order_id());
  ref.set_seller_id(state.seller_id());
  ref.set_buyer_id(state.buyer_id());
  return ref;
}

Status Illegal(const State& state, std::string_view what) {
  if (state.state() == State::STATE_PLANNED) {
    return Rejected("ORDER_UNPAID", {{"waits_for", "payment"}},
                    "the order is not paid yet; its shipment can be %s once it is AWAITING_DISPATCH", what);
  }
  return IllegalTransition("shipment is %s; it cannot be %s", State::State_Name(state.state()).substr(6),
                           what);
}

Status CheckSeller(const State& state, const std::string& seller_id) {
  if (state.state() == State::STATE_UNSPECIFIED || state.seller_id() != seller_id) return NoSuchShipment();
  return OkStatus();
}

std::vector<v1::PackedLine> Unpacked(const State& state) {
  std::vector<v1::PackedLine> rest;
  for (const v1::ShipmentLine& line : state.lines()) {
    if (line.quantity() == line.packed_quantity()) continue;
    v1::PackedLine& left = rest.emplace_back();
    left.set_line_id(line.line_id());
    left.set_quantity(line.quantity() - line.packed_quantity());
  }
  return rest;
}

// INVALID_ARGUMENT or QUANTITY_LIMIT when `wanted` is not what is left to be packed.
Status CheckPackable(const State& state, const std::vector<v1::PackedLine>& wanted) {
  Lines lines = state.lines();
  for (const v1::PackedLine& packed : wanted) {
    const auto line = FindLine(lines, packed.line_id());
    if (line == lines.end()) return InvalidField("lines", "name a line that the order does not have");
    if (packed.quantity() < 1) return InvalidField("lines", "must have a quantity of at least 1");
    const int left = line->quantity() - line->packed_quantity();
    if (packed.quantity() > left) {
      return Rejected("QUANTITY_LIMIT",
                      {{"line_id", packed.line_id()}, {"left", absl::StrFormat("%d", left)}},
                      "only %d are left to be packed", left);
    }
    AddPacked(lines, packed);
  }
  return OkStatus();
}

Event Packed(const State& state, const std::vector<v1::PackedLine>& packed, absl::Time now) {
  Lines after = state.lines();
  for (const v1::PackedLine& line : packed) AddPacked(after, line);
  Event event;
  *event.mutable_packed()->mutable_shipment() = RefOf(state);
  event.mutable_packed()->mutable_lines()->Assign(packed.begin(), packed.end());
  event.mutable_packed()->set_complete(AllPacked(after));
  *event.mutable_packed()->mutable_pack_time() = ToProto(now);
  return event;
}

Event Dispatched(const State& state, const Dispatch& command, absl::Time dispatch_time) {
  Event event;
  v1::ShipmentDispatched& dispatched = *event.mutable_dispatched();
  *dispatched.mutable_shipment() = RefOf(state);
  dispatched.set_carrier(command.carrier);
  dispatched.set_tracking_code(command.tracking_code);
  *dispatched.mutable_dispatch_time() = ToProto(dispatch_time);
  dispatched.set_note(command.note);
  dispatched.set_on_time(dispatch_time <= FromProto(state.ship_by_time()));
  for (const v1::ShipmentLine& line : state.lines()) {
    if (line.quantity() == 0) continue;
    v1::ShipmentLine& sent = *dispatched.add_lines();
    sent = line;
    sent.set_packed_quantity(line.quantity());
  }
  *dispatched.mutable_promise() = state.promise();
  return event;
}

bool IsSameDispatch(const State& state, const Dispatch& command) {
  return state.has_dispatch_time() && state.carrier() == command.carrier &&
         state.tracking_code() == command.tracking_code && state.note() == command.note &&
         (!command.dispatch_time || *command.dispatch_time == FromProto(state.dispatch_time()));
}

// Whether the promised days were kept; nothing when none were promised.
std::optional<Event> PromiseOutcome(const State& state, absl::Time delivered) {
  if (!state.promise().has_arrive_until()) return std::nullopt;
  const StatusOr<absl::TimeZone> zone = FindTimeZone(state.promise().time_zone());
  const absl::CivilDay day = absl::ToCivilDay(delivered, zone.ok() ? *zone : absl::UTCTimeZone());
  const auto late_days = static_cast<std::int32_t>(day - FromProtoDate(state.promise().arrive_until()));
  Event event;
  if (late_days > 0) {
    *event.mutable_promise_missed()->mutable_shipment() = RefOf(state);
    event.mutable_promise_missed()->set_late_days(late_days);
    *event.mutable_promise_missed()->mutable_arrive_date() = ToProtoDate(day);
  } else {
    *event.mutable_promise_kept()->mutable_shipment() = RefOf(state);
    event.mutable_promise_kept()->set_early_days(-late_days);
    *event.mutable_promise_kept()->mutable_arrive_date() = ToProtoDate(day);
  }
  return event;
}

bool IsDispatched(const State& state) { return state.has_dispatch_time(); }

}  // namespace

StatusOr<Events> Shipment::Decide(const State& state, const Plan& command, absl::Time) {
  if (state.state() != State::STATE_UNSPECIFIED) return Events();
  Events events(1);
  *events[0].mutable_planned() = command.planned;
  return events;
}

StatusOr<Events> Shipment::Decide(const State& state, const MarkReady& command, absl::Time now) {
  if (state.state() == State::STATE_UNSPECIFIED) return NoSuchShipment();
  if (state.state() != State::STATE_PLANNED) return Events();
  Events events(1);
  v1::ShipmentReady& ready = *events[0].mutable_ready();
  *ready.mutable_shipment() = RefOf(state);
  *ready.mutable_ready_time() = ToProto(now);
  *ready.mutable_ship_by_time() =
      command.ship_by ? ToProto(*command.ship_by) : state.promise().ship_by_time();
  return events;
}

StatusOr<Events> Shipment::Decide(const State& state, const Pack& command, absl::Time now) {
  RETURN_IF_ERROR(CheckSeller(state, command.seller_id));
  if (!AwaitsDispatch(state)) return Illegal(state, "packed");
  RETURN_IF_ERROR(CheckPackable(state, command.lines));
  const std::vector<v1::PackedLine> packed = command.lines.empty() ? Unpacked(state) : command.lines;
  if (packed.empty()) return Events();
  return Events{Packed(state, packed, now)};
}

StatusOr<Events> Shipment::Decide(const State& state, const Dispatch& command, absl::Time now) {
  RETURN_IF_ERROR(CheckSeller(state, command.seller_id));
  if (IsSameDispatch(state, command)) return Events();
  if (!AwaitsDispatch(state)) return Illegal(state, "dispatched");
  const absl::Time dispatch_time = command.dispatch_time.value_or(now);
  if (dispatch_time > now) return InvalidField("occurred_time", "must not be in the future");
  if (dispatch_time < FromProto(state.place_time())) {
    return InvalidField("occurred_time", "must not be before the order was placed");
  }
  Events events;
  const std::vector<v1::PackedLine> rest = Unpacked(state);
  if (!rest.empty()) events.push_back(Packed(state, rest, now));
  events.push_back(Dispatched(state, command, dispatch_time));
  return events;
}

StatusOr<Events> Shipment::Decide(const State& state, const RecordScan& command, absl::Time) {
  if (state.state() == State::STATE_UNSPECIFIED) return NoSuchShipment();
  if (!IsDispatched(state)) return Illegal(state, "tracked");
  if (HasScan(state.scans(), command.scan)) return Events();
  if (state.scans_size() >= kScansMax) {
    return Rejected("SCAN_LIMIT", {}, "shipment has %d scans; no more are taken", kScansMax);
  }
  Scans scans = state.scans();
  InsertScan(scans, command.scan);
  Events events(1);
  v1::ShipmentScanRecorded& recorded = *events[0].mutable_scan_recorded();
  *recorded.mutable_shipment() = RefOf(state);
  *recorded.mutable_scan() = command.scan;
  recorded.set_state(StateAfter(scans));
  const v1::Scan* const delivery = FindDelivery(scans);
  if (delivery == nullptr || state.delivery_announced()) return events;
  v1::ShipmentDelivered& delivered = *events.emplace_back().mutable_delivered();
  *delivered.mutable_shipment() = RefOf(state);
  *delivered.mutable_deliver_time() = delivery->occur_time();
  if (std::optional<Event> outcome = PromiseOutcome(state, FromProto(delivery->occur_time()))) {
    events.push_back(*std::move(outcome));
  }
  return events;
}

StatusOr<Events> Shipment::Decide(const State& state, const CancelLines& command, absl::Time) {
  if (state.state() != State::STATE_PLANNED && !AwaitsDispatch(state)) return Events();
  Lines after = state.lines();
  std::vector<v1::PackedLine> cancelled;
  const auto cancel = [&](const std::string& line_id, int quantity) {
    const auto line = FindLine(after, line_id);
    if (line == after.end() || std::min(quantity, line->quantity()) < 1) return;
    v1::PackedLine& off = cancelled.emplace_back();
    off.set_line_id(line_id);
    off.set_quantity(std::min(quantity, line->quantity()));
    TakeOff(after, off);
  };
  if (command.lines.empty()) {
    for (const v1::ShipmentLine& line : state.lines()) cancel(line.line_id(), line.quantity());
  }
  for (const v1::PackedLine& line : command.lines) cancel(line.line_id(), line.quantity());
  if (cancelled.empty()) return Events();
  Events events(1);
  v1::ShipmentLinesCancelled& event = *events[0].mutable_lines_cancelled();
  *event.mutable_shipment() = RefOf(state);
  event.mutable_lines()->Assign(cancelled.begin(), cancelled.end());
  event.set_complete(NothingLeft(after));
  event.set_reason(command.reason);
  return events;
}

StatusOr<Events> Shipment::Decide(const State& state, const Stop& command, absl::Time now) {
  if (state.state() == State::STATE_UNSPECIFIED) return NoSuchShipment();
  if (IsDispatched(state)) {
    return Rejected("ORDER_DISPATCHED", {{"state", State::State_Name(state.state()).substr(6)}},
                    "a dispatched order cannot be cancelled; ask for a refund");
  }
  return Decide(state, CancelLines{.lines = {}, .reason = command.reason}, now);
}

StatusOr<Events> Shipment::Decide(const State& state, const CheckShipBy&, absl::Time now) {
  if (!AwaitsDispatch(state) || state.ship_by_missed()) return Events();
  const absl::Time ship_by = FromProto(state.ship_by_time());
  Events events;
  if (now > ship_by) {
    v1::ShipBySlaMissed& missed = *events.emplace_back().mutable_ship_by_missed();
    *missed.mutable_shipment() = RefOf(state);
    *missed.mutable_ship_by_time() = state.ship_by_time();
  } else if (now >= ship_by - kShipByReminder && !state.ship_by_at_risk()) {
    v1::ShipBySlaAtRisk& at_risk = *events.emplace_back().mutable_ship_by_at_risk();
    *at_risk.mutable_shipment() = RefOf(state);
    *at_risk.mutable_ship_by_time() = state.ship_by_time();
  }
  return events;
}

Shipment::Id ShipmentOf(std::string_view order_id) { return Shipment::Id::Of(std::string(order_id) + ".s1"); }

bool AwaitsDispatch(const v1::ShipmentState& state) {
  return state.state() == State::STATE_READY || state.state() == State::STATE_PACKED;
}

Status NoSuchShipment() { return NotFound("no such shipment"); }

}  // namespace souk::shipping
