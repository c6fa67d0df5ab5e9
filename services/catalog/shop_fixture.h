// A catalogue under test with a shop or two: the real module on a store in memory.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/testing/service_fixture.h"
#include "libs/testing/spec.h"
#include "services/catalog/module.h"
#include "services/catalog/test_images.h"
#include "souk/catalog/events/v1/catalog_events.pb.h"
#include "souk/catalog/v1/catalog_internal_service.pb.h"
#include "souk/catalog/v1/catalog_service.pb.h"

namespace souk::catalog::testing {

using souk::testing::FromText;
using souk::testing::Noon;

class Shop {
 public:
  Shop() { fixture_.Start(); }

  souk::testing::ServiceFixture& fixture() { return fixture_; }

  template <typename Response, typename Request>
  StatusOr<Response> Call(std::string_view principal, const Request& request) {
    return fixture_.Call<Response>(principal, request);
  }

  // Must succeed.
  template <typename Response, typename Request>
  Response Get(std::string_view principal, const Request& request) {
    StatusOr<Response> response = Call<Response>(principal, request);
    INFO(Request::descriptor()->name() << ": " << response.status().ToString());
    REQUIRE(response.ok());
    return *std::move(response);
  }

  // A change with a new request id. Sent twice, as clients do that heard no answer: both
  // must succeed with the same answer, and the second must change nothing.
  template <typename Response, typename Request>
  Response Do(std::string_view principal, Request request) {
    request.set_request_id(NewRequestId());
    const Response first = Get<Response>(principal, request);
    const std::size_t events = fixture_.AllPublicEvents().size();
    const Response second = Get<Response>(principal, request);
    CHECK(first.ShortDebugString() == second.ShortDebugString());
    CHECK(fixture_.AllPublicEvents().size() == events);
    return first;
  }
  template <typename Response, typename Request>
  Response Do(std::string_view principal, const std::string& text) {
    return Do<Response>(principal, FromText<Request>(text));
  }

  // The error of a change that must fail.
  template <typename Response, typename Request>
  Status Fails(std::string_view principal, Request request) {
    request.set_request_id(NewRequestId());
    const Status status = Call<Response>(principal, request).status();
    INFO(Request::descriptor()->name());
    CHECK_FALSE(status.ok());
    return status;
  }
  template <typename Response, typename Request>
  Status Fails(std::string_view principal, const std::string& text) {
    return Fails<Response>(principal, FromText<Request>(text));
  }

  // A seller who may sell.
  void AddSeller(const std::string& seller_id) {
    v1::RegisterSellerRequest request;
    request.set_shop_name("Shop of " + seller_id);
    request.set_contact_name("Ann Lee");
    request.set_contact_email("ann@example.com");
    Do<v1::RegisterSellerResponse>("seller/" + seller_id, request);
    v1::ApproveSellerRequest approve;
    approve.set_seller_id(seller_id);
    Do<v1::ApproveSellerResponse>("operator/olga", approve);
  }

  StatusOr<v1::UploadMediaResponse> Upload(const std::string& seller_id, const std::string& bytes,
                                           const std::string& sha256 = "") {
    std::vector<v1::UploadMediaRequest> parts(1);
    parts[0].mutable_start()->set_request_id(NewRequestId());
    parts[0].mutable_start()->set_seller_id(seller_id);
    parts[0].mutable_start()->set_sha256(sha256);
    for (std::size_t at = 0; at < bytes.size(); at += 1000)
      parts.emplace_back().set_chunk(bytes.substr(at, 1000));
    return fixture_.Upload<v1::UploadMediaResponse>("seller/" + seller_id, parts);
  }

  struct Listing {
    std::string title = "Bowl";
    std::string category = "kitchen";
    std::int64_t price = 1250;
    std::int64_t quantity = 10;
  };

  std::string AddDraft(const std::string& seller_id, const Listing& listing) {
    v1::CreateProductRequest request;
    request.set_seller_id(seller_id);
    request.set_category(listing.category);
    request.set_weight_grams(400);
    v1::LocalizedText& text = *request.add_texts();
    text.set_language_code("en");
    text.set_title(listing.title);
    text.set_description("Made by hand.");
    return Do<v1::CreateProductResponse>("seller/" + seller_id, request).product().product_id();
  }

  // A product for sale; returns its id.
  std::string AddProduct(const std::string& seller_id, const Listing& listing) {
    const std::string seller = "seller/" + seller_id;
    const std::string product_id = AddDraft(seller_id, listing);
    const StatusOr<v1::UploadMediaResponse> photo = Upload(seller_id, Png(300, 200));
    REQUIRE(photo.ok());
    v1::AttachMediaRequest attach;
    attach.set_product_id(product_id);
    attach.set_media_id(photo->media().media_id());
    attach.set_alt_text("a picture");
    Do<v1::AttachMediaResponse>(seller, attach);
    v1::SetPriceRequest price;
    price.set_product_id(product_id);
    price.mutable_price()->set_currency_code("EUR");
    price.mutable_price()->set_minor_units(listing.price);
    Do<v1::SetPriceResponse>(seller, price);
    v1::SetDeliveryProfileRequest profile;
    profile.set_product_id(product_id);
    profile.set_delivery_profile_id("d-1");
    Do<v1::SetDeliveryProfileResponse>(seller, profile);
    v1::ReceiveStockRequest stock;
    stock.set_product_id(product_id);
    stock.set_quantity(listing.quantity);
    Do<v1::ReceiveStockResponse>(seller, stock);
    v1::PublishProductRequest publish;
    publish.set_product_id(product_id);
    Do<v1::PublishProductResponse>(seller, publish);
    return product_id;
  }

  v1::Stock StockOf(const std::string& product_id) {
    v1::GetStockRequest request;
    request.set_product_id(product_id);
    return Get<v1::GetStockResponse>("operator/olga", request).stock();
  }

  v1::HoldStockRequest HoldOf(const std::string& product_id, const std::string& hold_id,
                              std::int64_t quantity) {
    v1::HoldStockRequest request;
    request.set_request_id(NewRequestId());
    request.set_product_id(product_id);
    request.set_hold_id(hold_id);
    request.set_quantity(quantity);
    *request.mutable_expire_time() = ToProto(fixture_.now() + absl::Minutes(15));
    return request;
  }

  std::string NewRequestId() { return absl::StrFormat("request-%d", ++requests_); }

 private:
  souk::testing::ServiceFixture fixture_{CatalogModule()};
  int requests_ = 0;
};

inline constexpr char kOrderService[] = "service/order";

}  // namespace souk::catalog::testing
