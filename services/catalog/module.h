#pragma once

#include "libs/module/module.h"

namespace souk::catalog {

// Sellers, products, stock, photos and reviews.
ModuleFactory CatalogModule();

}  // namespace souk::catalog
