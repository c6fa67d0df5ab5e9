#include "libs/eventstore/subject_keys.h"

#include <catch2/catch.hpp>
#include <optional>

#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/sim_disk.h"

namespace souk {
namespace {

struct World {
  using Result = std::optional<StatusOr<type::v1::Sealed>>;

  static Task<> Keep(Task<StatusOr<type::v1::Sealed>> task, Result& result) {
    result = co_await std::move(task);
  }
  void Seal(std::string text, Result& result) {
    tasks.Spawn(Keep(keys.Seal("buyer/b-1", std::move(text), "seed"), result));
  }
  void Run() {
    while (scheduler.Step()) {
    }
  }

  SimScheduler scheduler{1};
  SimProcess process{scheduler};
  SimDisk disk;
  SimStore store{scheduler, process, disk};
  SubjectKeys keys{store, std::string(32, 'k')};
  TaskScope tasks;
};

TEST_CASE("what is sealed for a new subject by two at once can be opened") {
  World world;
  World::Result one, other;
  world.Seal("Ackerstr. 12", one);
  world.Seal("Lange Gasse 3", other);
  CHECK_FALSE(one.has_value());  // The key is not durable yet.
  world.Run();
  CHECK(world.keys.Open(one->value()).value() == "Ackerstr. 12");
  CHECK(world.keys.Open(other->value()).value() == "Lange Gasse 3");
}

TEST_CASE("a subject that is erased while its key is stored stays erased") {
  World world;
  World::Result one;
  world.Seal("Ackerstr. 12", one);
  world.tasks.Spawn(
      [](SubjectKeys& keys) -> Task<> { CHECK((co_await keys.Erase("buyer/b-1")).ok()); }(world.keys));
  world.Run();
  CHECK(Reason(world.keys.Open(one->value()).status()) == "SUBJECT_ERASED");
}

TEST_CASE("a repeated seal has the same bytes, and other bytes do not open") {
  World world;
  World::Result one, again;
  world.Seal("Ackerstr. 12", one);
  world.Run();
  world.Seal("Ackerstr. 12", again);
  world.Run();
  CHECK(one->value().ciphertext() == again->value().ciphertext());
  type::v1::Sealed changed = one->value();
  changed.mutable_ciphertext()->back() ^= 1;
  CHECK(absl::IsDataLoss(world.keys.Open(changed).status()));
}

TEST_CASE("a key that was not stored is no answer") {
  World world;
  world.disk.condition().full = true;
  World::Result one;
  world.Seal("Ackerstr. 12", one);
  world.Run();
  CHECK(absl::IsUnavailable(one->status()));
}

}  // namespace
}  // namespace souk
