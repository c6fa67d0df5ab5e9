#include "services/catalog/paging.h"

#include "libs/base/page_token.h"

namespace souk::catalog {

StatusOr<IdPage> ReadPage(const Engine& engine, IndexQuery query, std::int32_t page_size,
                          const std::string& page_token) {
  const std::string fingerprint = query.index + "?" + query.prefix;
  ASSIGN_OR_RETURN(const std::int32_t size, PageSize(page_size));
  ASSIGN_OR_RETURN(query.after, DecodePageToken(fingerprint, page_token));
  query.limit = static_cast<std::size_t>(size) + 1;  // One more tells whether there is a next page.
  ASSIGN_OR_RETURN(std::vector<IndexRow> rows, engine.Query(query));
  IdPage page;
  if (rows.size() == query.limit) {
    rows.pop_back();
    page.next_page_token = EncodePageToken(fingerprint, rows.back().key);
  }
  for (const IndexRow& row : rows) page.ids.push_back(row.key.substr(row.key.rfind('/') + 1));
  return page;
}

}  // namespace souk::catalog
