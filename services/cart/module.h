// The wiring of the cart service.
#pragma once

#include "libs/module/module.h"

namespace souk::cart {

ModuleFactory CartModule();

}  // namespace souk::cart
