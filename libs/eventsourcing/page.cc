#include "libs/eventsourcing/page.h"

#include "libs/base/page_token.h"

namespace souk {
namespace {

// `read` runs the query; `source` tells queries of the same rows by different names apart.
template <typename Read>
StatusOr<Page> ReadPage(std::string_view source, IndexQuery query, PageWanted wanted, Read read) {
  const std::string fingerprint = std::string(source) + "?" + query.prefix;
  ASSIGN_OR_RETURN(const std::int32_t size, PageSize(wanted.size));
  ASSIGN_OR_RETURN(query.after, DecodePageToken(fingerprint, wanted.token));
  query.limit = static_cast<std::size_t>(size) + 1;  // One more tells whether there is a next page.
  Page page;
  ASSIGN_OR_RETURN(page.rows, read(query));
  if (page.rows.size() == query.limit) {
    page.rows.pop_back();
    page.next_page_token = EncodePageToken(fingerprint, page.rows.back().key);
  }
  return page;
}

}  // namespace

StatusOr<Page> QueryPage(const Engine& engine, IndexQuery query, PageWanted wanted) {
  const std::string index = query.index;
  return ReadPage(index, std::move(query), wanted,
                  [&](const IndexQuery& whole) { return engine.Query(whole); });
}

StatusOr<Page> QueryViewPage(const Engine& engine, std::string_view view, IndexQuery query,
                             PageWanted wanted) {
  return ReadPage(view, std::move(query), wanted,
                  [&](const IndexQuery& whole) { return engine.QueryView(view, whole); });
}

std::string IdInKey(std::string_view key) { return std::string(key.substr(key.rfind('/') + 1)); }

}  // namespace souk
