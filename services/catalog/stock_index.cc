#include "services/catalog/stock_index.h"

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <utility>

#include "libs/base/proto_time.h"

namespace souk::catalog {
namespace {

template <typename Message>
using List = google::protobuf::RepeatedPtrField<Message>;

// -- What each list is sorted by --

std::string_view KeyOf(const v1::Reservation& reservation) { return reservation.hold_id(); }

using OrderKey = std::pair<std::string_view, std::int64_t>;
OrderKey KeyOf(const v1::AllocatedHold& hold) { return {hold.order_id(), hold.number()}; }

using TimeKey = std::tuple<std::int64_t, std::int32_t, std::int64_t>;
TimeKey TimeKeyOf(const google::protobuf::Timestamp& expire_time, std::int64_t number) {
  return {expire_time.seconds(), expire_time.nanos(), number};
}
TimeKey KeyOf(const v1::ExpiringHold& hold) { return TimeKeyOf(hold.expire_time(), hold.number()); }

// -- Sorted lists --

// The place of the first message whose key is not less.
template <typename Message, typename Key>
int LowerBound(const List<Message>& list, const Key& key) {
  const auto less = [](const Message& message, const Key& wanted) { return KeyOf(message) < wanted; };
  return static_cast<int>(std::lower_bound(list.begin(), list.end(), key, less) - list.begin());
}

// Adds an empty message at `place`.
template <typename Message>
Message& Insert(List<Message>& list, int place) {
  Message& added = *list.Add();
  std::rotate(list.pointer_begin() + place, list.pointer_end() - 1, list.pointer_end());
  return added;
}

// Keeps the message's memory for the next one.
template <typename Message>
void Erase(List<Message>& list, int place) {
  std::rotate(list.pointer_begin() + place, list.pointer_begin() + place + 1, list.pointer_end());
  list.RemoveLast();
}

template <typename Message, typename Key>
void EraseKey(List<Message>& list, const Key& key) {
  const int place = LowerBound(list, key);
  if (place < list.size() && KeyOf(list[place]) == key) Erase(list, place);
}

// -- Which list besides the first a reservation is in --

void Link(v1::StockState& stock, const v1::Reservation& reservation) {
  if (reservation.order_id().empty()) {
    auto& list = *stock.mutable_expiring_holds();
    const TimeKey key = TimeKeyOf(reservation.expire_time(), reservation.number());
    v1::ExpiringHold& hold = Insert(list, LowerBound(list, key));
    *hold.mutable_expire_time() = reservation.expire_time();
    hold.set_number(reservation.number());
    hold.set_hold_id(reservation.hold_id());
  } else {
    auto& list = *stock.mutable_allocated_holds();
    v1::AllocatedHold& hold =
        Insert(list, LowerBound(list, OrderKey(reservation.order_id(), reservation.number())));
    hold.set_order_id(reservation.order_id());
    hold.set_number(reservation.number());
    hold.set_hold_id(reservation.hold_id());
  }
}

void Unlink(v1::StockState& stock, const v1::Reservation& reservation) {
  if (reservation.order_id().empty()) {
    EraseKey(*stock.mutable_expiring_holds(), TimeKeyOf(reservation.expire_time(), reservation.number()));
  } else {
    EraseKey(*stock.mutable_allocated_holds(), OrderKey(reservation.order_id(), reservation.number()));
  }
}

// -- For states that may be changed and those that may not --

const v1::Reservation& At(const v1::StockState& stock, int place) { return stock.reservations(place); }
v1::Reservation& At(v1::StockState& stock, int place) { return *stock.mutable_reservations(place); }

template <typename Stock>
auto* Find(Stock& stock, std::string_view hold_id) {
  const int place = LowerBound(stock.reservations(), hold_id);
  auto* const found = place < stock.reservations_size() ? &At(stock, place) : nullptr;
  return found != nullptr && found->hold_id() == hold_id ? found : nullptr;
}

template <typename Stock>
auto FindAll(Stock& stock, std::string_view order_id) {
  std::vector<decltype(Find(stock, ""))> found;
  const auto& list = stock.allocated_holds();
  for (int i = LowerBound(list, OrderKey(order_id, 0)); i < list.size() && list[i].order_id() == order_id;
       ++i) {
    found.push_back(Find(stock, list[i].hold_id()));
  }
  return found;
}

}  // namespace

const v1::Reservation* FindReservation(const v1::StockState& stock, std::string_view hold_id) {
  return Find(stock, hold_id);
}

v1::Reservation* FindReservation(v1::StockState& stock, std::string_view hold_id) {
  return Find(stock, hold_id);
}

std::vector<const v1::Reservation*> ReservationsOf(const v1::StockState& stock, std::string_view order_id) {
  return FindAll(stock, order_id);
}

std::vector<v1::Reservation*> ReservationsOf(v1::StockState& stock, std::string_view order_id) {
  return FindAll(stock, order_id);
}

std::vector<const v1::Reservation*> LapsedHolds(const v1::StockState& stock, absl::Time now) {
  std::vector<const v1::Reservation*> lapsed;
  for (const v1::ExpiringHold& hold : stock.expiring_holds()) {
    if (FromProto(hold.expire_time()) > now) break;
    lapsed.push_back(FindReservation(stock, hold.hold_id()));
  }
  std::sort(lapsed.begin(), lapsed.end(),
            [](const auto* a, const auto* b) { return a->number() < b->number(); });
  return lapsed;
}

void AddReservation(v1::StockState& stock, const v1::StockReserved& reserved) {
  stock.set_reservation_count(stock.reservation_count() + 1);
  auto& list = *stock.mutable_reservations();
  v1::Reservation& reservation = Insert(list, LowerBound(list, std::string_view(reserved.hold_id())));
  reservation.set_hold_id(reserved.hold_id());
  reservation.set_quantity(reserved.quantity());
  *reservation.mutable_expire_time() = reserved.expire_time();
  reservation.set_number(stock.reservation_count());
  Link(stock, reservation);
}

void SetExpireTime(v1::StockState& stock, v1::Reservation& reservation,
                   const google::protobuf::Timestamp& expire_time) {
  Unlink(stock, reservation);
  *reservation.mutable_expire_time() = expire_time;
  Link(stock, reservation);
}

void SetOrder(v1::StockState& stock, v1::Reservation& reservation, const std::string& order_id) {
  Unlink(stock, reservation);
  reservation.set_order_id(order_id);
  reservation.clear_expire_time();
  Link(stock, reservation);
}

void Remove(v1::StockState& stock, const v1::Reservation& reservation) {
  Unlink(stock, reservation);
  auto& list = *stock.mutable_reservations();
  Erase(list, LowerBound(list, KeyOf(reservation)));
}

}  // namespace souk::catalog
