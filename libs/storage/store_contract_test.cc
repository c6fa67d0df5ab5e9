// What every store must do, run against each of them.
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/hand_scheduler_for_test.h"
#include "libs/storage/memory_store.h"
#include "libs/storage/rocks_store.h"
#include "libs/storage/sim_disk.h"
#include "libs/storage/temporary_folder.h"
#include "libs/storage/write_thread.h"

namespace souk {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

struct InMemory {
  Status Write(Batch batch, Durability durability) {
    return SyncWait(store.Write(std::move(batch), durability));
  }
  MemoryStore store;
};

struct InRocks {
  Status Write(Batch batch, Durability durability) {
    return SyncWait(store.Write(std::move(batch), durability));
  }
  TemporaryFolder folder;
  std::unique_ptr<RocksStore> opened = RocksStore::Open(folder.path() + "/store", {}).value();
  RocksStore& store = *opened;
};

struct InSimulation {
  Status Write(Batch batch, Durability durability) {
    std::optional<Status> result;
    TaskScope scope;
    scope.Spawn([](Task<Status> task, std::optional<Status>& r) -> Task<> {
      r = co_await std::move(task);
    }(store.Write(std::move(batch), durability), result));
    while (!result.has_value() && world.Step()) {
    }
    return *result;
  }
  SimScheduler world{1};
  SimProcess process{world};
  SimDisk disk;
  SimStore store{world, process, disk};
};

struct OnThread {
  // Every write is handed over; home is this thread, whenever it waits.
  Status Write(Batch batch, Durability durability) {
    std::optional<Status> result;
    TaskScope scope;
    scope.Spawn([](Task<Status> task, std::optional<Status>& r) -> Task<> {
      r = co_await std::move(task);
    }(store.Write(std::move(batch), durability), result));
    while (!result.has_value()) home.RunOne();
    return *result;
  }
  TemporaryFolder folder;
  HandScheduler home;
  std::unique_ptr<RocksStore> opened = RocksStore::Open(folder.path() + "/store", {}).value();
  WriteThread store{*opened, home};
};

Rows Read(const Store& store, ColumnFamily family, const KeyRange& range,
          Direction direction = Direction::kForward, std::size_t rows_max = 100) {
  Rows rows;
  const Status status =
      store.Scan(family, range, direction, [&](std::string_view key, std::string_view value) {
        rows.emplace_back(key, value);
        return rows.size() < rows_max;
      });
  CHECK(status.ok());
  return rows;
}

Batch Alphabet() {
  Batch batch;
  for (const char* const key : {"d", "b", "a", "ba", "c"}) {
    batch.Put(ColumnFamily::kViews, key, std::string("value of ") + key);
  }
  return batch;
}

std::string Keys(const Rows& rows) {
  std::string keys;
  for (const auto& [key, value] : rows) keys += key + " ";
  return keys;
}

}  // namespace

TEMPLATE_TEST_CASE("a written row is read, a missing one is nothing", "", InMemory, InRocks, OnThread,
                   InSimulation) {
  TestType in;
  CHECK(in.store.Get(ColumnFamily::kLog, "key").value() == std::nullopt);
  const Durability durability = GENERATE(Durability::kSynced, Durability::kBuffered);
  Batch batch;
  batch.Put(ColumnFamily::kLog, "key", std::string("value\0with zero", 15));
  batch.Put(ColumnFamily::kLog, "empty", "");
  REQUIRE(in.Write(std::move(batch), durability).ok());
  CHECK(in.store.Get(ColumnFamily::kLog, "key").value() == std::string("value\0with zero", 15));
  CHECK(in.store.Get(ColumnFamily::kLog, "empty").value() == "");
  CHECK(in.store.Get(ColumnFamily::kLog, "ke").value() == std::nullopt);
}

TEMPLATE_TEST_CASE("column families are apart", "", InMemory, InRocks, OnThread, InSimulation) {
  TestType in;
  Batch batch;
  for (const ColumnFamily family : kColumnFamilies) batch.Put(family, "key", NameOf(family));
  REQUIRE(in.Write(std::move(batch), Durability::kSynced).ok());
  Batch removal;
  removal.Delete(ColumnFamily::kViews, "key");
  REQUIRE(in.Write(std::move(removal), Durability::kSynced).ok());
  for (const ColumnFamily family : kColumnFamilies) {
    const auto value = in.store.Get(family, "key").value();
    CHECK(value ==
          (family == ColumnFamily::kViews ? std::nullopt : std::optional<std::string>(NameOf(family))));
    CHECK(Read(in.store, family, {}).size() == (family == ColumnFamily::kViews ? 0 : 1));
  }
}

TEMPLATE_TEST_CASE("later entries of a batch win", "", InMemory, InRocks, OnThread, InSimulation) {
  TestType in;
  Batch batch;
  batch.Put(ColumnFamily::kMeta, "twice", "first");
  batch.Put(ColumnFamily::kMeta, "twice", "second");
  batch.Put(ColumnFamily::kMeta, "gone", "value");
  batch.Delete(ColumnFamily::kMeta, "gone");
  batch.Delete(ColumnFamily::kMeta, "back");
  batch.Put(ColumnFamily::kMeta, "back", "value");
  batch.Delete(ColumnFamily::kMeta, "never there");
  REQUIRE(in.Write(std::move(batch), Durability::kSynced).ok());
  CHECK(Read(in.store, ColumnFamily::kMeta, {}) == Rows{{"back", "value"}, {"twice", "second"}});
}

TEMPLATE_TEST_CASE("a scan goes through a range in order", "", InMemory, InRocks, OnThread, InSimulation) {
  TestType in;
  REQUIRE(in.Write(Alphabet(), Durability::kSynced).ok());
  const auto forward = [&](KeyRange range) { return Keys(Read(in.store, ColumnFamily::kViews, range)); };
  const auto backward = [&](KeyRange range) {
    return Keys(Read(in.store, ColumnFamily::kViews, range, Direction::kBackward));
  };
  CHECK(forward({}) == "a b ba c d ");
  CHECK(backward({}) == "d c ba b a ");
  CHECK(forward({"b", "c"}) == "b ba ");
  CHECK(backward({"b", "c"}) == "ba b ");
  CHECK(forward({"bb", ""}) == "c d ");
  CHECK(backward({"bb", ""}) == "d c ");
  CHECK(forward({"", "b"}) == "a ");
  CHECK(backward({"", "bb"}) == "ba b a ");
  CHECK(forward({"c", "b"}).empty());
  CHECK(backward({"c", "b"}).empty());
  CHECK(forward({"b", "b"}).empty());
  CHECK(backward({"x", "z"}).empty());
  CHECK(forward(KeyRange::WithPrefix("b")) == "b ba ");
  CHECK(backward(KeyRange::WithPrefix("b")) == "ba b ");
}

TEMPLATE_TEST_CASE("a scan ends when it is told to", "", InMemory, InRocks, OnThread, InSimulation) {
  TestType in;
  REQUIRE(in.Write(Alphabet(), Durability::kSynced).ok());
  CHECK(Keys(Read(in.store, ColumnFamily::kViews, {}, Direction::kForward, 2)) == "a b ");
  CHECK(Keys(Read(in.store, ColumnFamily::kViews, {}, Direction::kBackward, 2)) == "d c ");
}

TEMPLATE_TEST_CASE("a scan sees one moment", "", InMemory, InRocks, OnThread, InSimulation) {
  TestType in;
  REQUIRE(in.Write(Alphabet(), Durability::kSynced).ok());
  Rows rows;
  const Status status = in.store.Scan(ColumnFamily::kViews, {}, Direction::kForward,
                                      [&](std::string_view key, std::string_view value) {
                                        rows.emplace_back(key, value);
                                        Batch batch;
                                        batch.Put(ColumnFamily::kViews, std::string(key) + "z", "new");
                                        batch.Delete(ColumnFamily::kViews, "d");
                                        CHECK(in.Write(std::move(batch), Durability::kBuffered).ok());
                                        return true;
                                      });
  CHECK(status.ok());
  CHECK(Keys(rows) == "a b ba c d ");
  CHECK(Keys(Read(in.store, ColumnFamily::kViews, {})) == "a az b ba baz bz c cz dz ");
}

TEMPLATE_TEST_CASE("keys are ordered as unsigned bytes", "", InMemory, InRocks, OnThread, InSimulation) {
  TestType in;
  Batch batch;
  for (const char* const key : {"\x7f", "\x80", "\xff", "\xff\x01", "\x01"}) {
    batch.Put(ColumnFamily::kStreams, key, "");
  }
  REQUIRE(in.Write(std::move(batch), Durability::kSynced).ok());
  CHECK(Keys(Read(in.store, ColumnFamily::kStreams, {})) == "\x01 \x7f \x80 \xff \xff\x01 ");
  CHECK(Keys(Read(in.store, ColumnFamily::kStreams, KeyRange::WithPrefix("\xff"))) == "\xff \xff\x01 ");
  CHECK(Keys(Read(in.store, ColumnFamily::kStreams, KeyRange::WithPrefix("\x7f"))) == "\x7f ");
}

}  // namespace souk
