#include "services/catalog/seller_service.h"

#include <catch2/catch.hpp>

#include "services/catalog/shop_fixture.h"

namespace souk::catalog {
namespace {

using absl::StatusCode;
using testing::FromText;
using testing::Shop;

constexpr char kRegistration[] = R"pb(shop_name: "Clay"
                                      contact_name: "Ann Lee"
                                      contact_email: "ann@example.com"
                                      language_code: "pt-BR")pb";

v1::Seller Register(Shop& shop, std::string_view principal, const std::string& more = "") {
  return shop.Do<v1::RegisterSellerResponse, v1::RegisterSellerRequest>(principal, kRegistration + more)
      .seller();
}

TEST_CASE("a seller registers herself under her own id") {
  Shop shop;
  const v1::Seller seller = Register(shop, "seller/s-1");
  CHECK(seller.seller_id() == "s-1");
  CHECK(seller.state() == v1::SellerState::STATE_PENDING_APPROVAL);
  CHECK(seller.contact_email() == "ann@example.com");
  CHECK(Register(shop, "operator/olga", R"pb(seller_id: "s-2")pb").seller_id() == "s-2");
  CHECK(Register(shop, "guest/g-1").seller_id().size() == 36);
  const Status other = shop.Fails<v1::RegisterSellerResponse, v1::RegisterSellerRequest>(
      "seller/s-3", std::string(kRegistration) + R"pb(seller_id: "s-4")pb");
  CHECK(other.code() == StatusCode::kInvalidArgument);
}

TEST_CASE("a request id cannot be used for something else") {
  Shop shop;
  auto request = FromText<v1::RegisterSellerRequest>(kRegistration);
  request.set_request_id("r-1");
  shop.Get<v1::RegisterSellerResponse>("seller/s-1", request);
  request.set_shop_name("Mud");
  const Status status = shop.Call<v1::RegisterSellerResponse>("seller/s-1", request).status();
  CHECK(status.code() == StatusCode::kInvalidArgument);
  CHECK(Reason(status) == "REQUEST_ID_REUSED");
  request.clear_request_id();
  CHECK(shop.Call<v1::RegisterSellerResponse>("seller/s-9", request).status().code() ==
        StatusCode::kInvalidArgument);
}

TEST_CASE("bad fields of a registration are all named") {
  Shop shop;
  const Status status = shop.Fails<v1::RegisterSellerResponse, v1::RegisterSellerRequest>(
      "seller/s-1", R"pb(shop_name: "x")pb");
  std::string fields;
  for (const FieldViolation& violation : FieldViolations(status)) fields += violation.field + " ";
  CHECK(fields == "contact_name contact_email ");
}

TEST_CASE("names and addresses are sealed in the log, and in no public event") {
  Shop shop;
  Register(shop, "seller/s-1");
  const auto records = shop.fixture().engine().ReadStream<Seller>(SellerId::Of("s-1"));
  REQUIRE(records.ok());
  REQUIRE(records->size() == 1);
  for (const event::v1::EventRecord& record : *records) {
    CHECK(record.payload().find("Ann Lee") == std::string::npos);
    CHECK(record.payload().find("ann@") == std::string::npos);
  }
  for (const PublicEvent& event : shop.fixture().AllPublicEvents()) {
    CHECK(event.payload.find("Ann Lee") == std::string::npos);
    CHECK(event.payload.find("ann@") == std::string::npos);
  }
}

TEST_CASE("who somebody is, only she and operators see, and services that write to her") {
  Shop shop;
  shop.AddSeller("s-1");
  const auto get = FromText<v1::GetSellerRequest>(R"pb(seller_id: "s-1")pb");
  CHECK(shop.Get<v1::GetSellerResponse>("seller/s-1", get).seller().contact_name() == "Ann Lee");
  CHECK(shop.Get<v1::GetSellerResponse>("operator/olga", get).seller().contact_name() == "Ann Lee");
  for (const char* stranger : {"guest/g", "buyer/b-1", "seller/s-2", "service/order"}) {
    const v1::Seller seller = shop.Get<v1::GetSellerResponse>(stranger, get).seller();
    CHECK(seller.shop_name() == "Shop of s-1");
    CHECK(seller.contact_name().empty());
    CHECK(seller.contact_email().empty());
  }
  const auto contact = FromText<v1::GetSellerContactRequest>(R"pb(seller_id: "s-1")pb");
  const auto response = shop.Get<v1::GetSellerContactResponse>("service/notification", contact);
  CHECK(response.name() == "Ann Lee");
  CHECK(response.email() == "ann@example.com");
  CHECK(response.language_code() == "en");
  CHECK(shop.Call<v1::GetSellerContactResponse>("buyer/b-1", contact).status().code() ==
        StatusCode::kPermissionDenied);
}

TEST_CASE("a destroyed key makes a seller unknown for ever") {
  Shop shop;
  shop.AddSeller("s-1");
  REQUIRE(shop.fixture().Run(shop.fixture().subject_keys().Erase("seller/s-1")).ok());
  const auto contact = FromText<v1::GetSellerContactRequest>(R"pb(seller_id: "s-1")pb");
  CHECK(Reason(shop.Call<v1::GetSellerContactResponse>("service/notification", contact).status()) ==
        "SUBJECT_ERASED");
  const auto get = FromText<v1::GetSellerRequest>(R"pb(seller_id: "s-1")pb");
  CHECK(shop.Get<v1::GetSellerResponse>("operator/olga", get).seller().contact_name().empty());
}

TEST_CASE("a shop that waits for approval is there for nobody else") {
  Shop shop;
  Register(shop, "seller/s-1");
  const auto get = FromText<v1::GetSellerRequest>(R"pb(seller_id: "s-1")pb");
  CHECK(shop.Get<v1::GetSellerResponse>("seller/s-1", get).seller().shop_name() == "Clay");
  const Status hidden = shop.Call<v1::GetSellerResponse>("buyer/b-1", get).status();
  CHECK(hidden.code() == StatusCode::kNotFound);
  CHECK(hidden.message() == "no seller s-1");
}

TEST_CASE("nobody changes the shop of someone else") {
  Shop shop;
  shop.AddSeller("s-1");
  shop.AddSeller("s-2");
  const char* const other = R"pb(seller_id: "s-1")pb";
  CHECK(shop.Fails<v1::UpdateSellerResponse, v1::UpdateSellerRequest>("seller/s-2", other).code() ==
        StatusCode::kNotFound);
  CHECK(shop.Fails<v1::ScheduleVacationResponse, v1::ScheduleVacationRequest>("seller/s-2", other).code() ==
        StatusCode::kNotFound);
  CHECK(shop.Fails<v1::EndVacationResponse, v1::EndVacationRequest>("seller/s-2", other).code() ==
        StatusCode::kNotFound);
  CHECK(shop.Fails<v1::ApproveSellerResponse, v1::ApproveSellerRequest>("seller/s-1", other).code() ==
        StatusCode::kPermissionDenied);
}

TEST_CASE("a seller tells her story and adds a note of thanks") {
  Shop shop;
  shop.AddSeller("s-1");
  const v1::Seller seller = shop.Do<v1::UpdateSellerResponse, v1::UpdateSellerRequest>("seller/s-1", R"pb(
                                  seller_id: "s-1"
                                  story: "I like mud."
                                  shop_note: "Thank you!"
                                  return_terms: "14 days."
                                )pb")
                                .seller();
  CHECK(seller.story() == "I like mud.");
  CHECK(seller.shop_note() == "Thank you!");
  CHECK(seller.return_terms() == "14 days.");
}

TEST_CASE("a seller's photo is one that she uploaded") {
  Shop shop;
  shop.AddSeller("s-1");
  shop.AddSeller("s-2");
  const std::string media_id = shop.Upload("s-2", testing::Png(9, 9))->media().media_id();
  v1::UpdateSellerRequest request;
  request.set_seller_id("s-1");
  request.set_photo_media_id(media_id);
  CHECK(shop.Fails<v1::UpdateSellerResponse>("seller/s-1", request).code() == StatusCode::kNotFound);
  request.set_seller_id("s-2");
  CHECK(shop.Do<v1::UpdateSellerResponse>("seller/s-2", request).seller().photo_media_id() == media_id);
}

TEST_CASE("operators find the shops that wait") {
  Shop shop;
  shop.AddSeller("s-1");
  Register(shop, "seller/s-2");
  Register(shop, "seller/s-3");
  auto request = FromText<v1::ListSellersRequest>(R"pb(state: STATE_PENDING_APPROVAL page_size: 1)pb");
  auto response = shop.Get<v1::ListSellersResponse>("operator/olga", request);
  REQUIRE(response.sellers_size() == 1);
  CHECK(response.sellers(0).seller_id() == "s-2");
  request.set_page_token(response.next_page_token());
  response = shop.Get<v1::ListSellersResponse>("operator/olga", request);
  REQUIRE(response.sellers_size() == 1);
  CHECK(response.sellers(0).seller_id() == "s-3");
  CHECK(response.next_page_token().empty());
  request.set_state(v1::SellerState::STATE_ACTIVE);
  CHECK(absl::IsInvalidArgument(shop.Call<v1::ListSellersResponse>("operator/olga", request).status()));
  request.clear_page_token();  // That one belonged to another query.
  CHECK(shop.Get<v1::ListSellersResponse>("operator/olga", request).sellers_size() == 1);
}

}  // namespace
}  // namespace souk::catalog
