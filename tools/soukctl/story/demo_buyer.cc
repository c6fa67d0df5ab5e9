#include "tools/soukctl/story/demo_buyer.h"

#include <string>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "libs/base/proto_time.h"
#include "souk/admin/v1/admin_service.pb.h"
#include "souk/cart/v1/cart_service.pb.h"
#include "souk/catalog/v1/catalog_service.pb.h"
#include "souk/order/v1/checkout_service.pb.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "tools/soukctl/story/placing.h"

namespace souk::ctl {
namespace {

namespace cart = souk::cart::v1;
namespace catalog = souk::catalog::v1;
namespace order = souk::order::v1;
namespace payment = souk::payment::v1;

std::string Day(const google::type::Date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

}  // namespace

Status Browse(DemoStage& stage) {
  stage.log.Chapter("Anna looks for a teapot, and reads everything about it");
  catalog::SearchProductsRequest search;
  search.set_text("teapot");
  search.set_language_code("en");
  ASSIGN_OR_RETURN(const auto found, stage.Call<catalog::SearchProductsResponse>(kBuyer, search));
  for (const catalog::Product& product : found.products()) stage.log.Say("found: " + product.title());
  catalog::GetProductRequest get;
  get.set_product_id(stage.Product(kPotter, "teapot"));
  get.set_view(catalog::PRODUCT_VIEW_FULL);
  get.set_language_code("en");
  get.mutable_destination()->set_region_code("DE");
  get.mutable_destination()->set_postal_code("10115");
  get.set_quantity(1);
  ASSIGN_OR_RETURN(const auto page, stage.Call<catalog::GetProductResponse>(kBuyer, get));
  stage.log.Say("\"" + page.product().description() + "\"");
  stage.log.Say(
      Amount(page.product().prices(0).price()) + ", " +
      catalog::AvailabilityBand_Name(page.product().availability()).substr(sizeof "AVAILABILITY_BAND_" - 1) +
      " stock, sold by " + page.page().seller().shop_name());
  for (const catalog::DeliveryOffer& offer : page.page().delivery_offers()) {
    stage.log.Say("delivery: " + offer.display_name() + " " + Amount(offer.cost()) + ", arrives " +
                  Day(offer.arrive_from()) + " to " + Day(offer.arrive_until()));
  }
  return stage.log.PrintEvents();
}

Status FillCart(DemoStage& stage) {
  stage.log.Chapter("She fills her cart, and changes her mind");
  cart::CreateCartRequest create;
  create.set_request_id(stage.RequestId("cart"));
  ASSIGN_OR_RETURN(const auto created, stage.Call<cart::CreateCartResponse>(kBuyer, create));
  stage.cart_id = created.cart().cart_id();
  const auto add = [&](const char* seller_id, const char* key, int quantity) {
    cart::AddItemRequest item;
    item.set_request_id(stage.RequestId(std::string("add/") + key));
    item.set_cart_id(stage.cart_id);
    item.set_product_id(stage.Product(seller_id, key));
    item.set_quantity(quantity);
    return stage.Call<cart::AddItemResponse>(kBuyer, item).status();
  };
  RETURN_IF_ERROR(add(kPotter, "teapot", 1));
  RETURN_IF_ERROR(add(kPotter, "cup", 1));
  RETURN_IF_ERROR(add(kWeaver, "linen", 2));
  cart::SetItemQuantityRequest more;
  more.set_request_id(stage.RequestId("more-cups"));
  more.set_cart_id(stage.cart_id);
  more.set_product_id(stage.Product(kPotter, "cup"));
  more.set_quantity(4);
  RETURN_IF_ERROR(stage.Call<cart::SetItemQuantityResponse>(kBuyer, more).status());
  more.set_request_id(stage.RequestId("less-linen"));
  more.set_product_id(stage.Product(kWeaver, "linen"));
  more.set_quantity(1);
  ASSIGN_OR_RETURN(const auto changed, stage.Call<cart::SetItemQuantityResponse>(kBuyer, more));
  for (const cart::CartItem& item : changed.cart().items()) {
    stage.log.Say(std::to_string(item.quantity()) + " x " + item.title() + "  " + Amount(item.total()));
  }
  stage.log.Say("together " + Amount(changed.cart().subtotal()));
  return stage.log.PrintEvents();
}

Status CheckOut(DemoStage& stage) {
  stage.log.Chapter("CHECK OUT: how to pay, where to deliver");
  order::StartCheckoutRequest start;
  start.set_request_id(stage.RequestId("checkout"));
  start.set_cart_id(stage.cart_id);
  start.set_language_code("en");
  ASSIGN_OR_RETURN(const auto started, stage.Call<order::StartCheckoutResponse>(kBuyer, start));
  stage.checkout_id = started.checkout().checkout_id();

  order::SelectPaymentMethodRequest method;
  method.set_request_id(stage.RequestId("method"));
  method.set_checkout_id(stage.checkout_id);
  method.set_method(order::PAYMENT_METHOD_BANK_TRANSFER);
  RETURN_IF_ERROR(stage.Call<order::SelectPaymentMethodResponse>(kBuyer, method).status());

  order::SetAddressRequest address;
  address.set_request_id(stage.RequestId("address"));
  address.set_checkout_id(stage.checkout_id);
  order::Contact& contact = *address.mutable_contact();
  contact.set_contact_name("Anna Fischer");
  contact.set_email("anna@buyers.example");
  contact.mutable_address()->set_region_code("DE");
  contact.mutable_address()->set_postal_code("10115");
  contact.mutable_address()->set_locality("Berlin");
  contact.mutable_address()->add_address_lines("Ackerstr. 12");
  ASSIGN_OR_RETURN(auto priced, stage.Call<order::SetAddressResponse>(kBuyer, address));
  order::Checkout checkout = priced.checkout();
  for (const order::CheckoutPart& part : priced.checkout().parts()) {
    order::SelectDeliveryRequest delivery;
    delivery.set_request_id(stage.RequestId("delivery/" + part.seller_id()));
    delivery.set_checkout_id(stage.checkout_id);
    delivery.set_seller_id(part.seller_id());
    delivery.set_option_id(part.options(0).option_id());
    ASSIGN_OR_RETURN(const auto selected, stage.Call<order::SelectDeliveryResponse>(kBuyer, delivery));
    checkout = selected.checkout();
    stage.log.Say(part.seller_id() + " delivers by " + part.options(0).display_name() + ", " +
                  Amount(part.options(0).cost()) + ", between " + Day(part.options(0).arrive_from()) +
                  " and " + Day(part.options(0).arrive_until()));
  }
  order::PlaceOrderRequest place;
  place.set_request_id(stage.RequestId("place"));
  place.set_checkout_id(stage.checkout_id);
  *place.mutable_expected_total() = checkout.total();
  ASSIGN_OR_RETURN(const order::Checkout placed, Place(stage.store, kBuyer, place));
  stage.log.Say("agreed to " + Amount(checkout.total()) + ": " + std::to_string(placed.order_ids_size()) +
                " orders, one for each shop");
  order::GetOrderGroupRequest get;
  get.set_group_id(stage.checkout_id);
  ASSIGN_OR_RETURN(const auto group, stage.Call<order::GetOrderGroupResponse>(kBuyer, get));
  for (const order::Order& one : group.order_group().orders()) stage.orders[one.snapshot().seller_id()] = one;
  return stage.log.PrintEvents();
}

Status Pay(DemoStage& stage) {
  stage.log.Chapter("She learns how to pay, and pays at her bank");
  payment::GetPaymentIntentRequest get;
  get.set_intent_id(stage.OrderOf(kPotter).snapshot().payment_intent_id());
  ASSIGN_OR_RETURN(const auto intent, stage.Call<payment::GetPaymentIntentResponse>(kBuyer, get));
  const payment::BankTransfer& transfer = intent.payment_intent().bank_transfer();
  stage.log.Say("transfer " + Amount(transfer.amount()) + " to " + transfer.iban() + ", reference " +
                transfer.reference() + ", until " +
                absl::FormatTime("%Y-%m-%d", FromProto(transfer.deadline()), absl::UTCTimeZone()));
  payment::RecordFundsRequest funds;
  funds.set_request_id(stage.RequestId("funds"));
  funds.set_reference(transfer.reference());
  *funds.mutable_amount() = transfer.amount();
  ASSIGN_OR_RETURN(const auto now,
                   stage.Call<admin::v1::GetTimeResponse>(kOperator, admin::v1::GetTimeRequest()));
  *funds.mutable_occur_time() = now.time();
  RETURN_IF_ERROR(stage.Call<payment::RecordFundsResponse>(kOperator, funds).status());
  stage.log.Say("the bank reports the money; the shops are told to pack");
  return stage.log.PrintEvents();
}

Status Receive(DemoStage& stage) {
  stage.log.Chapter("The parcels arrive, and Anna says so");
  ASSIGN_OR_RETURN(const auto now,
                   stage.Call<admin::v1::GetTimeResponse>(kOperator, admin::v1::GetTimeRequest()));
  if (now.manual()) {
    admin::v1::AdvanceTimeRequest days;
    days.set_seconds(absl::ToInt64Seconds(absl::Hours(48)));
    RETURN_IF_ERROR(stage.Call<admin::v1::AdvanceTimeResponse>(kOperator, days).status());
    stage.log.Say("two days later");
  }
  for (const auto& [seller_id, placed] : stage.orders) {
    order::ConfirmReceiptRequest confirm;
    confirm.set_request_id(stage.RequestId("received/" + seller_id));
    confirm.set_order_id(placed.order_id());
    ASSIGN_OR_RETURN(const auto confirmed, stage.Call<order::ConfirmReceiptResponse>(kBuyer, confirm));
    stage.log.Say("order " + placed.order_id() + ": " +
                  order::OrderState::State_Name(confirmed.order().state()).substr(sizeof "STATE_" - 1));
  }
  return stage.log.PrintEvents();
}

Status Review(DemoStage& stage) {
  stage.log.Chapter("She writes a review, and the shop answers");
  const order::Order& placed = stage.OrderOf(kPotter);
  catalog::SubmitReviewRequest submit;
  submit.set_request_id(stage.RequestId("review"));
  submit.set_order_id(placed.order_id());
  submit.set_line_id(placed.snapshot().lines(0).line_id());
  submit.set_score(5);
  submit.set_text("Even nicer than in the pictures, and here a day early.");
  ASSIGN_OR_RETURN(const auto review, stage.Call<catalog::SubmitReviewResponse>(kBuyer, submit));
  stage.log.Say("5 of 5: \"" + review.review().text() + "\"");
  catalog::AnswerReviewRequest answer;
  answer.set_request_id(stage.RequestId("answer"));
  answer.set_review_id(review.review().review_id());
  answer.set_text("Thank you, Anna. Enjoy your tea!");
  ASSIGN_OR_RETURN(const auto answered,
                   stage.Call<catalog::AnswerReviewResponse>(std::string("seller/") + kPotter, answer));
  stage.log.Say("answer: \"" + answered.review().answer() + "\"");
  return stage.log.PrintEvents();
}

}  // namespace souk::ctl
