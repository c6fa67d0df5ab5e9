#include "services/catalog/product_query_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/page_token.h"
#include "libs/eventsourcing/page.h"
#include "services/catalog/access.h"
#include "services/catalog/product_search.h"
#include "services/catalog/render.h"
#include "services/catalog/text.h"

namespace souk::catalog {
namespace {

constexpr std::int32_t kQuantityMax = 10'000;
constexpr LengthRange kSearchText{0, 500};

bool ForSale(v1::ProductState::State state) {
  return state == v1::ProductState::STATE_UNSPECIFIED || state == v1::ProductState::STATE_PUBLISHED;
}

// "" stands for whatever there is.
Status CheckLanguageWanted(const std::string& language_code) {
  std::vector<FieldViolation> violations;
  if (!language_code.empty()) CheckLanguage(violations, "language_code", language_code);
  return InvalidFields(violations);
}

Status CheckSearch(const v1::SearchProductsRequest& request) {
  std::vector<FieldViolation> violations;
  CheckText(violations, "text", request.text(), kSearchText);
  if (!request.category().empty() && !CheckId("category", request.category()).ok()) {
    violations.push_back({"category", "is not a category"});
  }
  if (!request.seller_id().empty() && !CheckId("seller_id", request.seller_id()).ok()) {
    violations.push_back({"seller_id", "is not an id"});
  }
  if (!v1::SearchOrder_IsValid(request.order())) violations.push_back({"order", "is unknown"});
  if (!request.language_code().empty()) CheckLanguage(violations, "language_code", request.language_code());
  return InvalidFields(violations);
}

// Which index holds the list that was asked for.
StatusOr<IndexQuery> ListQuery(const rpc::CallContext& call, const v1::ListProductsRequest& request) {
  IndexQuery query{.direction = Direction::kBackward};
  if (!v1::ProductState::State_IsValid(request.state())) return InvalidField("state", "is unknown");
  if (!request.seller_id().empty() && !request.category().empty()) {
    return InvalidField("category", "cannot be combined with seller_id; search instead");
  }
  if (!request.seller_id().empty()) RETURN_IF_ERROR(CheckId("seller_id", request.seller_id()));
  if (!request.category().empty()) RETURN_IF_ERROR(CheckId("category", request.category()));
  if (!ForSale(request.state())) {
    if (request.seller_id().empty()) return InvalidField("seller_id", "is required with this state");
    if (!MayRead(call, request.seller_id())) return NoSuchSeller(request.seller_id());
    query.index = "products_by_seller_state";
    query.prefix = absl::StrFormat("%s/%d/", request.seller_id(), static_cast<int>(request.state()));
  } else if (!request.seller_id().empty() && request.state() == v1::ProductState::STATE_UNSPECIFIED &&
             IsOwner(call, request.seller_id())) {
    query.index = "products_by_seller";
    query.prefix = request.seller_id() + "/";
  } else if (!request.seller_id().empty()) {
    query.index = "products_listed_by_seller";
    query.prefix = request.seller_id() + "/";
  } else if (!request.category().empty()) {
    query.index = "products_listed_by_category";
    query.prefix = request.category() + "/";
  } else {
    query.index = "products_listed";
  }
  return query;
}

}  // namespace

void ProductQueryService::AddTo(rpc::Router& router) {
  using rpc::kAnyone;
  router.Add<&ProductQueryService::GetProduct>(*this, kAnyone);
  router.Add<&ProductQueryService::ListProducts>(*this, kAnyone);
  router.Add<&ProductQueryService::SearchProducts>(*this, kAnyone);
}

Task<StatusOr<v1::GetProductResponse>> ProductQueryService::GetProduct(CallContext call,
                                                                       v1::GetProductRequest request) {
  const Shared<v1::ProductState> product =
      co_await Try(ReadVisibleProduct(engine_, call, request.product_id()));
  if (request.quantity() < 0 || request.quantity() > kQuantityMax) {
    co_return InvalidField("quantity", "must be 0 to 10000");
  }
  if (!v1::ProductView_IsValid(request.view())) co_return InvalidField("view", "is unknown");
  co_await Try(CheckLanguageWanted(request.language_code()));
  v1::GetProductResponse response;
  *response.mutable_product() = Render(*product, request.language_code());
  if (request.view() == v1::PRODUCT_VIEW_FULL) {
    ProductPages::Reader reader{.destination = request.destination(),
                                .quantity = std::max(request.quantity(), 1)};
    *response.mutable_page() = co_await Try(pages_.Make(std::move(call), product, std::move(reader)));
  }
  co_return response;
}

Task<StatusOr<v1::ListProductsResponse>> ProductQueryService::ListProducts(CallContext call,
                                                                           v1::ListProductsRequest request) {
  co_await Try(CheckLanguageWanted(request.language_code()));
  IndexQuery query = co_await Try(ListQuery(call, request));
  const Page page = co_await Try(QueryPage(engine_, std::move(query), request));
  v1::ListProductsResponse response;
  for (const IndexRow& row : page.rows) {
    const Shared<v1::ProductState> product =
        co_await Try(engine_.Read<Product>(ProductId::Of(IdInKey(row.key))));
    *response.add_products() = Render(*product, request.language_code());
  }
  response.set_next_page_token(page.next_page_token);
  co_return response;
}

Task<StatusOr<v1::SearchProductsResponse>> ProductQueryService::SearchProducts(
    CallContext, v1::SearchProductsRequest request) {
  co_await Try(CheckSearch(request));
  const std::string fingerprint = SearchFingerprint(request);
  const std::int32_t page_size = co_await Try(PageSize(request.page_size()));
  const std::string after = co_await Try(DecodePageToken(fingerprint, request.page_token()));
  const SearchPage page = co_await Try(SearchForPage(engine_, request, {.after = after, .size = page_size}));
  v1::SearchProductsResponse response;
  for (const std::string& id : page.product_ids) {
    const Shared<v1::ProductState> product = co_await Try(engine_.Read<Product>(ProductId::Of(id)));
    if (!IsSaleable(*product)) continue;  // The view has not heard of it yet.
    *response.add_products() = Render(*product, request.language_code());
  }
  if (!page.last_key.empty()) {
    response.set_next_page_token(EncodePageToken(fingerprint, page.last_key));
  }
  co_return response;
}

}  // namespace souk::catalog
