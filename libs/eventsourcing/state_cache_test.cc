#include "libs/eventsourcing/state_cache.h"

#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "libs/testing/counter.h"

namespace souk {
namespace {

constexpr std::size_t kStateBytes = 1000;
constexpr std::size_t kStatesMax = 20;

// A cache whose generations have room for kStatesMax of these.
struct Cache {
  StateCache cache{kStatesMax * (512 + kStateBytes)};
  std::vector<std::weak_ptr<google::protobuf::Message>> states;

  CachedState* Insert(int i) {
    auto entry = std::make_unique<CachedState>();
    entry->type = &type;
    entry->id = std::to_string(i);
    entry->state = std::make_shared<google::protobuf::Timestamp>();
    entry->snapshot_age.Renew(kStateBytes);
    states.push_back(entry->state);
    return cache.Insert(std::move(entry));
  }
  bool Has(int i) { return cache.Find(type.name(), std::to_string(i)) != nullptr; }
  int destroyed() const {
    return static_cast<int>(
        std::count_if(states.begin(), states.end(), [](const auto& state) { return state.expired(); }));
  }

  const AggregateTypeOf<testing::Counter> type;
};

}  // namespace

TEST_CASE("a state that was not used while as many others came is dropped") {
  Cache cache;
  int next = 0;
  for (int generation = 0; generation < 3; ++generation) {
    for (std::size_t i = 0; i < kStatesMax; ++i) {
      CHECK(cache.Insert(next++) != nullptr);
      if (next > 1) CHECK(cache.Has(0));
      cache.cache.DropOld();
    }
  }
  CHECK(cache.Has(0));
  CHECK_FALSE(cache.Has(1));
  CHECK(cache.Has(next - 1));
}

TEST_CASE("states that have grown fill a generation sooner") {
  Cache cache;
  CachedState* const first = cache.Insert(0);
  first->snapshot_age.Renew(kStatesMax * (512 + kStateBytes));
  cache.cache.Count(*first);
  cache.cache.DropOld();  // The first is old now.
  cache.Insert(1)->snapshot_age.Renew(kStatesMax * (512 + kStateBytes));
  cache.cache.Count(*cache.cache.Find(cache.type.name(), "1"));
  cache.cache.DropOld();
  CHECK_FALSE(cache.Has(0));
  CHECK(cache.Has(1));
}

TEST_CASE("a state with events that are not durable yet is not dropped") {
  Cache cache;
  CachedState* const waiting = cache.Insert(0);
  waiting->uncommitted.push_back({.revision = 1, .payload = "x"});
  for (int i = 1; i < 100; ++i) {
    cache.Insert(i);
    cache.cache.DropOld();
  }
  CHECK(cache.cache.Find(cache.type.name(), "0") == waiting);
}

TEST_CASE("dropped states are destroyed a few at a time, and are all gone before the next are dropped") {
  Cache cache;
  for (int i = 0; i < 200; ++i) {
    const int before = cache.destroyed();
    cache.Insert(i);
    cache.cache.DropOld();
    CHECK(cache.destroyed() <= before + 2);
  }
  CHECK(cache.destroyed() >= 200 - 3 * static_cast<int>(kStatesMax));
}

}  // namespace souk
