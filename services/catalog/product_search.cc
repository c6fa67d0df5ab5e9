#include "services/catalog/product_search.h"

#include <algorithm>
#include <utility>

#include "libs/base/proto_time.h"
#include "libs/base/sortable_time.h"
#include "libs/eventsourcing/page.h"
#include "services/catalog/search_view.h"

namespace souk::catalog {
namespace {

// The price that counts: in the currency of the filter, else in the main one. Null when
// there is none.
const type::v1::Money* PriceOf(const v1::SearchEntry& entry, std::string_view currency_code) {
  for (const type::v1::Money& price : entry.prices()) {
    if (currency_code.empty() || price.currency_code() == currency_code) return &price;
  }
  return nullptr;
}

std::string CurrencyOf(const v1::SearchProductsRequest& request) {
  return request.has_price_min() ? request.price_min().currency_code() : request.price_max().currency_code();
}

bool Matches(const v1::SearchProductsRequest& request, const v1::SearchEntry& entry,
             const type::v1::Money* price) {
  if (!request.category().empty() && entry.category() != request.category()) return false;
  if (!request.seller_id().empty() && entry.seller_id() != request.seller_id()) return false;
  if (request.available_only() && entry.availability() == v1::AVAILABILITY_BAND_OUT) return false;
  if (price == nullptr) return false;
  if (request.has_price_min() && price->minor_units() < request.price_min().minor_units()) return false;
  return !request.has_price_max() || price->minor_units() <= request.price_max().minor_units();
}

// Sorts as the order wants, but for its direction; unique.
std::string SortKey(v1::SearchOrder order, const v1::SearchEntry& entry, const type::v1::Money& price) {
  std::string key;
  if (order == v1::SEARCH_ORDER_PRICE_ASCENDING || order == v1::SEARCH_ORDER_PRICE_DESCENDING) {
    key = absl::StrFormat("%020d", price.minor_units());
  } else if (order == v1::SEARCH_ORDER_RATING) {
    const std::int64_t count = std::max<std::int64_t>(entry.rating().score_count(), 1);
    key = absl::StrFormat("%05d.%020d", entry.rating().score_sum() * 1000 / count,
                          entry.rating().score_count());
  } else {
    key = SortableTime(FromProto(entry.publish_time()));
  }
  return key + "/" + entry.product_id();
}

}  // namespace

std::string SearchFingerprint(const v1::SearchProductsRequest& request) {
  v1::SearchProductsRequest query = request;
  query.clear_page_size();
  query.clear_page_token();
  query.clear_language_code();
  return "search?" + query.SerializeAsString();
}

StatusOr<SearchPage> SearchForPage(const Engine& engine, const v1::SearchProductsRequest& request,
                                   const SearchPosition& position) {
  if (request.has_price_min() && request.has_price_max() &&
      request.price_min().currency_code() != request.price_max().currency_code()) {
    return InvalidField("price_max.currency_code", "must be that of price_min");
  }
  const std::string currency = CurrencyOf(request);
  const bool ascending = request.order() == v1::SEARCH_ORDER_PRICE_ASCENDING;
  const auto sorts_before = [ascending](const std::string& a, const std::string& b) {
    return ascending ? a < b : b < a;
  };

  ASSIGN_OR_RETURN(const std::vector<v1::SearchEntry> entries, FindProducts(engine, request.text()));
  std::vector<std::string> keys;
  for (const v1::SearchEntry& entry : entries) {
    const type::v1::Money* const price = PriceOf(entry, currency);
    if (!Matches(request, entry, price)) continue;
    std::string key = SortKey(request.order(), entry, *price);
    if (position.after.empty() || sorts_before(position.after, key)) keys.push_back(std::move(key));
  }
  const auto size = std::min(keys.size(), static_cast<std::size_t>(position.size));
  const auto end = keys.begin() + static_cast<std::ptrdiff_t>(size);
  std::partial_sort(keys.begin(), end, keys.end(), sorts_before);

  SearchPage page;
  for (auto key = keys.begin(); key != end; ++key) {
    page.product_ids.push_back(IdInKey(*key));
  }
  if (size < keys.size() && size > 0) page.last_key = keys[size - 1];
  return page;
}

}  // namespace souk::catalog
