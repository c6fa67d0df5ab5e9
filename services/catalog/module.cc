// The wiring of the catalogue.
#include "services/catalog/module.h"

#include <memory>
#include <utility>
#include <vector>

#include "services/catalog/catalog_effects.h"
#include "services/catalog/catalog_internal_service.h"
#include "services/catalog/listeners.h"
#include "services/catalog/media_folder.h"
#include "services/catalog/media_service.h"
#include "services/catalog/product_query_service.h"
#include "services/catalog/product_service.h"
#include "services/catalog/review_service.h"
#include "services/catalog/search_view.h"
#include "services/catalog/seller_service.h"
#include "services/catalog/stock_service.h"
#include "services/catalog/topics.h"

namespace souk::catalog {
namespace {

constexpr char kLowStockLevel[] = "catalog.low_stock_level";

class CatalogServiceModule final : public Module {
 public:
  CatalogServiceModule(ModuleContext context, std::unique_ptr<MediaStore> media)
      : engine_(context.engine_options, context.scheduler, context.clock, context.store, context.writer_of),
        media_store_(std::move(media)),
        keeper_(engine_),
        effects_(engine_, keeper_),
        listeners_(engine_, keeper_),
        sellers_(engine_, context.subject_keys),
        products_(engine_, context.settings.GetInteger(kLowStockLevel)),
        queries_(engine_, context.channels.To("shipping")),
        stocks_(engine_, keeper_),
        media_(engine_, *media_store_),
        reviews_(engine_),
        internal_(engine_, keeper_, context.subject_keys) {
    engine_.Register<Seller>();
    engine_.Register<Product>();
    engine_.Register<Stock>();
    engine_.Register<Media>();
    engine_.Register<Review>();
    engine_.AddView(std::make_unique<SearchView>());
    engine_.SetPublicMapping(ToPublic);
    effects_.Register();
  }

  Engine& engine() override { return engine_; }

  void AddTo(rpc::Router& router) override {
    sellers_.AddTo(router);
    products_.AddTo(router);
    queries_.AddTo(router);
    stocks_.AddTo(router);
    media_.AddTo(router);
    reviews_.AddTo(router);
    internal_.AddTo(router);
  }

  std::vector<Subscription*> subscriptions() override {
    return {&listeners_.orders(), &listeners_.shipments()};
  }

 private:
  Engine engine_;
  const std::unique_ptr<MediaStore> media_store_;
  StockKeeper keeper_;
  CatalogEffects effects_;
  Listeners listeners_;
  SellerService sellers_;
  ProductService products_;
  ProductQueryService queries_;
  StockService stocks_;
  MediaService media_;
  ReviewService reviews_;
  CatalogInternalService internal_;
};

Status CheckLevel(std::string_view value) {
  return value.starts_with('-') ? InvalidArgument("must not be negative") : OkStatus();
}

StatusOr<std::unique_ptr<MediaStore>> OpenFolder(const ModuleContext& context) {
  ASSIGN_OR_RETURN(std::unique_ptr<MediaFolder> folder,
                   MediaFolder::Open(context.data_dir + "/media", context.scheduler, context.blocking));
  return std::unique_ptr<MediaStore>(std::move(folder));
}

StatusOr<std::unique_ptr<Module>> Open(const OpenMediaStore& open_media_store, ModuleContext context) {
  ASSIGN_OR_RETURN(std::unique_ptr<MediaStore> media, open_media_store(context));
  return std::make_unique<CatalogServiceModule>(std::move(context), std::move(media));
}

}  // namespace

ModuleFactory CatalogModule(OpenMediaStore open_media_store) {
  if (open_media_store == nullptr) open_media_store = OpenFolder;
  return {.service = "catalog",
          .settings = {{.key = kLowStockLevel,
                        .type = config::Type::kInteger,
                        .default_value = "3",
                        .help = "So many pieces or fewer of a new product are few.",
                        .check = CheckLevel}},
          .open = [open_media_store = std::move(open_media_store)](ModuleContext context) {
            return Open(open_media_store, std::move(context));
          }};
}

}  // namespace souk::catalog
