#include "tests/simulation/people.h"

namespace souk::simulation {
namespace {

// Marks a person as busy as long as she is.
Task<> Busy(World* world, Task<> task) {
  world->PersonComes();
  co_await std::move(task);
  world->PersonLeaves();
}

Task<> Purchase(World* world, int number, absl::Duration after) {
  world->PurchaseBegins();
  co_await Sleep(world->stage().scheduler, after);
  co_await RunBuyer(world, number);
  world->PurchaseEnds();
}

}  // namespace

void SendPeople(World& world) {
  const Plan& plan = world.stage().plan;
  for (int i = 0; i < plan.sellers; ++i) world.Spawn(Busy(&world, RunSeller(&world, i)));
  for (int i = 0; i < plan.purchases; ++i) {
    const absl::Duration after = world.stage().Upto(plan.arrival_span);
    world.Spawn(Busy(&world, Purchase(&world, i, after)));
  }
  for (int i = 0; i < plan.sellers; ++i) {
    if (world.stage().Chance(plan.housekeeping)) world.Spawn(Busy(&world, RunHousekeeping(&world, i)));
  }
}

}  // namespace souk::simulation
