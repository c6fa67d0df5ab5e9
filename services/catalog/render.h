// From states to the resources of the API.
#pragma once

#include <string_view>

#include "souk/catalog/v1/catalog_internal_service.pb.h"
#include "souk/catalog/v1/catalog_service.pb.h"
#include "souk/catalog/v1/media_events.pb.h"
#include "souk/catalog/v1/product_events.pb.h"
#include "souk/catalog/v1/review_events.pb.h"
#include "souk/catalog/v1/seller_events.pb.h"
#include "souk/catalog/v1/stock_events.pb.h"

namespace souk::catalog {

// Without what is sealed.
v1::Seller Render(const v1::SellerState& state);
v1::SellerCard RenderCard(const v1::SellerState& state);
// In the reader's language if there is a text in it, else in the default one.
v1::Product Render(const v1::ProductState& state, std::string_view language_code = "");
v1::Stock Render(const v1::StockState& state);
v1::Media Render(const v1::MediaState& state);
// Without order and line.
v1::Review Render(const v1::ReviewState& state);
// What became of a hold.
v1::StockHold RenderHold(const v1::StockState& state, std::string_view hold_id);

}  // namespace souk::catalog
