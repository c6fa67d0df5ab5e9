// `soukctl import olist DIR`: drives the store with real marketplace orders, through the
// public API only, in the order of their recorded times.
//
// Every request carries an id derived from the dataset's own ids, so an import that was
// cut and is run again goes on where it stood, and one that is repeated changes nothing.
#pragma once

#include <string>

#include "libs/base/status.h"
#include "tools/soukctl/session.h"

namespace souk::ctl {

struct ImportOptions {
  std::string folder;
  std::string report;  // Where to write the report; empty: standard output.
};

// Returns when every order has ended and the report is written.
Status ImportOlist(Session& session, const ImportOptions& options);

}  // namespace souk::ctl
