// Pages of an index whose keys end with "/<id>".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/eventsourcing/engine.h"

namespace souk::catalog {

struct IdPage {
  std::vector<std::string> ids;
  std::string next_page_token;  // Empty on the last page.
};

// A page of the rows that `query` selects (without `after` and `limit`). New rows change
// no page that was read before. INVALID_ARGUMENT for a bad size, or a token of another query.
StatusOr<IdPage> ReadPage(const Engine& engine, IndexQuery query, std::int32_t page_size,
                          const std::string& page_token);

}  // namespace souk::catalog
