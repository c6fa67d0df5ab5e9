// The seller aggregate: who runs a shop, whether she may sell, and when she is away.
//
//   PENDING_APPROVAL -> ACTIVE <-> SUSPENDED
//   a vacation: scheduled -> under way -> over
//
// Her products are for sale while she is ACTIVE and not away. Whenever that changes, the
// effect "tell_products" tells each product.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/catalog/v1/seller_events.pb.h"

namespace souk::catalog {

// -- Commands --

struct RegisterSeller {
  std::string seller_id;
  std::string shop_name;
  std::string language_code;
  type::v1::Sealed contact_name;
  type::v1::Sealed contact_email;
};

// For the first time, or again after a suspension.
struct ApproveSeller {};
struct SuspendSeller {
  std::string reason;
};

// What is absent stays as it is.
struct UpdateSeller {
  std::optional<std::string> shop_name;
  std::optional<std::string> story;
  std::optional<std::string> shop_note;
  std::optional<std::string> photo_media_id;
  std::optional<std::string> return_terms;
  std::optional<std::string> language_code;
};

// Begins at once when the start is absent or past; without an end she ends it herself.
struct ScheduleVacation {
  v1::Vacation vacation;
};
// Its time has come. Nothing happens when there is none that is due.
struct StartVacation {};
// Ends it, or calls it off.
struct EndVacation {};
// Its end has come. Nothing happens when it goes on.
struct FinishVacation {};

// A buyer scored one of her products, 1 to 5.
struct RateSeller {
  std::string review_id;
  std::int32_t score;
};

// Effects; their handlers are in seller_effects.h.
inline constexpr char kTellProductsEffect[] = "tell_products";
inline constexpr char kStartVacationTimer[] = "start_vacation";
inline constexpr char kFinishVacationTimer[] = "finish_vacation";

struct Seller {
  static constexpr const char* kName = "seller";
  using Id = StrongId<Seller>;
  using State = v1::SellerState;
  using Event = v1::SellerEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& seller, const RegisterSeller& command, absl::Time now);
  static StatusOr<Events> Decide(const State& seller, const ApproveSeller& command, absl::Time now);
  static StatusOr<Events> Decide(const State& seller, const SuspendSeller& command, absl::Time now);
  static StatusOr<Events> Decide(const State& seller, const UpdateSeller& command, absl::Time now);
  static StatusOr<Events> Decide(const State& seller, const ScheduleVacation& command, absl::Time now);
  static StatusOr<Events> Decide(const State& seller, const StartVacation& command, absl::Time now);
  static StatusOr<Events> Decide(const State& seller, const EndVacation& command, absl::Time now);
  static StatusOr<Events> Decide(const State& seller, const FinishVacation& command, absl::Time now);
  static StatusOr<Events> Decide(const State& seller, const RateSeller& command, absl::Time now);

  static void Evolve(State& seller, const Event& event);
  static void React(const Id& id, const State& seller, const Event& event, absl::Time now,
                    Reactions& reactions);

  // sellers: <register time>/<id>. sellers_by_state: <state>/<register time>/<id>.
  static void Index(const Id& id, const State& seller, IndexRows& rows);
};
using SellerId = Seller::Id;

// NOT_FOUND, with the text that strangers get too.
Status NoSuchSeller(std::string_view seller_id);

}  // namespace souk::catalog
