// What is in a data folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/storage/store.h"

namespace souk::ctl {

// The services that have data in the folder, in order. NOT_FOUND when it is no data folder.
StatusOr<std::vector<std::string>> ServicesIn(const std::string& data_dir);

// How many partitions a service's store has.
StatusOr<std::uint32_t> PartitionsOf(const std::string& service, const Store& store);

}  // namespace souk::ctl
