#include "services/catalog/product.h"

#include <catch2/catch.hpp>

#include "libs/base/proto_time.h"
#include "libs/testing/command_table.h"
#include "libs/testing/explore.h"
#include "libs/testing/spec.h"

namespace souk::catalog {
namespace {

using absl::StatusCode;
using testing::FromText;
using testing::Noon;
using testing::Spec;

constexpr char kCreated[] = R"pb(
  created {
    product_id: "p-1"
    seller_id: "s-1"
    texts { language_code: "en" title: "Bowl" description: "Round." }
    category: "kitchen"
    weight_grams: 400
    create_time { seconds: 1772452800 }
  })pb";
constexpr char kPhoto[] = R"pb(media_attached { media { media_id: "m-1" alt_text: "a bowl" } })pb";
constexpr char kPhoto2[] = R"pb(media_attached { media { media_id: "m-2" } })pb";
constexpr char kPriced[] = R"pb(
  price_set {
    price { currency_code: "EUR" minor_units: 1250 }
    start_time { seconds: 1772452800 }
  })pb";
constexpr char kProfile[] = R"pb(delivery_profile_set { delivery_profile_id: "d-1" })pb";
constexpr char kStocked[] =
    R"pb(availability_changed { availability: AVAILABILITY_BAND_IN available_quantity: 10 })pb";
constexpr char kSellerActive[] =
    R"pb(seller_availability_changed { seller_active: true seller_version: 1 })pb";
constexpr char kPublished[] = R"pb(
  published {
    product_id: "p-1"
    seller_id: "s-1"
    publish_time { seconds: 1772452800 }
  })pb";
constexpr char kOffer1[] = R"pb(
  offer_changed {
    offer {
      product_id: "p-1"
      seller_id: "s-1"
      title: "Bowl"
      prices { currency_code: "EUR" minor_units: 1250 }
      saleable: true
      availability: AVAILABILITY_BAND_IN
      available_quantity: 10
      offer_version: 1
    }
  })pb";
constexpr char kUnpublished[] = R"pb(unpublished { product_id: "p-1" seller_id: "s-1" })pb";
constexpr char kArchived[] = R"pb(archived { product_id: "p-1" seller_id: "s-1" })pb";

// Second version of the offer, with one difference.
std::string OfferWith(const std::string& difference) {
  auto event = FromText<v1::ProductEvent>(kOffer1);
  event.mutable_offer_changed()->mutable_offer()->set_offer_version(2);
  event.mutable_offer_changed()->mutable_offer()->MergeFrom(FromText<v1::Offer>(difference));
  return event.DebugString();
}

std::vector<v1::ProductEvent> History(std::initializer_list<const char*> texts) {
  std::vector<v1::ProductEvent> events;
  for (const char* text : texts) events.push_back(FromText<v1::ProductEvent>(text));
  return events;
}
std::vector<v1::ProductEvent> Complete() {
  return History({kCreated, kPhoto, kPriced, kProfile, kStocked, kSellerActive});
}
std::vector<v1::ProductEvent> OnSale() {
  auto events = Complete();
  for (auto& event : History({kPublished, kOffer1})) events.push_back(std::move(event));
  return events;
}

SetPrice PriceOf(std::int64_t minor_units, const char* currency = "EUR") {
  SetPrice command;
  command.price.set_currency_code(currency);
  command.price.set_minor_units(minor_units);
  return command;
}

v1::LocalizedText Text(const char* language, const char* title, const char* description = "Round.") {
  v1::LocalizedText text;
  text.set_language_code(language);
  text.set_title(title);
  text.set_description(description);
  return text;
}

TEST_CASE("a product begins as a draft that nobody hears of") {
  const auto product = Spec<Product>()
                           .When(CreateProduct{.product_id = "p-1",
                                               .seller_id = "s-1",
                                               .texts = {Text("en", "Bowl")},
                                               .category = "kitchen",
                                               .weight_grams = 400})
                           .Then({kCreated});
  CHECK(product.state() == v1::ProductState::STATE_DRAFT);
  CHECK_FALSE(IsSaleable(product));
}

TEST_CASE("publish names every missing field") {
  const auto missing = [](std::initializer_list<const char*> history) {
    v1::ProductState state;
    for (const auto& event : History(history)) Product::Evolve(state, event);
    const Status status = Product::Decide(state, PublishProduct{}, Noon()).status();
    CHECK(Reason(status) == "PRODUCT_INCOMPLETE");
    std::string names;
    for (const auto& [name, value] : ValuesOfReason(status)) names += name + " ";
    return names;
  };
  constexpr char kBare[] = R"pb(created { product_id: "p-1" seller_id: "s-1" })pb";
  CHECK(missing({kBare}) == "title description photo price stock delivery_profile active_seller ");
  CHECK(missing({kCreated}) == "photo price stock delivery_profile active_seller ");
  CHECK(missing({kCreated, kPhoto, kPriced, kProfile, kSellerActive}) == "stock ");
  CHECK(missing({kCreated, kPriced, kProfile, kStocked, kSellerActive}) == "photo ");
  CHECK(missing({kCreated, kPhoto, kPriced, kProfile, kStocked}) == "active_seller ");
}

TEST_CASE("a complete product is published and offered") {
  const auto product = Spec<Product>().Given(Complete()).When(PublishProduct{}).Then({kPublished, kOffer1});
  CHECK(IsSaleable(product));
}

TEST_CASE("what carts know changes with price, title, stock and seller, and only then") {
  Spec<Product>()
      .Given(OnSale())
      .When(PriceOf(990))
      .Then({R"pb(price_set {
                    price { currency_code: "EUR" minor_units: 990 }
                    start_time { seconds: 1772452800 }
                  })pb",
             R"pb(offer_changed {
                    offer {
                      product_id: "p-1"
                      seller_id: "s-1"
                      title: "Bowl"
                      prices { currency_code: "EUR" minor_units: 990 }
                      saleable: true
                      availability: AVAILABILITY_BAND_IN
                      available_quantity: 10
                      offer_version: 2
                    }
                  })pb"});
  Spec<Product>()
      .Given(OnSale())
      .When(ReviseProduct{.texts = {Text("en", "Deep bowl")}})
      .Then({R"pb(described { texts { language_code: "en" title: "Deep bowl" description: "Round." } })pb",
             OfferWith(R"pb(title: "Deep bowl")pb")});
  Spec<Product>()
      .Given(OnSale())
      .When(SetAvailability{.available = 2, .low_level = 3})
      .Then({R"pb(availability_changed { availability: AVAILABILITY_BAND_LOW available_quantity: 2 })pb",
             OfferWith(R"pb(availability: AVAILABILITY_BAND_LOW available_quantity: 2)pb")});
  Spec<Product>().Given(OnSale()).When(ReviseProduct{.weight_grams = 500}).Then({R"pb(described {
                                                                                        weight_grams: 500
                                                                                      })pb"});
  Spec<Product>()
      .Repeatable()
      .Given(OnSale())
      .When(RateProduct{.review_id = "r-1", .score = 4})
      .Then({R"pb(rated { review_id: "r-1" score: 4 })pb"});
}

TEST_CASE("a seller's vacation takes her products off the market") {
  auto expected = FromText<v1::ProductEvent>(OfferWith(""));
  expected.mutable_offer_changed()->mutable_offer()->clear_saleable();
  const auto product = Spec<Product>()
                           .Given(OnSale())
                           .When(SetSellerAvailability{.active = true, .on_vacation = true, .version = 2})
                           .Then({R"pb(seller_availability_changed {
                                         seller_active: true
                                         seller_on_vacation: true
                                         seller_version: 2
                                       })pb",
                                  expected.DebugString()});
  CHECK(product.state() == v1::ProductState::STATE_PUBLISHED);
}

TEST_CASE("old news about a seller is ignored") {
  Spec<Product>()
      .Given(OnSale())
      .When(SetSellerAvailability{.active = false, .on_vacation = false, .version = 1})
      .Then({});
}

TEST_CASE("a draft tells carts nothing") {
  Spec<Product>().Given(Complete()).When(PriceOf(990)).Then({R"pb(price_set {
                                                                    price {
                                                                      currency_code: "EUR"
                                                                      minor_units: 990
                                                                    }
                                                                    start_time { seconds: 1772452800 }
                                                                  })pb"});
}

TEST_CASE("while there is enough, carts hear of more stock, not of each piece sold") {
  const auto events = [](std::int64_t available) {
    v1::ProductState state;
    for (const auto& event : OnSale()) Product::Evolve(state, event);
    return Product::Decide(state, SetAvailability{.available = available, .low_level = 3}, Noon())->size();
  };
  CHECK(events(11) == 2);
  CHECK(events(10) == 0);
  CHECK(events(9) == 0);
  CHECK(events(5) == 0);
  CHECK(events(4) == 2);
  CHECK(events(3) == 2);
  CHECK(events(0) == 2);
}

TEST_CASE("prices are explicit, positive and of a real currency") {
  Spec<Product>().Given({kCreated}).When(PriceOf(0)).ThenFails(StatusCode::kInvalidArgument);
  Spec<Product>().Given({kCreated}).When(PriceOf(-5)).ThenFails(StatusCode::kInvalidArgument);
  Spec<Product>().Given({kCreated}).When(PriceOf(100, "EURO")).ThenFails(StatusCode::kInvalidArgument);
  Spec<Product>().Given({kCreated, kPriced}).When(PriceOf(1250)).Then({});
}

TEST_CASE("the lowest price of the last 30 days is known") {
  v1::ProductState product = FromText<v1::ProductState>(R"pb(state: STATE_DRAFT)pb");
  const auto set = [&product](int day, std::int64_t minor_units, const char* currency = "EUR") {
    const auto events =
        Product::Decide(product, PriceOf(minor_units, currency), Noon() + day * absl::Hours(24));
    for (const auto& event : *events) {
      Product::Evolve(product, event);
    }
  };
  set(0, 1000);
  CHECK_FALSE(LowestPriceBefore(product, "EUR").has_value());
  set(10, 700);   // 1000 until day 10.
  set(15, 1200);  // 700 until day 15.
  CHECK(LowestPriceBefore(product, "EUR")->minor_units() == 700);
  set(20, 9000, "JPY");
  set(44, 900);
  CHECK(LowestPriceBefore(product, "EUR")->minor_units() == 700);
  set(46, 800);  // More than 30 days after day 15.
  CHECK(LowestPriceBefore(product, "EUR")->minor_units() == 900);
  CHECK_FALSE(LowestPriceBefore(product, "JPY").has_value());
  CHECK(PriceIn(product, "")->minor_units() == 800);
  CHECK(PriceIn(product, "JPY")->minor_units() == 9000);
  CHECK_FALSE(PriceIn(product, "USD").has_value());
  CHECK(PresentPrices(product).size() == 2);
  CHECK(product.prices_size() <= 5);
}

TEST_CASE("photos are shown in the order that the seller wants") {
  const auto product = Spec<Product>()
                           .Given({kCreated, kPhoto, kPhoto2})
                           .When(ReorderMedia{.media_ids = {"m-2", "m-1"}})
                           .Then({R"pb(media_reordered { media_ids: "m-2" media_ids: "m-1" })pb"});
  CHECK(product.media(0).media_id() == "m-2");
  CHECK(product.media(1).alt_text() == "a bowl");
  for (const std::vector<std::string>& bad :
       {std::vector<std::string>{"m-1"}, {"m-1", "m-1"}, {"m-1", "m-3"}, {"m-1", "m-2", "m-3"}}) {
    Spec<Product>()
        .Given({kCreated, kPhoto, kPhoto2})
        .When(ReorderMedia{.media_ids = bad})
        .ThenFails(StatusCode::kInvalidArgument);
  }
}

TEST_CASE("attaching a photo again changes its text and nothing else") {
  AttachMedia again;
  again.media.set_media_id("m-1");
  again.media.set_alt_text("a deep bowl");
  const auto product =
      Spec<Product>().Given({kCreated, kPhoto, kPhoto2}).When(again).Then({R"pb(media_attached {
                                                                                  media {
                                                                                    media_id: "m-1"
                                                                                    alt_text: "a deep bowl"
                                                                                  }
                                                                                })pb"});
  CHECK(product.media_size() == 2);
  CHECK(product.media(0).alt_text() == "a deep bowl");
}

TEST_CASE("a product has at most 20 photos") {
  std::vector<v1::ProductEvent> events = History({kCreated});
  for (int i = 0; i < kMediaMax; ++i) {
    events.emplace_back().mutable_media_attached()->mutable_media()->set_media_id(absl::StrFormat("m-%d", i));
  }
  AttachMedia more;
  more.media.set_media_id("m-more");
  Spec<Product>().Given(events).When(more).ThenFails(StatusCode::kFailedPrecondition, "QUANTITY_LIMIT");
}

TEST_CASE("a published product keeps a photo and a description") {
  Spec<Product>()
      .Given(OnSale())
      .When(DetachMedia{.media_id = "m-1"})
      .ThenFails(StatusCode::kFailedPrecondition, "PRODUCT_INCOMPLETE");
  Spec<Product>()
      .Given(OnSale())
      .When(ReviseProduct{.texts = {Text("en", "Bowl", "")}})
      .ThenFails(StatusCode::kFailedPrecondition, "PRODUCT_INCOMPLETE");
  Spec<Product>().Given({kCreated, kPhoto}).When(DetachMedia{.media_id = "m-1"}).Then({R"pb(media_detached {
                                                                                              media_id: "m-1"
                                                                                            })pb"});
}

TEST_CASE("each language is there once") {
  Spec<Product>()
      .Given({kCreated})
      .When(ReviseProduct{.texts = {Text("en", "Bowl"), Text("en", "Dish")}})
      .ThenFails(StatusCode::kInvalidArgument);
}

TEST_CASE("each command meets each phase of a product") {
  const auto table = testing::CommandTable<Product>(Noon())
                         .Add(CreateProduct{.product_id = "p-1", .seller_id = "s-1"})
                         .Add(ReviseProduct{.category = "garden"})
                         .Add(DetachMedia{.media_id = "m-1"})
                         .Add(PriceOf(500))
                         .Add(SetDeliveryProfile{.delivery_profile_id = "d-2"})
                         .Add(PublishProduct{})
                         .Add(UnpublishProduct{})
                         .Add(ArchiveProduct{})
                         .Add(SetAvailability{.available = 1, .low_level = 3})
                         .Add(SetSellerAvailability{.active = true, .on_vacation = false, .version = 7})
                         .Add(RateProduct{.review_id = "r", .score = 5});
  auto unpublished = OnSale();
  unpublished.push_back(FromText<v1::ProductEvent>(kUnpublished));
  auto archived = OnSale();
  archived.push_back(FromText<v1::ProductEvent>(kArchived));
  struct Phase {
    const char* name;
    std::vector<v1::ProductEvent> history;
    // create, revise, detach, price, profile, publish, unpublish, archive, stock, seller, rate
    std::string row;
  };
  const std::vector<Phase> phases = {
      {"unknown", {}, "+----------"},
      {"draft", History({kCreated}), "!+=++!!++++"},
      {"complete", Complete(), "!+++++!++++"},
      {"published", OnSale(), "!+!++=+++++"},
      {"unpublished", unpublished, "!+++++=++++"},
      {"archived", archived, "!!!!!!!=+++"},
  };
  for (const Phase& phase : phases) {
    v1::ProductState state;
    for (const auto& event : phase.history) Product::Evolve(state, event);
    INFO(phase.name);
    CHECK(table.RowOf(state) == phase.row);
  }
}

TEST_CASE("whatever happens, the last offer says what is true") {
  testing::Explorer<Product> explorer(Noon());
  explorer.Add("price", PriceOf(990));
  explorer.Add("price in yen", PriceOf(990, "JPY"));
  explorer.Add("title", ReviseProduct{.texts = {Text("en", "Dish")}});
  explorer.Add("publish", PublishProduct{});
  explorer.Add("unpublish", UnpublishProduct{});
  explorer.Add("archive", ArchiveProduct{});
  explorer.Add("sold out", SetAvailability{.available = 0, .low_level = 3});
  explorer.Add("restocked", SetAvailability{.available = 50, .low_level = 3});
  explorer.Add("away", SetSellerAvailability{.active = true, .on_vacation = true, .version = 2});
  explorer.Add("back", SetSellerAvailability{.active = true, .on_vacation = false, .version = 3});
  explorer.Check([](const v1::ProductState& product, const std::string& path) {
    INFO(path);
    CHECK(product.has_offer() == product.has_publish_time());
    if (!product.has_offer()) return;
    CHECK(product.offer().saleable() == IsSaleable(product));
    CHECK(product.offer().availability() == product.availability());
    CHECK(product.offer().available_quantity() == product.available_quantity());
    CHECK(product.offer().title() == product.texts(0).title());
    CHECK(product.offer().prices(0).SerializeAsString() == PriceIn(product, "")->SerializeAsString());
    IndexRows rows;
    Product::Index(ProductId::Of("p-1"), product, rows);
    CHECK(rows.rows().size() == (IsSaleable(product) ? 5u : 2u));
  });
  explorer.CheckTransition(
      [](const v1::ProductState& before, const v1::ProductState& after, const std::string& path) {
        INFO(path);
        CHECK(after.offer().offer_version() - before.offer().offer_version() <= 1);
        if (before.state() == v1::ProductState::STATE_ARCHIVED) CHECK(after.state() == before.state());
      });
  v1::ProductState complete;
  for (const auto& event : Complete()) Product::Evolve(complete, event);
  CHECK(explorer.Run(4, complete) > 5000);
}

}  // namespace
}  // namespace souk::catalog
