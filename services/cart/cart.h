// The cart aggregate: what one buyer or guest wants to buy, at the prices she saw.
//
//   ACTIVE -> FROZEN (by a checkout, until a time) -> ACTIVE | COMPLETED
//   ACTIVE -> MERGED (all lines went into another cart) | EXPIRED
//
// Prices here are memories: a cart promises none, and whoever shows or sells it takes the
// present ones (cart_pricing.h). It does not hold stock either; what a command says about
// availability comes from the caller, in the offer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/cart/v1/cart_events.pb.h"
#include "souk/cart/v1/offer_events.pb.h"

namespace souk::cart {

// The most lines of a cart, and the most pieces of one product.
inline constexpr int kLinesMax = 100;
inline constexpr int kQuantityMax = 999;

// How long a checkout may keep a cart at most.
inline constexpr absl::Duration kFreezeMax = absl::Hours(24);

// -- Commands --

// Makes the cart. Again for the same buyer: nothing.
struct Create {
  std::string cart_id;
  std::string buyer_id;
  absl::Duration expire_after = absl::Hours(24 * 30);  // After the last change.
};

// What every change of lines says of its caller. Another buyer's cart is NOT_FOUND.
struct Caller {
  std::string buyer_id;
  std::string etag;  // What the cart must still look like; empty: anything.
};

// Puts `quantity` more of a product in, at the present price.
struct AddItem {
  Caller caller;
  v1::Offer offer;
  int quantity = 0;
};

// Wants `quantity` of a product that is in the cart, at the present price.
struct SetItemQuantity {
  Caller caller;
  v1::Offer offer;
  int quantity = 0;  // At least 1; see RemoveItem.
};

struct RemoveItem {
  Caller caller;
  std::string product_id;
};

// Takes the lines of another cart in. What does not fit stays there; see MoveLines. The
// same merge again: nothing.
struct AbsorbLines {
  std::string buyer_id;
  std::string source_cart_id;
  int source_merge_count = 0;  // CartState.merge_count of the source.
  v1::MergePolicy policy = v1::MERGE_POLICY_SUM;
  std::vector<v1::CartLine> lines;
  std::vector<v1::Offer> offers;  // Of the lines' products, as far as they are known.
};

// Lets go of the lines that another cart absorbed. What came in meanwhile stays.
struct MoveLines {
  std::string target_cart_id;
  int merge_count = 0;  // AbsorbLines.source_merge_count.
  std::vector<v1::CartLine> lines;
};

// Keeps the lines as they are until `expire_time`. Again: extends the time.
struct Freeze {
  std::string checkout_id;
  absl::Time expire_time;
  std::string buyer_id;  // Empty: anybody's.
  std::string etag;      // Empty: anything.
};

// Lets the lines be changed again. Nothing when `checkout_id` does not hold the cart.
struct Unfreeze {
  std::string checkout_id;
  std::string note;
};

// Looks whether the freeze has lapsed; a timer does.
struct ExpireFreeze {};

// The checkout placed its orders.
struct Complete {
  std::string checkout_id;
};

// Looks whether the cart has not been touched for long; a timer does.
struct Expire {};

// -- Effects that it starts --

inline constexpr char kExpireFreezeTimer[] = "expire_freeze";
inline constexpr char kExpireTimer[] = "expire";
// Executes MoveLines on the source of a merge. Key: the source's id; payload: the
// CartLinesAbsorbed event.
inline constexpr char kMoveLinesEffect[] = "move_lines";

struct Cart {
  static constexpr const char* kName = "cart";
  using Id = StrongId<Cart>;
  using State = v1::CartState;
  using Event = v1::CartEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& state, const Create& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const AddItem& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const SetItemQuantity& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const RemoveItem& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const AbsorbLines& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const MoveLines& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Freeze& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Unfreeze& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const ExpireFreeze& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Complete& command, absl::Time now);
  static StatusOr<Events> Decide(const State& state, const Expire& command, absl::Time now);

  static void Evolve(State& state, const Event& event);
  static void React(const Id& id, const State& state, const Event& event, absl::Time now,
                    Reactions& reactions);

  // carts_by_buyer:  <buyer id>/<create time>/<cart id>, while it can be bought
  static void Index(const Id& id, const State& state, IndexRows& rows);
};

// Changes whenever the lines do.
std::string EtagOf(const v1::CartState& state);

// Null when the product is not in the cart.
const v1::CartLine* FindLine(const v1::CartState& state, std::string_view product_id);

// What nobody's cart and somebody else's cart are answered with.
Status NoSuchCart();

}  // namespace souk::cart
