#include "services/catalog/product_service.h"

#include <utility>

#include "libs/base/uuid.h"
#include "services/catalog/access.h"
#include "services/catalog/media.h"
#include "services/catalog/render.h"
#include "services/catalog/seller.h"
#include "services/catalog/stock.h"

namespace souk::catalog {
namespace {

// What a product has to know of its seller.
SetSellerAvailability AvailabilityOf(const v1::SellerState& seller) {
  return {.active = seller.state() == v1::SellerState::STATE_ACTIVE,
          .on_vacation = seller.on_vacation(),
          .version = seller.availability_version()};
}

// Copies the product for the answer.
auto ReadInto(v1::ProductState& result, ProductId id) {
  return [&result, id](Unit& unit) -> Status {
    ASSIGN_OR_RETURN(const v1::ProductState* const state, unit.Load<Product>(id));
    result = *state;
    return OkStatus();
  };
}

}  // namespace

void ProductService::AddTo(rpc::Router& router) {
  using rpc::kSellers;
  router.Add<&ProductService::CreateProduct>(*this, kSellers);
  router.Add<&ProductService::ReviseProduct>(*this, kSellers);
  router.Add<&ProductService::AttachMedia>(*this, kSellers);
  router.Add<&ProductService::DetachMedia>(*this, kSellers);
  router.Add<&ProductService::ReorderMedia>(*this, kSellers);
  router.Add<&ProductService::SetPrice>(*this, kSellers);
  router.Add<&ProductService::SetDeliveryProfile>(*this, kSellers);
  router.Add<&ProductService::PublishProduct>(*this, kSellers);
  router.Add<&ProductService::UnpublishProduct>(*this, kSellers);
  router.Add<&ProductService::ArchiveProduct>(*this, kSellers);
}

Task<StatusOr<v1::CreateProductResponse>> ProductService::CreateProduct(CallContext call,
                                                                        v1::CreateProductRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Shared<v1::SellerState> seller = co_await Try(ReadOwnSeller(engine_, call, request.seller_id()));
  const ProductId id = ProductId::Of(DerivedUuid("product", request.request_id(), ToString(call.principal)));
  const catalog::CreateProduct create{.product_id = id.str(),
                                      .seller_id = request.seller_id(),
                                      .texts = {request.texts().begin(), request.texts().end()},
                                      .category = request.category(),
                                      .weight_grams = request.weight_grams()};
  const OpenStock open{
      .product_id = id.str(), .seller_id = request.seller_id(), .low_level = low_stock_level_};
  // A product and its stock begin together.
  const auto work = [&](Unit& unit) -> Status {
    RETURN_IF_ERROR(unit.Execute<Product>(id, create));
    RETURN_IF_ERROR(unit.Execute<Stock>(StockId::Of(id.str()), open));
    return unit.Execute<Product>(id, AvailabilityOf(*seller));
  };
  v1::ProductState product;
  const auto read = ReadInto(product, id);
  co_await Try(co_await engine_.Transact(PartitionKeyOf<Product>(id), std::move(metadata), work, read));
  v1::CreateProductResponse response;
  *response.mutable_product() = Render(product);
  co_return response;
}

Task<StatusOr<v1::ReviseProductResponse>> ProductService::ReviseProduct(CallContext call,
                                                                        v1::ReviseProductRequest request) {
  catalog::ReviseProduct command{.texts = {request.texts().begin(), request.texts().end()}};
  if (request.has_category()) command.category = request.category();
  if (request.has_weight_grams()) command.weight_grams = request.weight_grams();
  return Change<v1::ReviseProductResponse>(std::move(call), request.request_id(), request.product_id(),
                                           std::move(command));
}

Task<StatusOr<v1::AttachMediaResponse>> ProductService::AttachMedia(CallContext call,
                                                                    v1::AttachMediaRequest request) {
  const Shared<v1::ProductState> product = co_await Try(ReadOwnProduct(engine_, call, request.product_id()));
  const MediaId media_id = co_await Try(MediaId::Parse(request.media_id()));
  const Shared<v1::MediaState> media = co_await Try(engine_.Read<Media>(media_id));
  if (media->seller_id() != product->seller_id()) co_return NotFound("no photo %s", media_id.str());
  catalog::AttachMedia command;
  command.media.set_media_id(media->media_id());
  command.media.set_alt_text(request.alt_text());
  command.media.set_content_type(media->content_type());
  command.media.set_width(media->width());
  command.media.set_height(media->height());
  co_return co_await Change<v1::AttachMediaResponse>(std::move(call), request.request_id(),
                                                     request.product_id(), std::move(command));
}

Task<StatusOr<v1::DetachMediaResponse>> ProductService::DetachMedia(CallContext call,
                                                                    v1::DetachMediaRequest request) {
  return Change<v1::DetachMediaResponse>(std::move(call), request.request_id(), request.product_id(),
                                         catalog::DetachMedia{.media_id = request.media_id()});
}

Task<StatusOr<v1::ReorderMediaResponse>> ProductService::ReorderMedia(CallContext call,
                                                                      v1::ReorderMediaRequest request) {
  catalog::ReorderMedia command{.media_ids = {request.media_ids().begin(), request.media_ids().end()}};
  return Change<v1::ReorderMediaResponse>(std::move(call), request.request_id(), request.product_id(),
                                          std::move(command));
}

Task<StatusOr<v1::SetPriceResponse>> ProductService::SetPrice(CallContext call, v1::SetPriceRequest request) {
  return Change<v1::SetPriceResponse>(std::move(call), request.request_id(), request.product_id(),
                                      catalog::SetPrice{.price = request.price()});
}

Task<StatusOr<v1::SetDeliveryProfileResponse>> ProductService::SetDeliveryProfile(
    CallContext call, v1::SetDeliveryProfileRequest request) {
  return Change<v1::SetDeliveryProfileResponse>(
      std::move(call), request.request_id(), request.product_id(),
      catalog::SetDeliveryProfile{.delivery_profile_id = request.delivery_profile_id()});
}

Task<StatusOr<v1::PublishProductResponse>> ProductService::PublishProduct(CallContext call,
                                                                          v1::PublishProductRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Shared<v1::ProductState> before = co_await Try(ReadOwnProduct(engine_, call, request.product_id()));
  const Shared<v1::SellerState> seller =
      co_await Try(engine_.Read<Seller>(SellerId::Of(before->seller_id())));
  const ProductId id = ProductId::Of(before->product_id());
  // The news that she was approved may still be on its way to the product.
  const auto work = [&](Unit& unit) -> Status {
    RETURN_IF_ERROR(unit.Execute<Product>(id, AvailabilityOf(*seller)));
    return unit.Execute<Product>(id, catalog::PublishProduct{});
  };
  v1::ProductState product;
  const auto read = ReadInto(product, id);
  co_await Try(co_await engine_.Transact(PartitionKeyOf<Product>(id), std::move(metadata), work, read));
  v1::PublishProductResponse response;
  *response.mutable_product() = Render(product);
  co_return response;
}

Task<StatusOr<v1::UnpublishProductResponse>> ProductService::UnpublishProduct(
    CallContext call, v1::UnpublishProductRequest request) {
  return Change<v1::UnpublishProductResponse>(std::move(call), request.request_id(), request.product_id(),
                                              catalog::UnpublishProduct{});
}

Task<StatusOr<v1::ArchiveProductResponse>> ProductService::ArchiveProduct(CallContext call,
                                                                          v1::ArchiveProductRequest request) {
  return Change<v1::ArchiveProductResponse>(std::move(call), request.request_id(), request.product_id(),
                                            catalog::ArchiveProduct{});
}

template <typename Response, typename Command>
Task<StatusOr<Response>> ProductService::Change(CallContext call, std::string request_id,
                                                std::string product_id, Command command) {
  CommandMetadata metadata = co_await Try(call.Metadata(request_id));
  co_await Try(ReadOwnProduct(engine_, call, product_id));
  const Shared<v1::ProductState> product = co_await Try(
      engine_.Execute<Product>(ProductId::Of(product_id), std::move(command), std::move(metadata)));
  Response response;
  *response.mutable_product() = Render(*product);
  co_return response;
}

}  // namespace souk::catalog
