// soukctl status: how far logs, publication and feeds of every service are.
#pragma once

#include "libs/base/status.h"
#include "tools/soukctl/session.h"

namespace souk::ctl {

Status ShowStatus(Session& session);

}  // namespace souk::ctl
