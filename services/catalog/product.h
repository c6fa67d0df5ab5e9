// The product aggregate: what a seller offers, in words, pictures and prices, and whether
// it can be found and bought.
//
//   DRAFT -> PUBLISHED <-> UNPUBLISHED, all -> ARCHIVED
//
// It keeps what it must know of its seller and its stock, as they tell it. Once it was
// published, every change of what carts know of it ends in a ProductOfferChanged that
// says all of it. The stock of a product has the same id and lives in stock.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/aggregate.h"
#include "souk/catalog/v1/product_events.pb.h"

namespace souk::catalog {

// -- Commands --

struct CreateProduct {
  std::string product_id;
  std::string seller_id;
  std::vector<v1::LocalizedText> texts;
  std::string category;
  std::int64_t weight_grams = 0;
};

// What is absent stays as it is.
struct ReviseProduct {
  std::vector<v1::LocalizedText> texts;  // Empty: as they are.
  std::optional<std::string> category;
  std::optional<std::int64_t> weight_grams;
};

// At the end; or another text for a photo that is there.
struct AttachMedia {
  v1::ProductMedia media;
};
struct DetachMedia {
  std::string media_id;
};
struct ReorderMedia {
  std::vector<std::string> media_ids;  // Each photo once.
};

struct SetPrice {
  type::v1::Money price;
};
struct SetDeliveryProfile {
  std::string delivery_profile_id;
};

struct PublishProduct {};
struct UnpublishProduct {};
struct ArchiveProduct {};

// What the stock says: how many are for sale, and how many are few.
struct SetAvailability {
  std::int64_t available;
  std::int64_t low_level;
};
// What the seller says. Ignored unless `version` is higher than what is known.
struct SetSellerAvailability {
  bool active;
  bool on_vacation;
  std::int64_t version;
};

// A buyer scored it, 1 to 5.
struct RateProduct {
  std::string review_id;
  std::int32_t score;
};

// Reads the seller again after the creation: she may have changed meanwhile.
inline constexpr char kCheckSellerEffect[] = "check_seller";

inline constexpr int kMediaMax = 20;

struct Product {
  static constexpr const char* kName = "product";
  using Id = StrongId<Product>;
  using State = v1::ProductState;
  using Event = v1::ProductEvent;
  using Events = std::vector<Event>;

  static StatusOr<Events> Decide(const State& product, const CreateProduct& command, absl::Time now);
  static StatusOr<Events> Decide(const State& product, const ReviseProduct& command, absl::Time now);
  static StatusOr<Events> Decide(const State& product, const AttachMedia& command, absl::Time now);
  static StatusOr<Events> Decide(const State& product, const DetachMedia& command, absl::Time now);
  static StatusOr<Events> Decide(const State& product, const ReorderMedia& command, absl::Time now);
  static StatusOr<Events> Decide(const State& product, const SetPrice& command, absl::Time now);
  static StatusOr<Events> Decide(const State& product, const SetDeliveryProfile& command, absl::Time now);
  static StatusOr<Events> Decide(const State& product, const PublishProduct& command, absl::Time now);
  static StatusOr<Events> Decide(const State& product, const UnpublishProduct& command, absl::Time now);
  static StatusOr<Events> Decide(const State& product, const ArchiveProduct& command, absl::Time now);
  static StatusOr<Events> Decide(const State& product, const SetAvailability& command, absl::Time now);
  static StatusOr<Events> Decide(const State& product, const SetSellerAvailability& command, absl::Time now);
  static StatusOr<Events> Decide(const State& product, const RateProduct& command, absl::Time now);

  static void Evolve(State& product, const Event& event);
  static void React(const Id& id, const State& product, const Event& event, absl::Time now,
                    Reactions& reactions);

  // All:      products_by_seller: <seller>/<create time>/<id>
  //           products_by_seller_state: <seller>/<state>/<create time>/<id>
  // For sale: products_listed: <publish time>/<id>, and the same after <seller>/ in
  //           products_listed_by_seller and after <category>/ in products_listed_by_category
  static void Index(const Id& id, const State& product, IndexRows& rows);
};
using ProductId = Product::Id;

// Published, by a seller who sells. Whether there is stock is another question.
bool IsSaleable(const v1::ProductState& product);

// IN, LOW or OUT.
v1::AvailabilityBand BandOf(std::int64_t available, std::int64_t low_level);

// The present prices, the main currency first.
std::vector<type::v1::Money> PresentPrices(const v1::ProductState& product);
// The present price in a currency, or in the main one for "".
std::optional<type::v1::Money> PriceIn(const v1::ProductState& product, std::string_view currency_code);
// The lowest price in the 30 days before the present one began, which a shop must show
// beside a reduced one (EU directive 98/6, article 6a). Nothing when there was none.
std::optional<type::v1::Money> LowestPriceBefore(const v1::ProductState& product,
                                                 std::string_view currency_code);

// NOT_FOUND, with the text that strangers get too.
Status NoSuchProduct(std::string_view product_id);

}  // namespace souk::catalog
