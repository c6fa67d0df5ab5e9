// The whole marketplace in one thread: six services on machines that crash, a network that
// loses, a bank, a post office, a carrier, and people. One seed is one history.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/simulation/bank.h"
#include "tests/simulation/machine.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/post_office.h"
#include "tests/simulation/stage.h"
#include "tests/simulation/testimony.h"

namespace souk::simulation {

struct Outcome {
  std::vector<Violation> violations;
  History::Counters counters;
  std::vector<std::string> trace;
  std::uint64_t digest = 0;
  std::uint64_t steps = 0;
  int orders = 0;  // Placed, and at their end.
  std::int64_t events = 0;
  absl::Duration virtual_time;
  std::string told;  // What a story says of itself.
};

class World;

// What somebody does from outside, and blocks: the world goes on while she waits.
using Story = std::function<Status(World& world, std::ostream& told)>;

struct RunOptions {
  bool trace = false;
  // Instead of the usual people.
  Story story = nullptr;
  // Stops there, without the audits of the end.
  absl::Duration until = absl::InfiniteDuration();
  // Stops, also without them, at the first violation for which this is true.
  std::function<bool(std::string_view invariant)> enough = nullptr;
};

class World {
 public:
  World(const Plan& plan, const RunOptions& options);
  ~World();

  Outcome Run();

  // -- For actors and auditors --
  Stage& stage() { return stage_; }
  Bank& bank() { return bank_; }
  PostOffice& post_office() { return post_office_; }
  Testimony& testimony() { return testimony_; }
  const std::vector<std::unique_ptr<Machine>>& machines() const { return machines_; }
  Machine& machine(const std::string& service);

  void Spawn(Task<> task) { actors_.Spawn(std::move(task)); }
  // People who still have something to do.
  int busy_people() const { return busy_people_; }
  void PersonComes() { ++busy_people_; }
  void PersonLeaves() { --busy_people_; }
  // True once everybody has bought what they wanted.
  bool shopping_over() const { return purchases_open_ == 0; }
  void PurchaseBegins() { ++purchases_open_; }
  void PurchaseEnds() { --purchases_open_; }
  // True in the phase in which nothing breaks any more.
  bool healed() const { return healed_; }
  // Lets the world go on as long as `condition` holds and there is something to do.
  void RunWhile(const std::function<bool()>& condition);
  // Lets the world go on for a while.
  void Settle(absl::Duration duration);
  // Lets it go on until nothing is under way, but for what waits for a time. False when that takes longer.
  bool AwaitQuiet(absl::Duration most);
  // The same until nothing waits for a time either.
  bool AwaitRest(absl::Time limit);
  // Product ids that are for sale, in order of their making.
  std::vector<std::string>& shelf() { return shelf_; }

 private:
  // Far more than a world takes that comes to rest.
  static constexpr std::uint64_t kStepsMax = 50'000'000;

  // One step, or a move of the clock to the next timer. False when nothing is left.
  bool Step();
  void RunUntil(const std::function<bool()>& done, absl::Time limit);
  // Something has gone wrong so badly, or so long ago, that to go on shows nothing more.
  bool Hopeless();
  void Heal();
  void SendPeopleOrPlay();
  // What is not at rest; nothing when all is.
  std::optional<std::string> Unrest() const;
  bool Quiet() const;

  Stage stage_;
  const RunOptions options_;
  Testimony testimony_;
  Bank bank_{stage_};
  PostOffice post_office_{stage_};
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<std::string> shelf_;
  std::ostringstream told_;
  int busy_people_ = 0;
  int purchases_open_ = 0;
  bool healed_ = false;
  std::size_t violations_seen_ = 0;
  std::uint64_t steps_max_ = kStepsMax;
  bool hopeless_ = false;
  TaskScope actors_;
};

Outcome Simulate(const Plan& plan, const RunOptions& options = {});

}  // namespace souk::simulation
