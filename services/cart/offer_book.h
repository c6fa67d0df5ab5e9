// The offers that carts are priced with: the copies of offer.h, kept in memory, and the way
// to the catalog for what they do not tell.
//
// A copy lags behind, and while there is plenty the catalog does not publish every piece
// sold. So whoever would refuse or warn because of a copy asks the catalog first: nobody is
// told "sold out" from memory.
#pragma once

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "libs/base/principal.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/channel.h"
#include "services/cart/offer.h"
#include "souk/catalog/events/v1/catalog_events.pb.h"

namespace souk::cart {

// The most products that one question to the catalog is about.
inline constexpr std::size_t kOffersAskedMax = 200;

// Not thread-safe: everything runs on the service's scheduler.
class OfferBook {
 public:
  // Both must outlive the book.
  OfferBook(Engine& engine, rpc::Channel& catalog) : engine_(engine), catalog_(catalog) {}

  // What is known here; null when nothing is. Valid until the next call.
  const v1::Offer* Find(const std::string& product_id);

  // What is known here, or else what the catalog says. NOT_FOUND when it does not offer the
  // product.
  Task<StatusOr<v1::Offer>> Get(ProductId product_id, rpc::CallContext call);

  // Asks the catalog about products, and records the answer. At most kOffersAskedMax.
  Task<Status> Refresh(std::vector<std::string> product_ids, rpc::CallContext call);

  // Records what the catalog published.
  Task<Status> TakeChange(catalog::events::v1::OfferChanged changed, CommandMetadata metadata);

 private:
  void Remember(const v1::Offer& offer);

  Engine& engine_;
  rpc::Channel& catalog_;
  absl::flat_hash_map<std::string, v1::Offer> offers_;  // By product. A cache.
};

}  // namespace souk::cart
