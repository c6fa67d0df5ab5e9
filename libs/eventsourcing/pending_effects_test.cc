// Effects whose rows are written late.
#include "libs/eventsourcing/pending_effects.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "libs/eventsourcing/ledger.h"
#include "libs/eventsourcing/rebuild.h"
#include "libs/eventstore/keys.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/counter.h"

namespace souk {
namespace {

using engine::v1::EffectRecord;
using testing::Add;
using testing::Close;
using testing::Counter;
using testing::CounterId;
using testing::Open;

constexpr std::uint64_t kPositionsPerWrite = 4;

EffectChange Started(std::string name, std::string id) {
  const auto record = std::make_shared<EffectRecord>();
  record->set_effect_id(std::move(id));
  return {std::move(name), record};
}
EffectChange Ended(std::string name) { return {std::move(name), nullptr}; }

// What it would write after a unit that ends at `position`: "put a", "delete b". Not the position.
std::vector<std::string> Written(PendingEffects& effects, std::uint64_t position) {
  Batch batch;
  effects.WriteRows(position, batch);
  std::vector<std::string> rows;
  for (const Batch::Entry& entry : batch) {
    if (entry.key == keys::EffectsPosition(0)) continue;
    rows.push_back((entry.value.has_value() ? "put " : "delete ") +
                   std::string(entry.key.substr(sizeof(std::uint32_t))));
  }
  return rows;
}
using Names = std::vector<std::string>;

TEST_CASE("rows of effects are only written once in so many positions, of those that still wait") {
  PendingEffects effects(0, kPositionsPerWrite);
  CHECK(effects.Apply(Started("brief", "1")));
  CHECK(effects.Apply(Started("long", "2")));
  CHECK(Written(effects, 3).empty());
  CHECK(effects.Apply(Ended("brief")));
  CHECK(Written(effects, 5) == Names{"put long"});
  CHECK(effects.stored_up_to() == 5);
  CHECK(Written(effects, 7).empty());
}

TEST_CASE("an effect that has a row loses it once it has ended, and a new one of its name takes its place") {
  PendingEffects effects(0, kPositionsPerWrite);
  effects.Apply(Started("ends", "1"));
  effects.Apply(Started("begins again", "2"));
  effects.Apply(Started("ends, begins and ends", "3"));
  REQUIRE(Written(effects, 4).size() == 3);
  effects.Apply(Ended("ends"));
  effects.Apply(Started("begins again", "4"));
  effects.Apply(Ended("ends, begins and ends"));
  effects.Apply(Started("ends, begins and ends", "5"));
  effects.Apply(Ended("ends, begins and ends"));
  CHECK(effects.Find("begins again")->effect_id() == "4");
  CHECK(Written(effects, 8) == Names{"put begins again", "delete ends", "delete ends, begins and ends"});
  CHECK(Written(effects, 12).empty());
}

TEST_CASE("what ends without waiting changes nothing") {
  PendingEffects effects(0, kPositionsPerWrite);
  CHECK_FALSE(effects.Apply(Ended("unknown")));
  CHECK(effects.All().empty());
}

// A partition without a disk and without threads.
struct Story {
  Story() {
    types.Add(std::make_unique<AggregateTypeOf<Counter>>());
    ledger.Recover({}, PendingEffects(0, kPositionsPerWrite));
  }
  template <typename Command>
  void Execute(const std::string& id, const Command& command) {
    ledger.BeginGroup(absl::UnixEpoch());
    const auto work = [&](Unit& unit) { return unit.Execute<Counter>(CounterId::Of(id), command); };
    const auto nothing = [](Unit&) { return OkStatus(); };
    REQUIRE(ledger.Apply(CommandMetadata(), /*several=*/false, work, nothing).ok());
    StagedGroup group = ledger.TakeGroup();
    Write(group.batch);
    ledger.GroupCommitted(group);
  }
  void Write(const Batch& batch) { REQUIRE(SyncWait(store.Write(batch, Durability::kSynced)).ok()); }
  // As "kind of id".
  Names Recovered() {
    PendingEffects effects = RecoverEffects(store, 0, types, kPositionsPerWrite).value();
    Names names;
    for (const EffectChange& effect : effects.All())
      names.push_back(effect.record->kind() + " of " + effect.record->aggregate_id());
    std::sort(names.begin(), names.end());
    return names;
  }

  MemoryStore store;
  AggregateTypes types;
  Ledger ledger{0, "i-1", types, store, Ledger::Readers::kHere};
};

TEST_CASE("what waits at the end of the log is found again, wherever the rows end") {
  Story story;
  CHECK(story.Recovered().empty());
  story.Execute("a", Open{"ann"});
  story.Execute("b", Open{"ben"});
  CHECK(story.Recovered() == Names{"idle of a", "idle of b"});  // No row yet.
  story.Execute("a", Add{100});
  story.Execute("b", Add{1});
  CHECK(story.Recovered() == Names{"idle of a", "idle of b", "report of a"});
  story.Execute("a", Close{"done"});  // What has a row ends behind it.
  CHECK(story.Recovered() == Names{"idle of b"});
  for (int i = 0; i < 13; ++i) story.Execute("b", Add{10});
  CHECK(story.Recovered() == Names{"idle of b", "report of b"});
}

TEST_CASE("effects are found again as they were") {
  Story story;
  // So many events that there are snapshots that are newer than the rows.
  for (int i = 0; i < 80; ++i) {
    const std::string id(1, static_cast<char>('a' + i % 2));
    if (i < 2) {
      story.Execute(id, Open{"ann"});
    } else {
      story.Execute(id, Add{40});
    }
    PendingEffects now = story.ledger.TakeEffects();
    const PendingEffects again = RecoverEffects(story.store, 0, story.types, kPositionsPerWrite).value();
    REQUIRE(again.All().size() == now.All().size());
    for (const EffectChange& effect : now.All()) {
      REQUIRE(again.Find(effect.name) != nullptr);
      CHECK(again.Find(effect.name)->SerializeAsString() == effect.record->SerializeAsString());
    }
    story.ledger.Recover(story.ledger.head(), std::move(now));
  }
}

TEST_CASE("while there are events that this build does not know the rows stay as they are") {
  Story story;
  for (const char* const id : {"a", "b", "c"}) story.Execute(id, Open{"ann"});
  event::v1::EventRecord newer;
  newer.ParseFromString(story.store.Get(ColumnFamily::kLog, keys::Log(0, 2)).value().value());
  newer.set_payload("\x9a\x06\x03red");
  Batch batch;
  batch.Put(ColumnFamily::kLog, keys::Log(0, 2), newer.SerializeAsString());
  story.Write(batch);
  CHECK(story.Recovered() == Names{"idle of a", "idle of c"});
  PendingEffects effects = RecoverEffects(story.store, 0, story.types, kPositionsPerWrite).value();
  Batch none;
  effects.WriteRows(9, none);
  CHECK(none.empty());
}

}  // namespace
}  // namespace souk
