// What the demo is played on: a store, the log that is printed, and what came of the chapters
// so far. A chapter is a function of it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "souk/order/v1/order_service.pb.h"
#include "tools/soukctl/store_client.h"
#include "tools/soukctl/story/demo.h"
#include "tools/soukctl/story/shop_file.h"
#include "tools/soukctl/story/story_log.h"

namespace souk::ctl {

inline constexpr char kBuyer[] = "buyer/anna";
inline constexpr char kOperator[] = "operator/marketplace";
inline constexpr char kPotter[] = "seller-mori";  // Sells a cup and a teapot.
inline constexpr char kWeaver[] = "seller-lind";  // Sells linen.

struct DemoStage {
  // The store must outlive the stage.
  DemoStage(StoreClient& store, const DemoOptions& options, ShopFile shop, std::string run)
      : store(store),
        shop(std::move(shop)),
        log(store, *options.out, options.mail_dir),
        run(std::move(run)) {}

  // The same for the same run, so that it can be played on from where it broke off.
  std::string RequestId(std::string_view what) const;
  std::string Product(const char* seller_id, const char* key) const;
  // The order that this seller got.
  const order::v1::Order& OrderOf(const std::string& seller_id) const { return orders.at(seller_id); }

  template <typename Response, typename Request>
  StatusOr<Response> Call(const std::string& principal, const Request& request) {
    StatusOr<Response> response = store.Call<Response>(principal, request);
    if (response.ok()) return response;
    return Status(response.status().code(), std::string(Request::descriptor()->name()) + ": " +
                                                Explain(response.status(), store.address()));
  }

  StoreClient& store;
  const ShopFile shop;
  StoryLog log;
  const std::string run;
  std::map<std::string, std::string> products;  // Ids by seller/key.
  std::string cart_id;
  std::string checkout_id;
  std::map<std::string, order::v1::Order> orders;  // By seller.
};

std::string Amount(const type::v1::Money& money);

}  // namespace souk::ctl
