#pragma once

#include <cstdint>
#include <string>

namespace souk::ctl {

// A small PNG of two colours that depend on `seed`: a stand-in where no photo is recorded.
std::string MakePicture(std::uint64_t seed);

}  // namespace souk::ctl
