// The files of a release that programs read: share/souk beside bin/.
#pragma once

#include <string>
#include <string_view>

#include "libs/base/status.h"

namespace souk::ctl {

// The path of a file or folder of share/souk, or of $SOUK_SHARE, wherever the program is
// called from. NOT_FOUND when it is not there.
StatusOr<std::string> SharedPath(std::string_view name);

}  // namespace souk::ctl
