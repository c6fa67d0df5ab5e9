// Who acts, and what a command carries beside its content.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "libs/base/status.h"

namespace souk {

// The caller of an RPC.
struct Principal {
  enum class Kind { kGuest, kBuyer, kSeller, kOperator, kService };

  Kind kind = Kind::kGuest;
  // The buyer's or seller's id, the guest's token, the operator's or service's name. Whoever
  // knows a guest's token is that guest: it goes no further than calls.
  std::string id;

  bool IsBuyer(std::string_view buyer_id) const { return kind == Kind::kBuyer && id == buyer_id; }
  bool IsSeller(std::string_view seller_id) const { return kind == Kind::kSeller && id == seller_id; }
  bool IsOperator() const { return kind == Kind::kOperator; }
  bool IsService() const { return kind == Kind::kService; }

  friend bool operator==(const Principal&, const Principal&) = default;
};

// "seller/4711": the form of the metadata header. With a guest's token in it, so not for what
// others see: that has ActorOf.
std::string ToString(const Principal& principal);

// The reverse. INVALID_ARGUMENT for anything else; "guest" alone is a guest without a token.
StatusOr<Principal> ParsePrincipal(std::string_view text);

// Under which id a buyer's things are kept: "b-1" for buyer/b-1, "" for whoever cannot own a
// cart or an order. Of a guest "guest:" and 32 hex digits that the token leads to and that do
// not lead back to the token (docs/adr/0017): sellers and readers of events see it.
std::string BuyerIdOf(const Principal& principal);

// Who did it, as events and logs say: ToString, but of a guest with the digits of BuyerIdOf.
std::string ActorOf(const Principal& principal);
// The same of whoever has this buyer id.
std::string ActorOfBuyer(std::string_view buyer_id);

// Whether it is the id of a guest. No buyer with an account has such a one.
bool IsGuestId(std::string_view buyer_id);

// What travels with a command into its events.
struct CommandMetadata {
  // Repeating it repeats nothing. Empty: the command is not deduplicated.
  std::string request_id;
  // Of the request's content; 0 when the id itself was derived from the content.
  std::uint64_t fingerprint = 0;
  // ActorOf the principal.
  std::string actor;
  // The journey that this belongs to: a checkout and all that follows from it.
  std::string correlation_id;
  // The event or effect that made this happen; empty when a caller did.
  std::string causation_id;
  // W3C trace context of the call.
  std::string traceparent;
};

}  // namespace souk
