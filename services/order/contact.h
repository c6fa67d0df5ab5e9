// Where to deliver, how to reach the buyer, and what the seller writes to her: personal data,
// which events and states hold only sealed with the buyer's key.
#pragma once

#include <string>
#include <string_view>

#include "libs/base/task.h"
#include "libs/eventstore/subject_keys.h"
#include "souk/order/v1/order.pb.h"
#include "souk/order/v1/order_events.pb.h"

namespace souk::order {

// INVALID_ARGUMENT that names each bad field, as "contact.address.region_code"; with the reason
// CARD_NUMBER when one has what looks like the number of a payment card.
Status CheckContact(const v1::Contact& contact);

// `seed` is unique for what is sealed, such as the request id.
Task<StatusOr<type::v1::Sealed>> SealContact(SubjectKeys& keys, std::string buyer_id, v1::Contact contact,
                                             std::string seed);
// NOT_FOUND SUBJECT_ERASED when the buyer's data were erased.
StatusOr<v1::Contact> OpenContact(const SubjectKeys& keys, const type::v1::Sealed& sealed);

// The note that goes with an order: the seller's own for it, or else the shop's; "" when it
// cannot be read any more.
std::string NoteOf(const SubjectKeys& keys, const v1::OrderState& order);

// Whose key it is: "buyer/<buyer id>".
std::string SubjectOf(std::string_view buyer_id);

}  // namespace souk::order
