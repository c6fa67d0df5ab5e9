#include "tools/soukctl/story/demo.h"

#include <utility>

#include "libs/base/uuid.h"
#include "souk/catalog/v1/catalog_service.pb.h"
#include "tools/soukctl/share_folder.h"
#include "tools/soukctl/story/demo_buyer.h"
#include "tools/soukctl/story/demo_shops.h"
#include "tools/soukctl/story/demo_stage.h"

namespace souk::ctl {
namespace {

Status Play(DemoStage& stage) {
  RETURN_IF_ERROR(stage.log.Begin());
  RETURN_IF_ERROR(OpenShops(stage));
  RETURN_IF_ERROR(Browse(stage));
  RETURN_IF_ERROR(FillCart(stage));
  RETURN_IF_ERROR(CheckOut(stage));
  RETURN_IF_ERROR(Pay(stage));
  RETURN_IF_ERROR(
      PackAndDispatch(stage, kPotter, "Dear Anna, thank you! I wrapped the teapot twice. Yours, Mori"));
  RETURN_IF_ERROR(PackAndDispatch(stage, kWeaver, ""));
  RETURN_IF_ERROR(Receive(stage));
  RETURN_IF_ERROR(Review(stage));
  return MoveMoney(stage);
}

// Whoever plays it again, and not the same run, meets her own shops.
Status CheckNotPlayed(StoreClient& store, const ShopFile& shop) {
  for (const ShopFileSeller& seller : shop.sellers) {
    catalog::v1::GetSellerRequest request;
    request.set_seller_id(seller.seller_id);
    const Status found = store.Call<catalog::v1::GetSellerResponse>(kOperator, request).status();
    if (absl::IsNotFound(found)) continue;
    RETURN_IF_ERROR(found);
    return FailedPrecondition(
        "this store has the shop %s already; play the demo on a store of its own: soukd --clock manual "
        "--data and an empty folder",
        seller.seller_id);
  }
  return OkStatus();
}

}  // namespace

Status PlayDemo(StoreClient& store, const DemoOptions& options) {
  std::string folder = options.shop;
  if (folder.empty()) {
    ASSIGN_OR_RETURN(folder, SharedPath("demo_shop"));
  }
  ASSIGN_OR_RETURN(ShopFile shop, ReadShopFile(folder));
  if (options.run.empty()) RETURN_IF_ERROR(CheckNotPlayed(store, shop));
  const std::string run = options.run.empty() ? RandomIds().NewId().substr(24) : options.run;
  DemoStage stage(store, options, std::move(shop), run);
  return Play(stage);
}

}  // namespace souk::ctl
