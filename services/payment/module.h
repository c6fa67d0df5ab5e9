// The payment service as a module: see libs/module/module.h.
#pragma once

#include "libs/module/module.h"

namespace souk::payment {

ModuleFactory PaymentModule();

}  // namespace souk::payment
