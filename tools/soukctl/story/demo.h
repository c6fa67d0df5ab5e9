// `soukctl demo`: plays the story of a buyer and two shop owners on a running store, from
// the first look at a product to the money in the bank. Every step prints what was done
// and the events it caused.
#pragma once

#include <iostream>
#include <string>

#include "libs/base/status.h"
#include "tools/soukctl/store_client.h"

namespace souk::ctl {

struct DemoOptions {
  std::string shop;      // Folder of shop.json; empty: that of the release.
  std::string mail_dir;  // Where the store writes mails; empty: not shown.
  std::string run;       // From which the ids of requests are derived; empty: made up.
  std::ostream* out = &std::cout;
};

Status PlayDemo(StoreClient& store, const DemoOptions& options);

}  // namespace souk::ctl
