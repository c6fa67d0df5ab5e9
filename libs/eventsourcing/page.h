// Pages of an index or a view, for List RPCs. New rows change no page that was read before.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/base/status.h"
#include "libs/eventsourcing/engine.h"

namespace souk {

struct Page {
  std::vector<IndexRow> rows;
  std::string next_page_token;  // Empty on the last page.
};

// What a List request says.
struct PageWanted {
  std::int32_t size = 0;  // 0: the default.
  std::string_view token;

  template <typename Request>
  static PageWanted Of(const Request& request) {
    return {.size = request.page_size(), .token = request.page_token()};
  }
};

// A page of the rows that `query`, without `after` and `limit`, selects.
// INVALID_ARGUMENT for a bad size, or a token that is damaged or of another query.
StatusOr<Page> QueryPage(const Engine& engine, IndexQuery query, PageWanted wanted);
StatusOr<Page> QueryViewPage(const Engine& engine, std::string_view view, IndexQuery query,
                             PageWanted wanted);

template <typename Request>
StatusOr<Page> QueryPage(const Engine& engine, IndexQuery query, const Request& request) {
  return QueryPage(engine, std::move(query), PageWanted::Of(request));
}

// Appends what the rows hold. DATA_LOSS when a row is not of this type.
template <typename Items>
Status ParseRows(const std::vector<IndexRow>& rows, Items& items) {
  for (const IndexRow& row : rows) {
    if (!items.Add()->ParseFromString(row.value)) return DataLoss("row %s is unreadable", row.key);
  }
  return OkStatus();
}

// The last part of a key: in an index of aggregates by something, the aggregate's id.
std::string IdInKey(std::string_view key);

}  // namespace souk
