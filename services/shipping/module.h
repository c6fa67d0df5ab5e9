// The wiring of the shipping service.
#pragma once

#include "libs/module/module.h"

namespace souk::shipping {

ModuleFactory ShippingModule();

}  // namespace souk::shipping
