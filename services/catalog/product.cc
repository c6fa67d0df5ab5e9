#include "services/catalog/product.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_format.h"
#include "libs/base/money.h"
#include "libs/base/proto_time.h"
#include "services/catalog/text.h"

namespace souk::catalog {

using Events = Product::Events;

namespace {

constexpr LengthRange kTitle{1, 200};
constexpr LengthRange kDescription{0, 10'000};
constexpr LengthRange kAltText{0, 500};
constexpr std::size_t kTextsMax = 30;
constexpr std::int64_t kWeightGramsMax = 10'000'000;      // Ten tonnes.
constexpr std::int64_t kPriceMax = 1'000'000'000'000;     // Sums of orders stay far from overflow.
constexpr std::int64_t kToldQuantityMax = 1'000'000'000;  // Carts count in 32 bits.

// OK when the product can be changed.
Status CheckChangeable(const v1::ProductState& product) {
  if (product.state() == v1::ProductState::STATE_UNSPECIFIED) return NotFound("no such product");
  if (product.state() == v1::ProductState::STATE_ARCHIVED) return IllegalTransition("product is archived");
  return OkStatus();
}

void CheckTexts(std::vector<FieldViolation>& violations, const std::vector<v1::LocalizedText>& texts) {
  if (texts.size() > kTextsMax) violations.push_back({"texts", "has too many languages"});
  std::set<std::string> languages;
  for (const v1::LocalizedText& text : texts) {
    CheckLanguage(violations, "texts.language_code", text.language_code());
    CheckLine(violations, "texts.title", text.title(), kTitle);
    CheckText(violations, "texts.description", text.description(), kDescription);
    if (!languages.insert(text.language_code()).second) {
      violations.push_back({"texts.language_code", "names a language twice"});
    }
  }
}

void CheckCategory(std::vector<FieldViolation>& violations, const std::string& category) {
  if (category.empty() || CheckId("category", category).ok()) return;
  violations.push_back({"category", "must be one word of letters, digits, '-', '_' and '.'"});
}

void CheckWeight(std::vector<FieldViolation>& violations, std::int64_t grams) {
  if (grams < 0 || grams > kWeightGramsMax) violations.push_back({"weight_grams", "must be 0 to 10000000"});
}

bool SameTexts(const v1::ProductState& product, const std::vector<v1::LocalizedText>& texts) {
  return std::equal(product.texts().begin(), product.texts().end(), texts.begin(), texts.end(),
                    [](const v1::LocalizedText& a, const v1::LocalizedText& b) {
                      return a.SerializeAsString() == b.SerializeAsString();
                    });
}

const v1::ProductMedia* FindMedia(const v1::ProductState& product, std::string_view media_id) {
  for (const v1::ProductMedia& media : product.media()) {
    if (media.media_id() == media_id) return &media;
  }
  return nullptr;
}

// What is missing for a publication.
ReasonValues Missing(const v1::ProductState& product) {
  ReasonValues missing;
  const auto require = [&missing](bool present, const char* name) {
    if (!present) missing.push_back({name, "missing"});
  };
  const bool described = product.texts_size() > 0;
  require(described && !product.texts(0).title().empty(), "title");
  require(described && !product.texts(0).description().empty(), "description");
  require(product.media_size() > 0, "photo");
  require(product.prices_size() > 0, "price");
  require(product.availability() == v1::AVAILABILITY_BAND_IN ||
              product.availability() == v1::AVAILABILITY_BAND_LOW,
          "stock");
  require(!product.delivery_profile_id().empty(), "delivery_profile");
  require(product.seller_active(), "active_seller");
  return missing;
}

std::string NamesOf(const ReasonValues& values) {
  std::string names;
  for (const auto& [name, value] : values) names += (names.empty() ? "" : ", ") + name;
  return names;
}

v1::Offer OfferOf(const v1::ProductState& product) {
  v1::Offer offer;
  offer.set_product_id(product.product_id());
  offer.set_seller_id(product.seller_id());
  if (product.texts_size() > 0) offer.set_title(product.texts(0).title());
  for (type::v1::Money& price : PresentPrices(product)) *offer.add_prices() = std::move(price);
  offer.set_saleable(IsSaleable(product));
  offer.set_availability(product.availability());
  offer.set_available_quantity(product.available_quantity());
  offer.set_offer_version(product.offer().offer_version());
  return offer;
}

// `events`, and the new offer at their end if they change it. Carts hear of a product
// from its first publication on.
Events WithOffer(const v1::ProductState& product, Events events) {
  v1::ProductState after = product;
  for (const v1::ProductEvent& event : events) Product::Evolve(after, event);
  if (!after.has_publish_time()) return events;
  v1::Offer offer = OfferOf(after);
  if (offer.SerializeAsString() == product.offer().SerializeAsString()) return events;
  offer.set_offer_version(offer.offer_version() + 1);
  v1::ProductEvent changed;
  *changed.mutable_offer_changed()->mutable_offer() = std::move(offer);
  events.push_back(std::move(changed));
  return events;
}

}  // namespace

StatusOr<Events> Product::Decide(const State& product, const CreateProduct& command, absl::Time now) {
  if (product.state() != State::STATE_UNSPECIFIED) return IllegalTransition("product exists already");
  std::vector<FieldViolation> violations;
  CheckTexts(violations, command.texts);
  CheckCategory(violations, command.category);
  CheckWeight(violations, command.weight_grams);
  RETURN_IF_ERROR(InvalidFields(violations));
  Event event;
  v1::ProductCreated& created = *event.mutable_created();
  created.set_product_id(command.product_id);
  created.set_seller_id(command.seller_id);
  created.mutable_texts()->Assign(command.texts.begin(), command.texts.end());
  created.set_category(command.category);
  created.set_weight_grams(command.weight_grams);
  *created.mutable_create_time() = ToProto(now);
  return Events{event};
}

StatusOr<Events> Product::Decide(const State& product, const ReviseProduct& command, absl::Time) {
  RETURN_IF_ERROR(CheckChangeable(product));
  std::vector<FieldViolation> violations;
  CheckTexts(violations, command.texts);
  if (command.category) CheckCategory(violations, *command.category);
  if (command.weight_grams) CheckWeight(violations, *command.weight_grams);
  RETURN_IF_ERROR(InvalidFields(violations));

  Event event;
  v1::ProductDescribed& described = *event.mutable_described();
  if (!command.texts.empty() && !SameTexts(product, command.texts)) {
    if (product.state() == State::STATE_PUBLISHED && command.texts.front().description().empty()) {
      return Rejected("PRODUCT_INCOMPLETE", {{"description", "missing"}},
                      "a published product needs a description; unpublish it first");
    }
    described.mutable_texts()->Assign(command.texts.begin(), command.texts.end());
  }
  if (command.category && *command.category != product.category()) {
    described.set_category(*command.category);
  }
  if (command.weight_grams && *command.weight_grams != product.weight_grams()) {
    described.set_weight_grams(*command.weight_grams);
  }
  if (described.ByteSizeLong() == 0) return Events{};
  return WithOffer(product, {event});
}

StatusOr<Events> Product::Decide(const State& product, const AttachMedia& command, absl::Time) {
  RETURN_IF_ERROR(CheckChangeable(product));
  std::vector<FieldViolation> violations;
  CheckText(violations, "alt_text", command.media.alt_text(), kAltText);
  RETURN_IF_ERROR(InvalidFields(violations));
  const v1::ProductMedia* const present = FindMedia(product, command.media.media_id());
  if (present != nullptr && present->alt_text() == command.media.alt_text()) return Events{};
  if (present == nullptr && product.media_size() >= kMediaMax) {
    return Rejected("QUANTITY_LIMIT", {{"max", absl::StrFormat("%d", kMediaMax)}},
                    "a product has at most %d photos", kMediaMax);
  }
  Event event;
  *event.mutable_media_attached()->mutable_media() = command.media;
  return Events{event};
}

StatusOr<Events> Product::Decide(const State& product, const DetachMedia& command, absl::Time) {
  RETURN_IF_ERROR(CheckId("media_id", command.media_id));
  RETURN_IF_ERROR(CheckChangeable(product));
  if (FindMedia(product, command.media_id) == nullptr) return Events{};
  if (product.state() == State::STATE_PUBLISHED && product.media_size() == 1) {
    return Rejected("PRODUCT_INCOMPLETE", {{"photo", "missing"}},
                    "a published product needs a photo; unpublish it first");
  }
  Event event;
  event.mutable_media_detached()->set_media_id(command.media_id);
  return Events{event};
}

StatusOr<Events> Product::Decide(const State& product, const ReorderMedia& command, absl::Time) {
  RETURN_IF_ERROR(CheckChangeable(product));
  std::vector<std::string> present;
  for (const v1::ProductMedia& media : product.media()) present.push_back(media.media_id());
  if (present == command.media_ids) return Events{};
  if (!std::is_permutation(present.begin(), present.end(), command.media_ids.begin(),
                           command.media_ids.end())) {
    return InvalidField("media_ids", "must name each photo of the product once");
  }
  Event event;
  event.mutable_media_reordered()->mutable_media_ids()->Assign(command.media_ids.begin(),
                                                               command.media_ids.end());
  return Events{event};
}

StatusOr<Events> Product::Decide(const State& product, const SetPrice& command, absl::Time now) {
  RETURN_IF_ERROR(CheckChangeable(product));
  std::vector<FieldViolation> violations;
  if (!MinorUnitDigits(command.price.currency_code()).ok()) {
    violations.push_back({"price.currency_code", "must be a code of ISO 4217"});
  }
  if (command.price.minor_units() <= 0 || command.price.minor_units() > kPriceMax) {
    violations.push_back({"price.minor_units", absl::StrFormat("must be from 1 to %d", kPriceMax)});
  }
  RETURN_IF_ERROR(InvalidFields(violations));
  const std::optional<type::v1::Money> present = PriceIn(product, command.price.currency_code());
  if (present.has_value() && present->minor_units() == command.price.minor_units()) return Events{};
  Event event;
  *event.mutable_price_set()->mutable_price() = command.price;
  *event.mutable_price_set()->mutable_start_time() = ToProto(now);
  return WithOffer(product, {event});
}

StatusOr<Events> Product::Decide(const State& product, const SetDeliveryProfile& command, absl::Time) {
  RETURN_IF_ERROR(CheckChangeable(product));
  RETURN_IF_ERROR(CheckId("delivery_profile_id", command.delivery_profile_id));
  if (product.delivery_profile_id() == command.delivery_profile_id) return Events{};
  Event event;
  event.mutable_delivery_profile_set()->set_delivery_profile_id(command.delivery_profile_id);
  return Events{event};
}

StatusOr<Events> Product::Decide(const State& product, const PublishProduct&, absl::Time now) {
  RETURN_IF_ERROR(CheckChangeable(product));
  if (product.state() == State::STATE_PUBLISHED) return Events{};
  if (ReasonValues missing = Missing(product); !missing.empty()) {
    const std::string names = NamesOf(missing);
    return Rejected("PRODUCT_INCOMPLETE", std::move(missing), "product lacks: %s", names);
  }
  Event event;
  event.mutable_published()->set_product_id(product.product_id());
  event.mutable_published()->set_seller_id(product.seller_id());
  *event.mutable_published()->mutable_publish_time() = ToProto(now);
  return WithOffer(product, {event});
}

StatusOr<Events> Product::Decide(const State& product, const UnpublishProduct&, absl::Time) {
  RETURN_IF_ERROR(CheckChangeable(product));
  if (product.state() == State::STATE_UNPUBLISHED) return Events{};
  if (product.state() == State::STATE_DRAFT) return IllegalTransition("product was never published");
  Event event;
  event.mutable_unpublished()->set_product_id(product.product_id());
  event.mutable_unpublished()->set_seller_id(product.seller_id());
  return WithOffer(product, {event});
}

StatusOr<Events> Product::Decide(const State& product, const ArchiveProduct&, absl::Time) {
  if (product.state() == State::STATE_ARCHIVED) return Events{};
  RETURN_IF_ERROR(CheckChangeable(product));
  Event event;
  event.mutable_archived()->set_product_id(product.product_id());
  event.mutable_archived()->set_seller_id(product.seller_id());
  return WithOffer(product, {event});
}

StatusOr<Events> Product::Decide(const State& product, const SetAvailability& command, absl::Time) {
  if (product.state() == State::STATE_UNSPECIFIED) return NotFound("no such product");
  const v1::AvailabilityBand band = BandOf(command.available, command.low_level);
  const std::int64_t available = std::min(command.available, kToldQuantityMax);
  if (band == product.availability()) {
    // While there is enough, carts are told again only when more can be ordered than they
    // know, or less than half of it: a busy product must not fill the log with its numbers.
    const std::int64_t told = product.available_quantity();
    const bool enough = band == v1::AVAILABILITY_BAND_IN;
    if (enough ? available <= told && available >= told / 2 : available == told) return Events{};
  }
  Event event;
  event.mutable_availability_changed()->set_availability(band);
  event.mutable_availability_changed()->set_available_quantity(available);
  return WithOffer(product, {event});
}

StatusOr<Events> Product::Decide(const State& product, const SetSellerAvailability& command, absl::Time) {
  if (product.state() == State::STATE_UNSPECIFIED) return NotFound("no such product");
  if (command.version <= product.seller_version()) return Events{};
  Event event;
  event.mutable_seller_availability_changed()->set_seller_active(command.active);
  event.mutable_seller_availability_changed()->set_seller_on_vacation(command.on_vacation);
  event.mutable_seller_availability_changed()->set_seller_version(command.version);
  return WithOffer(product, {event});
}

StatusOr<Events> Product::Decide(const State& product, const RateProduct& command, absl::Time) {
  if (product.state() == State::STATE_UNSPECIFIED) return NotFound("no such product");
  Event event;
  event.mutable_rated()->set_review_id(command.review_id);
  event.mutable_rated()->set_score(command.score);
  return Events{event};
}

}  // namespace souk::catalog
