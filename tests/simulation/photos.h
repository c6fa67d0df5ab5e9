// Photos of things, as small as the catalogue takes them.
#pragma once

#include <cstdint>
#include <string>

#include "tests/simulation/client.h"

namespace souk::simulation {

// Uploads the photo with this number for a seller; returns its id.
Task<StatusOr<std::string>> UploadPhoto(Client* seller, std::string seller_id, std::uint32_t number);

}  // namespace souk::simulation
