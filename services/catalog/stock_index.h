// Finds the reservations of a stock without looking at all of them: a product that sells
// well has thousands. The lists of its state are sorted, so that a look-up takes a few
// steps; to put something in its place moves pointers and nothing else.
#pragma once

#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "souk/catalog/v1/stock_events.pb.h"

namespace souk::catalog {

// The reservation that has this hold id, if it has not ended; or null.
const v1::Reservation* FindReservation(const v1::StockState& stock, std::string_view hold_id);
v1::Reservation* FindReservation(v1::StockState& stock, std::string_view hold_id);

// What an order has, the oldest first. Mostly it is one.
std::vector<const v1::Reservation*> ReservationsOf(const v1::StockState& stock, std::string_view order_id);
std::vector<v1::Reservation*> ReservationsOf(v1::StockState& stock, std::string_view order_id);

// The holds whose time is over, the oldest first.
std::vector<const v1::Reservation*> LapsedHolds(const v1::StockState& stock, absl::Time now);

// Adds a reservation that is only held.
void AddReservation(v1::StockState& stock, const v1::StockReserved& reserved);

// `reservation` is one of the stock's.
void SetExpireTime(v1::StockState& stock, v1::Reservation& reservation,
                   const google::protobuf::Timestamp& expire_time);
void SetOrder(v1::StockState& stock, v1::Reservation& reservation, const std::string& order_id);
void Remove(v1::StockState& stock, const v1::Reservation& reservation);

}  // namespace souk::catalog
