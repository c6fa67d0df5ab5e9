// The view that finds products by words. It follows the log, so what was just published
// may take a moment to be found.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"
#include "libs/eventsourcing/engine.h"
#include "libs/eventsourcing/view.h"
#include "souk/catalog/v1/search.pb.h"

namespace souk::catalog {

inline constexpr char kSearchView[] = "product_search";

// Rows:  p/<id>         the product as of the last event; only for the view itself
//        s/<id>         a SearchEntry, while the product is for sale
//        w/<word>/<id>  nothing, for each word of its texts while it is for sale
class SearchView final : public View {
 public:
  std::string name() const override { return kSearchView; }
  std::uint32_t version() const override { return 1; }
  Status Project(const event::v1::EventRecord& record, ViewRows& rows) override;
};

// All products for sale that have every word of `text`; of the last word the beginning is
// enough. All of them for a text without words. In order of id.
StatusOr<std::vector<v1::SearchEntry>> FindProducts(const Engine& engine, std::string_view text);

}  // namespace souk::catalog
