#pragma once

#include <string>

#include "libs/base/status.h"
#include "libs/storage/store.h"

namespace souk {

// The 32 bytes that wrap the keys of personal data: from the file, which is made with
// random bytes and readable by its owner only when it is missing and `stores_exist` is
// false. Whoever has the file and the data reads everything: keep them apart in backups.
// FAILED_PRECONDITION when stores exist that need the key that is missing.
StatusOr<std::string> LoadMasterKey(const std::string& file, bool stores_exist);

// Remembers in `store` which master key it is used with. FAILED_PRECONDITION when that was
// another one.
Status BindMasterKey(Store& store, const std::string& master_key);

}  // namespace souk
