// The shipment aggregate: what is sent of one order, from the plan to the buyer's door.
//
//   PLANNED -> READY (paid) -> PACKED -> DISPATCHED -> IN_TRANSIT -> OUT_FOR_DELIVERY -> DELIVERED
//   anything before DISPATCHED -> CANCELLED; what scans do after that is in scan_order.h
//
// DISPATCHED is what the seller says, DELIVERED what the carrier says. A dispatched shipment
// cannot be cancelled.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/shipping/v1/shipment_events.pb.h"

namespace souk::shipping {

// The seller is reminded so long before the time to hand a shipment over.
inline constexpr absl::Duration kShipByReminder = absl::Hours(24);
// Scans of one shipment; carriers send a few dozen.
inline constexpr int kScansMax = 500;

// -- Commands --

// An order was placed. Again: nothing.
struct Plan {
  v1::ShipmentPlanned planned;
};

// It is paid. Nothing unless it is PLANNED.
struct MarkReady {
  std::optional<absl::Time> ship_by;  // What the order says; the promise when it says nothing.
};

// Packs lines; without lines: all that is left. Another seller's shipment is NOT_FOUND.
struct Pack {
  std::string seller_id;
  std::vector<v1::PackedLine> lines;
};

// Hands it over, and packs what is not packed. The same again: nothing.
struct Dispatch {
  std::string seller_id;
  std::string carrier;
  std::string tracking_code;
  std::optional<absl::Time> dispatch_time;  // Now when absent.
  std::string note;
};

// The carrier says something. The same again: nothing.
struct RecordScan {
  v1::Scan scan;
};

// Lines of the order were cancelled; without lines: all. Nothing once it is dispatched.
struct CancelLines {
  std::vector<v1::PackedLine> lines;
  std::string reason;
};

// The order is to be cancelled: all that is not dispatched is cancelled, and what is
// dispatched says so. Whoever cancels an order asks this first: here it is known what has left.
struct Stop {
  std::string reason;
};

// Looks whether it is to be dispatched soon, or overdue; timers do.
struct CheckShipBy {};

// -- Effects that it starts --

inline constexpr char kShipByReminderTimer[] = "ship_by_reminder";
inline constexpr char kShipByTimer[] = "ship_by";
// Fetches scans that came before the tracking code was known here; see tracker.h.
inline constexpr char kClaimScansEffect[] = "claim_scans";

struct Shipment {
  static constexpr const char* kName = "shipment";
  using Id = StrongId<Shipment>;
  using State = v1::ShipmentState;
  using Event = v1::ShipmentEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& state, const Plan& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const MarkReady& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Pack& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Dispatch& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const RecordScan& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const CancelLines& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Stop& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const CheckShipBy& command, absl::Time now);

  static void Evolve(State& state, const Event& event);
  static void React(const Id& id, const State& state, const Event& event, absl::Time now,
                    Reactions& reactions);

  // shipments_by_seller:    <seller id>/<place time>/<shipment id>
  // shipments_by_buyer:     <buyer id>/<place time>/<shipment id>
  // shipments_to_dispatch:  <seller id>/<ship-by time>/<shipment id>, paid and not dispatched
  // shipments_by_tracking:  <tracker id>/<dispatch time>/<shipment id>
  static void Index(const Id& id, const State& state, IndexRows& rows);
};

// The one shipment of an order.
Shipment::Id ShipmentOf(std::string_view order_id);

// Paid and not dispatched.
bool AwaitsDispatch(const v1::ShipmentState& state);

// What nobody's shipment and somebody else's shipment are answered with.
Status NoSuchShipment();

}  // namespace souk::shipping
