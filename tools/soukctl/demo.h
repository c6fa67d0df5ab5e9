// `soukctl demo`: plays the story of a buyer and two shop owners on a running store, from
// the first look at a product to the money in the bank. Every step prints what was done
// and the events it caused.
#pragma once

#include <string>

#include "libs/base/status.h"
#include "tools/soukctl/session.h"

namespace souk::ctl {

struct DemoOptions {
  std::string shop;      // Folder of shop.json; empty: that of the release.
  std::string mail_dir;  // Where the store writes mails; empty: not shown.
};

Status PlayDemo(Session& session, const DemoOptions& options);

}  // namespace souk::ctl
