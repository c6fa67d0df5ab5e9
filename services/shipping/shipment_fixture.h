// A shipment of two lamps and a bowl that tests start from: ordered and paid on
// 2026-03-02 at noon, to be sent within two days, promised for the 5th or 6th.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "libs/base/proto_time.h"
#include "libs/testing/spec.h"
#include "services/shipping/shipment.h"

namespace souk::shipping {

inline constexpr std::string_view kPlanned =
    R"(planned { shipment_id: "o-1.s1" order_id: "o-1" group_id: "g" seller_id: "s" buyer_id: "b"
         lines { line_id: "1" product_id: "lamp" title: "Lamp" quantity: 2 }
         lines { line_id: "2" product_id: "bowl" title: "Bowl" quantity: 1 }
         place_time { seconds: 1772452800 }
         promise { ship_by_time { seconds: 1772625600 } arrive_from { year: 2026 month: 3 day: 5 }
                   arrive_until { year: 2026 month: 3 day: 6 } time_zone: "Europe/Berlin" }
         quote_id: "q.1" option_id: "standard" })";
inline constexpr std::string_view kReady =
    R"(ready { shipment { shipment_id: "o-1.s1" order_id: "o-1" seller_id: "s" buyer_id: "b" }
         ready_time { seconds: 1772452800 } ship_by_time { seconds: 1772625600 } })";
inline constexpr std::string_view kHalfPacked =
    R"(packed { shipment { shipment_id: "o-1.s1" order_id: "o-1" seller_id: "s" buyer_id: "b" }
         lines { line_id: "1" quantity: 1 } pack_time { seconds: 1772452800 } })";
inline constexpr std::string_view kPacked =
    R"(packed { shipment { shipment_id: "o-1.s1" order_id: "o-1" seller_id: "s" buyer_id: "b" }
         lines { line_id: "1" quantity: 2 } lines { line_id: "2" quantity: 1 } complete: true
         pack_time { seconds: 1772452800 } })";
inline constexpr std::string_view kDispatched =
    R"(dispatched { shipment { shipment_id: "o-1.s1" order_id: "o-1" seller_id: "s" buyer_id: "b" }
         carrier: "DHL" tracking_code: "T1" dispatch_time { seconds: 1772452800 } note: "Thank you!"
         on_time: true
         lines { line_id: "1" product_id: "lamp" title: "Lamp" quantity: 2 packed_quantity: 2 }
         lines { line_id: "2" product_id: "bowl" title: "Bowl" quantity: 1 packed_quantity: 1 }
         promise { ship_by_time { seconds: 1772625600 } arrive_from { year: 2026 month: 3 day: 5 }
                   arrive_until { year: 2026 month: 3 day: 6 } time_zone: "Europe/Berlin" } })";
inline constexpr std::string_view kShipByAtRisk =
    R"(ship_by_at_risk { shipment { shipment_id: "o-1.s1" order_id: "o-1" seller_id: "s" buyer_id: "b" }
         ship_by_time { seconds: 1772625600 } })";
inline constexpr std::string_view kShipByMissed =
    R"(ship_by_missed { shipment { shipment_id: "o-1.s1" order_id: "o-1" seller_id: "s" buyer_id: "b" }
         ship_by_time { seconds: 1772625600 } })";

inline Plan PlanOrder() { return {.planned = testing::FromText<v1::ShipmentEvent>(kPlanned).planned()}; }

inline v1::PackedLine Part(const std::string& line_id, int quantity) {
  v1::PackedLine part;
  part.set_line_id(line_id);
  part.set_quantity(quantity);
  return part;
}

inline Pack PackPart(const std::string& line_id, int quantity) {
  return {.seller_id = "s", .lines = {Part(line_id, quantity)}};
}

inline Dispatch SendAll() {
  return {.seller_id = "s",
          .carrier = "DHL",
          .tracking_code = "T1",
          .dispatch_time = std::nullopt,
          .note = "Thank you!"};
}

// What the carrier says of it so many hours after noon.
inline RecordScan ScanAt(v1::ScanStatus status, double hours) {
  RecordScan command;
  command.scan.set_status(status);
  *command.scan.mutable_occur_time() = ToProto(testing::Noon() + absl::Hours(hours));
  return command;
}

inline v1::ShipmentState StateAfter(std::initializer_list<std::string_view> history) {
  v1::ShipmentState state;
  for (const std::string_view text : history) {
    Shipment::Evolve(state, testing::FromText<v1::ShipmentEvent>(text));
  }
  return state;
}

}  // namespace souk::shipping
