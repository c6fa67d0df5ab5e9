// The stock of a product: how many pieces there are, and who has been promised them.
//
//   on_hand >= allocated + held, always; for sale is what remains
//   a reservation:  held -> allocated to an order -> dispatched
//                   held -> released | expired       allocated -> released
//
// Each reservation has exactly one end; a second one changes nothing. The id of a stock
// is the id of its product: one shelf per product, for now.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/catalog/v1/stock_events.pb.h"

namespace souk::catalog {

// -- Commands --

struct OpenStock {
  std::string product_id;
  std::string seller_id;
  std::int64_t low_level;
};
struct ReceiveStock {
  std::int64_t quantity;
};
// `delta` may be negative, but never takes what is promised.
struct AdjustStock {
  std::int64_t delta;
  std::string reason;
};
// So many or fewer are few.
struct SetLowStockLevel {
  std::int64_t low_level;
};

// The whole demand of a checkout for this product.
struct HoldStock {
  std::string hold_id;
  std::int64_t quantity;
  absl::Time expire_time;
};
// Never shortens.
struct ExtendHold {
  std::string hold_id;
  absl::Time expire_time;
};
// Also when its time is over, as long as nobody else got the pieces.
struct CommitHold {
  std::string hold_id;
  std::string order_id;
};
struct ReleaseHold {
  std::string hold_id;
};
// Ends all holds whose time is over.
struct ExpireHolds {};

// Orders may be cancelled or dispatched before word of their allocation gets here: then
// it counts as soon as it does. More than an order has is not taken.
struct ReleaseAllocation {
  std::string order_id;
  std::int64_t quantity;
};
struct DispatchStock {
  std::string order_id;
  std::int64_t quantity;
};
// Not more than the order got.
struct ReturnStock {
  std::string order_id;
  std::int64_t quantity;
};

// A timer for each hold; its key is the hold.
inline constexpr char kExpireHoldTimer[] = "expire_hold";

// How many ended reservations are remembered. A hold that ended longer ago is taken for
// one that never was: releasing it is harmless, committing it is refused.
inline constexpr int kEndedMax = 256;
inline constexpr int kEarlyMax = 64;

struct Stock {
  static constexpr const char* kName = "stock";
  static constexpr std::uint32_t kStateVersion = 2;
  using Id = StrongId<Stock>;
  using State = v1::StockState;
  using Event = v1::StockEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& stock, const OpenStock& command, absl::Time now);
  static StatusOr<Events> Decide(const State& stock, const ReceiveStock& command, absl::Time now);
  static StatusOr<Events> Decide(const State& stock, const AdjustStock& command, absl::Time now);
  static StatusOr<Events> Decide(const State& stock, const SetLowStockLevel& command, absl::Time now);
  static StatusOr<Events> Decide(const State& stock, const HoldStock& command, absl::Time now);
  static StatusOr<Events> Decide(const State& stock, const ExtendHold& command, absl::Time now);
  static StatusOr<Events> Decide(const State& stock, const CommitHold& command, absl::Time now);
  static StatusOr<Events> Decide(const State& stock, const ReleaseHold& command, absl::Time now);
  static StatusOr<Events> Decide(const State& stock, const ExpireHolds& command, absl::Time now);
  static StatusOr<Events> Decide(const State& stock, const ReleaseAllocation& command, absl::Time now);
  static StatusOr<Events> Decide(const State& stock, const DispatchStock& command, absl::Time now);
  static StatusOr<Events> Decide(const State& stock, const ReturnStock& command, absl::Time now);

  static void Evolve(State& stock, const Event& event);
  static void React(const Id& id, const State& stock, const Event& event, absl::Time now,
                    Reactions& reactions);
};
using StockId = Stock::Id;

// For sale: not promised to anyone.
std::int64_t Available(const v1::StockState& stock);
// The same, when holds whose time is over are not counted.
std::int64_t AvailableAt(const v1::StockState& stock, absl::Time now);

// The reservation that had this hold id, if it has ended and is remembered; or null. For
// others see stock_index.h.
const v1::EndedReservation* FindEnded(const v1::StockState& stock, std::string_view hold_id);

}  // namespace souk::catalog
