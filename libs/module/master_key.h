#pragma once

#include <string>

#include "libs/base/status.h"

namespace souk {

// The 32 bytes that wrap the keys of personal data: from the file, which is made with
// random bytes and readable by its owner only when it is missing. Whoever has the file
// and the data reads everything: keep them apart in backups.
StatusOr<std::string> LoadMasterKey(const std::string& file);

}  // namespace souk
