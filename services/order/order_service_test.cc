#include "services/order/order_service.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "services/order/placed_fixture.h"

namespace souk::order {
namespace {

using absl::StatusCode;
using Ids = std::vector<std::string>;

// -- Whose it is --

TEST_CASE("an order is seen by its buyer, its seller and operators, and by nobody else") {
  Shop shop;
  v1::GetOrderRequest request;
  request.set_order_id(shop.cups);
  const auto get = [&](const char* caller) {
    return shop.fixture.Call<v1::GetOrderResponse>(caller, request);
  };
  CHECK(get("buyer/b-1").ok());
  CHECK(get("seller/s-1").ok());
  CHECK(get("operator/o-1").ok());
  const Status strangers = get("buyer/b-2").status();
  CHECK(strangers.code() == StatusCode::kNotFound);
  CHECK(get("seller/s-2").status() == strangers);
  CHECK(get("guest/b-1").status() == strangers);
  request.set_order_id("unknown.1");
  CHECK(get("buyer/b-1").status() == strangers);  // One cannot tell the difference.
}

TEST_CASE("a seller sees where to send a parcel, but not the buyer's mail address") {
  Shop shop;
  v1::GetOrderRequest request;
  request.set_order_id(shop.cups);
  const v1::Order seller = shop.fixture.Call<v1::GetOrderResponse>("seller/s-1", request)->order();
  CHECK(seller.contact().contact_name() == "Ann Secretive");
  CHECK(seller.contact().email().empty());
  const v1::Order buyer = shop.fixture.Call<v1::GetOrderResponse>("buyer/b-1", request)->order();
  CHECK(buyer.contact().email() == "ann@secret.example");
}

TEST_CASE("a purchase is its buyer's alone") {
  Shop shop;
  v1::GetOrderGroupRequest request;
  request.set_group_id(shop.group_id);
  const auto own = shop.fixture.Call<v1::GetOrderGroupResponse>("buyer/b-1", request);
  REQUIRE(own.ok());
  CHECK(own->order_group().orders_size() == 2);
  CHECK(own->order_group().state() == v1::OrderGroup::STATE_ACTIVE);
  CHECK(own->order_group().total().minor_units() == FakeWorld::kTotal);
  const auto other = shop.fixture.Call<v1::GetOrderGroupResponse>("buyer/b-2", request);
  CHECK(other.status().code() == StatusCode::kNotFound);
}

TEST_CASE("a checkout is its buyer's alone, and a cart starts one checkout") {
  FakeWorld world;
  const std::string id = world.FillCheckout();
  v1::StartCheckoutRequest start;
  start.set_request_id("again");
  start.set_cart_id("c-1");
  CHECK(world.fixture.Call<v1::StartCheckoutResponse>("buyer/b-1", start)->checkout().checkout_id() == id);
  CHECK(world.fixture.Call<v1::StartCheckoutResponse>("buyer/b-2", start).status().code() ==
        StatusCode::kNotFound);
  start.set_cart_id("c-2");
  start.set_request_id("other");
  CHECK(world.fixture.Call<v1::StartCheckoutResponse>("buyer/b-1", start).status().code() ==
        StatusCode::kNotFound);
  v1::GetCheckoutRequest get;
  get.set_checkout_id(id);
  CHECK(world.fixture.Call<v1::GetCheckoutResponse>("buyer/b-2", get).status().code() ==
        StatusCode::kNotFound);
  CHECK(world.fixture.Call<v1::GetCheckoutResponse>("operator/o-1", get).ok());
}

// -- Lists --

TEST_CASE("a seller's work queue is in order of ship-by time; lists of others are not found") {
  Shop shop;
  v1::ListOrdersRequest request;
  request.set_state(v1::OrderState::STATE_AWAITING_DISPATCH);
  CHECK(shop.List("seller/s-1", request) == Ids{shop.cups});
  CHECK(shop.List("seller/s-2", request) == Ids{shop.jug});
  REQUIRE(shop.Dispatch(shop.cups, 2).ok());
  CHECK(shop.List("seller/s-1", request).empty());
  request.clear_state();
  CHECK(shop.List("seller/s-1", request) == Ids{shop.cups});
  CHECK(shop.List("buyer/b-1", request).size() == 2);
  CHECK(shop.List("buyer/b-2", request).empty());
  request.set_seller_id("s-2");
  CHECK(shop.List("operator/o-1", request) == Ids{shop.jug});
  CHECK(shop.fixture.Call<v1::ListOrdersResponse>("seller/s-1", request).status().code() ==
        StatusCode::kNotFound);
  CHECK(shop.fixture.Call<v1::ListOrdersResponse>("buyer/b-1", request).status().code() ==
        StatusCode::kNotFound);
}

TEST_CASE("pages are stable and their tokens belong to one query") {
  Shop shop;
  v1::ListOrdersRequest request;
  request.set_page_size(1);
  const auto first = shop.fixture.Call<v1::ListOrdersResponse>("buyer/b-1", request);
  REQUIRE(first.ok());
  REQUIRE(first->orders_size() == 1);
  request.set_page_token(first->next_page_token());
  const auto second = shop.fixture.Call<v1::ListOrdersResponse>("buyer/b-1", request);
  REQUIRE(second->orders_size() == 1);
  CHECK(second->next_page_token().empty());
  CHECK(second->orders(0).order_id() != first->orders(0).order_id());
  CHECK(shop.fixture.Call<v1::ListOrdersResponse>("buyer/b-2", request).status().code() ==
        StatusCode::kInvalidArgument);
}

TEST_CASE("counters tell a seller what to do today") {
  Shop shop;
  const auto counters = [&] {
    return shop.fixture.Call<v1::GetOrderCountersResponse>("seller/s-1", v1::GetOrderCountersRequest())
        .value();
  };
  CHECK(counters().awaiting_dispatch() == 1);
  CHECK(counters().new_orders() == 1);
  CHECK(counters().due_soon() == 0);
  shop.fixture.AdvanceBy(absl::Hours(36));
  CHECK(counters().new_orders() == 0);
  CHECK(counters().due_soon() == 1);
  shop.fixture.AdvanceBy(absl::Hours(24));
  CHECK(counters().due_soon() == 0);
  CHECK(counters().overdue() == 1);
  REQUIRE(shop.Dispatch(shop.cups, 2).ok());
  CHECK(counters().awaiting_dispatch() == 0);
  CHECK(counters().dispatched() == 1);
  v1::GetOrderCountersRequest other;
  other.set_seller_id("s-2");
  CHECK(shop.fixture.Call<v1::GetOrderCountersResponse>("seller/s-1", other).status().code() ==
        StatusCode::kNotFound);
}

// -- Notes and personal data --

TEST_CASE("the seller's own note goes with the order in place of the shop's") {
  Shop shop;
  v1::GetOrderContactRequest get;
  get.set_order_id(shop.cups);
  const auto note = [&] {
    return shop.fixture.Call<v1::GetOrderContactResponse>("service/notification", get)->note();
  };
  CHECK(note() == "Thank you from s-1");
  v1::AttachPersonalNoteRequest attach;
  attach.set_request_id("note-1");
  attach.set_order_id(shop.cups);
  attach.set_note("Dear Ann, enjoy!");
  REQUIRE(shop.fixture.Call<v1::AttachPersonalNoteResponse>("seller/s-1", attach).ok());
  CHECK(note() == "Dear Ann, enjoy!");
  attach.set_request_id("note-2");
  CHECK(shop.fixture.Call<v1::AttachPersonalNoteResponse>("seller/s-2", attach).status().code() ==
        StatusCode::kNotFound);
  std::string too_long;
  for (int i = 0; i < 1001; ++i) too_long += "ü";
  attach.set_note(too_long);
  CHECK(shop.fixture.Call<v1::AttachPersonalNoteResponse>("seller/s-1", attach).status().code() ==
        StatusCode::kInvalidArgument);
  attach.set_note(too_long.substr(2));
  CHECK(shop.fixture.Call<v1::AttachPersonalNoteResponse>("seller/s-1", attach).ok());
}

TEST_CASE("only services get what a mail needs, and nothing once the buyer's data are erased") {
  Shop shop;
  v1::GetOrderContactRequest get;
  get.set_order_id(shop.cups);
  CHECK(shop.fixture.Call<v1::GetOrderContactResponse>("seller/s-1", get).status().code() ==
        StatusCode::kPermissionDenied);
  const auto contact = shop.fixture.Call<v1::GetOrderContactResponse>("service/notification", get);
  REQUIRE(contact.ok());
  CHECK(contact->email() == "ann@secret.example");
  CHECK(contact->contact().address().locality() == "Berlin");
  CHECK(contact->lines_size() == 1);
  REQUIRE(shop.fixture.Run(shop.fixture.subject_keys().Erase("buyer/b-1")).ok());
  const Status erased = shop.fixture.Call<v1::GetOrderContactResponse>("service/notification", get).status();
  CHECK(Reason(erased) == "SUBJECT_ERASED");
  CHECK_FALSE(shop.GetOrder(shop.cups).has_contact());
  CHECK(shop.GetOrder(shop.cups).content_hash().size() == 64);
}

TEST_CASE("no personal data is stored in the clear") {
  Shop shop;
  v1::AttachPersonalNoteRequest attach;
  attach.set_request_id("note-1");
  attach.set_order_id(shop.cups);
  attach.set_note("Dear Ann Secretive");
  REQUIRE(shop.fixture.Call<v1::AttachPersonalNoteResponse>("seller/s-1", attach).ok());
  for (const ColumnFamily family : kColumnFamilies) {
    const Status scanned = shop.fixture.store().Scan(
        family, KeyRange(), Direction::kForward, [&](std::string_view key, std::string_view value) {
          for (const char* secret : {"Secret", "secret.example"}) {
            if (key.find(secret) != key.npos || value.find(secret) != value.npos) FAIL(NameOf(family));
          }
          return true;
        });
    CHECK(scanned.ok());
  }
}

}  // namespace
}  // namespace souk::order
