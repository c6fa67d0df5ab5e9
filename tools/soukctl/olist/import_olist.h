// `soukctl import olist DIR`: drives the store with real marketplace orders, through the
// public API only, in the order of their recorded times.
//
// Every request carries an id derived from the dataset's own ids, so an import that was
// cut and is run again goes on where it stood, and one that is repeated changes nothing.
#pragma once

#include <cstddef>
#include <iostream>
#include <string>

#include "libs/base/status.h"
#include "tools/soukctl/store_client.h"

namespace souk::ctl {

struct ImportOptions {
  std::string folder;
  std::string report;          // Where to write the report; empty: `out`.
  bool quiet = false;          // Does not tell on standard error how far it is.
  std::size_t orders_max = 0;  // The first so many orders; 0: all.
  std::ostream* out = &std::cout;
};

// Returns when every order has ended and the report is written.
Status ImportOlist(StoreClient& store, const ImportOptions& options);

}  // namespace souk::ctl
