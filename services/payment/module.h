// The payment service as a module: see libs/module/module.h.
#pragma once

#include <functional>
#include <memory>

#include "libs/module/module.h"
#include "services/payment/provider.h"

namespace souk::payment {

// The payment provider to work with.
using OpenProvider = std::function<StatusOr<std::unique_ptr<Provider>>(const ModuleContext&, DeliverWebhook)>;

// By default the provider is the sandbox.
ModuleFactory PaymentModule(OpenProvider open_provider = nullptr);

}  // namespace souk::payment
