#include "services/catalog/search_view.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <set>

#include "libs/eventsourcing/page.h"
#include "services/catalog/product.h"
#include "services/catalog/text.h"

namespace souk::catalog {
namespace {

// A product is found by its first words only: a long text must not swamp the view.
constexpr std::size_t kWordsMax = 300;
// More words than that in a search are ignored.
constexpr std::size_t kQueryWordsMax = 10;
constexpr std::size_t kAllRows = std::numeric_limits<std::size_t>::max();

// Under which words a product is found at this moment.
std::set<std::string> WordsOf(const v1::ProductState& product) {
  std::set<std::string> words;
  if (!IsSaleable(product)) return words;
  const auto add = [&words](const std::string& text) {
    for (std::string& word : Words(text)) {
      if (words.size() < kWordsMax) words.insert(std::move(word));
    }
  };
  for (const v1::LocalizedText& text : product.texts()) add(text.title());
  for (const v1::LocalizedText& text : product.texts()) add(text.description());
  return words;
}

v1::SearchEntry EntryOf(const v1::ProductState& product) {
  v1::SearchEntry entry;
  entry.set_product_id(product.product_id());
  entry.set_seller_id(product.seller_id());
  entry.set_category(product.category());
  for (type::v1::Money& price : PresentPrices(product)) *entry.add_prices() = std::move(price);
  entry.set_availability(product.availability());
  *entry.mutable_rating() = product.rating();
  *entry.mutable_publish_time() = product.publish_time();
  return entry;
}

std::string WordKey(std::string_view word, std::string_view id) {
  return "w/" + std::string(word) + "/" + std::string(id);
}

// Ids of the products that have a word which is, or begins with, `word`; sorted.
StatusOr<std::vector<std::string>> IdsWith(const Engine& engine, const std::string& word, bool prefix) {
  const IndexQuery query{.prefix = prefix ? "w/" + word : WordKey(word, ""), .limit = kAllRows};
  ASSIGN_OR_RETURN(const std::vector<IndexRow> rows, engine.QueryView(kSearchView, query));
  std::vector<std::string> ids;
  for (const IndexRow& row : rows) ids.push_back(IdInKey(row.key));
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

StatusOr<std::vector<std::string>> IdsWithAll(const Engine& engine, const std::vector<std::string>& words) {
  std::optional<std::vector<std::string>> common;
  for (std::size_t i = 0; i < words.size(); ++i) {
    ASSIGN_OR_RETURN(std::vector<std::string> ids, IdsWith(engine, words[i], i + 1 == words.size()));
    if (common.has_value()) {
      std::vector<std::string> both;
      std::set_intersection(common->begin(), common->end(), ids.begin(), ids.end(), std::back_inserter(both));
      ids = std::move(both);
    }
    if (ids.empty()) return ids;
    common = std::move(ids);
  }
  return *std::move(common);
}

// Appends the entries whose keys begin with `prefix`.
Status AppendEntries(const Engine& engine, IndexQuery query, std::vector<v1::SearchEntry>& entries) {
  ASSIGN_OR_RETURN(const std::vector<IndexRow> rows, engine.QueryView(kSearchView, query));
  for (const IndexRow& row : rows) {
    if (!entries.emplace_back().ParseFromString(row.value)) return DataLoss("malformed row %s", row.key);
  }
  return OkStatus();
}

}  // namespace

Status SearchView::Project(const event::v1::EventRecord& record, ViewRows& rows) {
  if (record.aggregate() != Product::kName) return OkStatus();
  v1::ProductEvent event;
  if (!event.ParseFromString(record.payload())) return DataLoss("malformed event of a product");
  const std::string& id = record.aggregate_id();
  ASSIGN_OR_RETURN(const std::optional<std::string> stored, rows.Get("p/" + id));
  v1::ProductState before;
  if (stored.has_value() && !before.ParseFromString(*stored)) return DataLoss("malformed row p/%s", id);
  v1::ProductState after = before;
  Product::Evolve(after, event);
  rows.Put("p/" + id, after.SerializeAsString());

  const std::set<std::string> old_words = WordsOf(before);
  const std::set<std::string> new_words = WordsOf(after);
  for (const std::string& word : old_words) {
    if (!new_words.contains(word)) rows.Delete(WordKey(word, id));
  }
  for (const std::string& word : new_words) {
    if (!old_words.contains(word)) rows.Put(WordKey(word, id), "");
  }
  if (IsSaleable(after)) {
    rows.Put("s/" + id, EntryOf(after).SerializeAsString());
  } else if (IsSaleable(before)) {
    rows.Delete("s/" + id);
  }
  return OkStatus();
}

StatusOr<std::vector<v1::SearchEntry>> FindProducts(const Engine& engine, std::string_view text) {
  std::vector<std::string> words = Words(text);
  if (words.size() > kQueryWordsMax) words.resize(kQueryWordsMax);
  std::vector<v1::SearchEntry> entries;
  if (words.empty()) {
    RETURN_IF_ERROR(AppendEntries(engine, {.prefix = "s/", .limit = kAllRows}, entries));
    return entries;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, IdsWithAll(engine, words));
  for (const std::string& id : ids) {
    RETURN_IF_ERROR(AppendEntries(engine, {.prefix = "s/" + id, .limit = 1}, entries));
  }
  return entries;
}

}  // namespace souk::catalog
