// Search for products: words, filters, order and pages.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/eventsourcing/engine.h"
#include "souk/catalog/v1/catalog_service.pb.h"

namespace souk::catalog {

// What a page token belongs to: everything that decides what is found and in which order.
std::string SearchFingerprint(const v1::SearchProductsRequest& request);

struct SearchPosition {
  std::string after;  // Only what sorts behind this key.
  std::int32_t size;  // At most so many.
};

struct SearchPage {
  std::vector<std::string> product_ids;
  std::string last_key;  // Empty on the last page.
};

// A page of what `request` asks for. Pages are told apart by sort keys, not by counting, so
// what appears or goes between two pages shifts nothing. INVALID_ARGUMENT for prices in
// two currencies.
StatusOr<SearchPage> SearchForPage(const Engine& engine, const v1::SearchProductsRequest& request,
                                   const SearchPosition& position);

}  // namespace souk::catalog
