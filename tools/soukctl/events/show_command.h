// soukctl show: an order, or anything else that a log tells of, as it was at some moment.
//
// It is folded here, by the same code as in the service, so that it works on a running store
// and on a data folder alike. Personal data stays sealed.
#pragma once

#include <string>

#include "tools/soukctl/export/event_source.h"

namespace souk::ctl {

struct ShowOptions {
  std::string id;
  std::string service = "order";
  std::string aggregate;  // Empty: named as the service.
  std::string as_of;      // As typed; empty: now.
  bool json = false;
};
Status Show(EventSource& source, const ShowOptions& options);

}  // namespace souk::ctl
