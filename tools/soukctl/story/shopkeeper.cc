#include "tools/soukctl/story/shopkeeper.h"

#include "libs/base/hash.h"
#include "libs/base/uuid.h"
#include "souk/admin/v1/admin_service.pb.h"
#include "souk/catalog/v1/catalog_service.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"
#include "tools/soukctl/story/picture.h"

namespace souk::ctl {

namespace catalog = souk::catalog::v1;
namespace shipping = souk::shipping::v1;

namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;

void SetMoney(std::int64_t minor_units, const std::string& currency_code, type::v1::Money& money) {
  money.set_currency_code(currency_code);
  money.set_minor_units(minor_units);
}

}  // namespace

std::string Shopkeeper::RequestId(std::string_view what) const { return DerivedUuid(run_, seller_id_, what); }

Status Shopkeeper::Open(const ShopSpec& shop) {
  catalog::RegisterSellerRequest seller;
  seller.set_request_id(RequestId("register"));
  seller.set_seller_id(seller_id_);
  seller.set_shop_name(shop.shop_name);
  seller.set_contact_name(shop.contact_name);
  seller.set_contact_email(shop.email);
  seller.set_language_code(shop.language_code);
  RETURN_IF_ERROR(store_.Call<catalog::RegisterSellerResponse>(Principal(), seller).status());
  catalog::ApproveSellerRequest approve;
  approve.set_request_id(RequestId("approve"));
  approve.set_seller_id(seller_id_);
  RETURN_IF_ERROR(store_.Call<catalog::ApproveSellerResponse>("operator/marketplace", approve).status());
  if (shop.story.empty() && shop.note.empty() && shop.return_terms.empty()) return OkStatus();
  catalog::UpdateSellerRequest update;
  update.set_request_id(RequestId("story"));
  update.set_seller_id(seller_id_);
  update.set_story(shop.story);
  update.set_shop_note(shop.note);
  update.set_return_terms(shop.return_terms);
  return store_.Call<catalog::UpdateSellerResponse>(Principal(), update).status();
}

StatusOr<std::string> Shopkeeper::DefineProfile(const ProfileSpec& spec) {
  shipping::DefineDeliveryProfileRequest request;
  request.set_request_id(RequestId("profile/" + spec.name));
  request.set_seller_id(seller_id_);
  shipping::DeliveryProfile& profile = *request.mutable_profile();
  profile.set_seller_id(seller_id_);
  profile.set_display_name(spec.name);
  profile.set_time_zone(spec.time_zone);
  profile.set_cutoff_minute_of_day(14 * 60);
  profile.set_handling_days_min(spec.handling_days_min);
  profile.set_handling_days_max(spec.handling_days_max);
  shipping::DeliveryZone& zone = *profile.add_zones();
  zone.set_display_name(spec.name);
  for (const std::string& region : spec.region_codes) zone.add_region_codes(region);
  for (const DeliveryOptionSpec& option_spec : spec.options) {
    shipping::DeliveryOption& option = *zone.add_options();
    option.set_option_id(option_spec.option_id);
    option.set_display_name(option_spec.name);
    option.set_carrier(option_spec.carrier);
    option.set_transit_days_min(option_spec.transit_days_min);
    option.set_transit_days_max(option_spec.transit_days_max);
    SetMoney(option_spec.flat, spec.currency_code, *option.mutable_cost()->mutable_flat());
    if (option_spec.per_item > 0) {
      SetMoney(option_spec.per_item, spec.currency_code, *option.mutable_cost()->mutable_per_item());
    }
    if (option_spec.free_over > 0) {
      SetMoney(option_spec.free_over, spec.currency_code, *option.mutable_cost()->mutable_free_over());
    }
  }
  ASSIGN_OR_RETURN(const auto response,
                   store_.Call<shipping::DefineDeliveryProfileResponse>(Principal(), request));
  return response.profile().profile_id();
}

StatusOr<std::string> Shopkeeper::Upload(const std::string& bytes) {
  const std::string sha256 = ToHex(Sha256(bytes));
  std::vector<catalog::UploadMediaRequest> messages(1);
  messages[0].mutable_start()->set_request_id(RequestId("photo/" + sha256));
  messages[0].mutable_start()->set_seller_id(seller_id_);
  messages[0].mutable_start()->set_sha256(sha256);
  for (std::size_t at = 0; at < bytes.size(); at += kChunkBytes) {
    messages.emplace_back().set_chunk(bytes.substr(at, kChunkBytes));
  }
  ASSIGN_OR_RETURN(const auto response, store_.Upload<catalog::UploadMediaResponse>(Principal(), messages));
  return response.media().media_id();
}

StatusOr<std::string> Shopkeeper::AddProduct(const ProductSpec& product) {
  catalog::CreateProductRequest create;
  create.set_request_id(RequestId("product/" + product.key));
  create.set_seller_id(seller_id_);
  for (const TextSpec& spec : product.texts) {
    catalog::LocalizedText& text = *create.add_texts();
    text.set_language_code(spec.language_code);
    text.set_title(spec.title);
    text.set_description(spec.description);
  }
  create.set_category(product.category);
  create.set_weight_grams(product.weight_grams);
  ASSIGN_OR_RETURN(const auto created, store_.Call<catalog::CreateProductResponse>(Principal(), create));
  const std::string product_id = created.product().product_id();

  for (const PictureSpec& picture : product.pictures) {
    const std::string bytes = picture.bytes.empty() ? MakePicture(Fnv1a(product_id)) : picture.bytes;
    catalog::AttachMediaRequest attach;
    ASSIGN_OR_RETURN(*attach.mutable_media_id(), Upload(bytes));
    attach.set_request_id(RequestId("attach/" + product.key + "/" + attach.media_id()));
    attach.set_product_id(product_id);
    attach.set_alt_text(picture.alt_text);
    RETURN_IF_ERROR(store_.Call<catalog::AttachMediaResponse>(Principal(), attach).status());
  }
  RETURN_IF_ERROR(SetPrice(product.key, product_id, product.price));
  RETURN_IF_ERROR(SetDeliveryProfile(product.key, product_id, product.profile_id));
  RETURN_IF_ERROR(ReceiveStock(product.key, product_id, product.stock));
  catalog::PublishProductRequest publish;
  publish.set_request_id(RequestId("publish/" + product.key));
  publish.set_product_id(product_id);
  RETURN_IF_ERROR(store_.Call<catalog::PublishProductResponse>(Principal(), publish).status());
  return product_id;
}

Status Shopkeeper::SetPrice(const std::string& id, const std::string& product_id, const Money& price) {
  catalog::SetPriceRequest request;
  request.set_request_id(RequestId("price/" + id));
  request.set_product_id(product_id);
  SetMoney(price.minor_units, price.currency_code, *request.mutable_price());
  return store_.Call<catalog::SetPriceResponse>(Principal(), request).status();
}

Status Shopkeeper::SetDeliveryProfile(const std::string& id, const std::string& product_id,
                                      const std::string& profile_id) {
  catalog::SetDeliveryProfileRequest request;
  request.set_request_id(RequestId("delivery/" + id));
  request.set_product_id(product_id);
  request.set_delivery_profile_id(profile_id);
  return store_.Call<catalog::SetDeliveryProfileResponse>(Principal(), request).status();
}

Status Shopkeeper::ReceiveStock(const std::string& id, const std::string& product_id, std::int64_t quantity) {
  catalog::ReceiveStockRequest request;
  request.set_request_id(RequestId("stock/" + id));
  request.set_product_id(product_id);
  request.set_quantity(quantity);
  return store_.Call<catalog::ReceiveStockResponse>(Principal(), request).status();
}

Status Shopkeeper::Settle() {
  return store_.Call<admin::v1::SettleResponse>("operator/marketplace", admin::v1::SettleRequest()).status();
}

}  // namespace souk::ctl
