#pragma once

#include <functional>
#include <memory>

#include "libs/module/module.h"
#include "services/catalog/media_store.h"

namespace souk::catalog {

// Where photos are kept.
using OpenMediaStore = std::function<StatusOr<std::unique_ptr<MediaStore>>(const ModuleContext&)>;

// Sellers, products, stock, photos and reviews. By default photos are files in the
// module's folder.
ModuleFactory CatalogModule(OpenMediaStore open_media_store = nullptr);

}  // namespace souk::catalog
