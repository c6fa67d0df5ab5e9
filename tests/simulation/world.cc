#include "tests/simulation/world.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "libs/messaging/cloud_event.h"
#include "libs/telemetry/log.h"
#include "services/cart/module.h"
#include "services/catalog/module.h"
#include "services/order/module.h"
#include "services/shipping/module.h"
#include "tests/simulation/audit.h"
#include "tests/simulation/havoc.h"
#include "tests/simulation/people.h"
#include "tests/simulation/photo_box.h"

namespace souk::simulation {
namespace {

// The longest wait of all: a buyer's cart expires 90 days after its last change. What
// comes before it, an order that nobody dispatches, is shorter.
constexpr absl::Duration kRestTimeMax = absl::Hours(24 * 150);
constexpr absl::Duration kShoppingTimeMax = absl::Hours(24 * 60);
// A world that has gone wrong may never come to rest.
constexpr std::uint64_t kStepsAfterViolation = 300'000;

}  // namespace

World::World(const Plan& plan, const RunOptions& options) : stage_(plan, options.trace), options_(options) {
  const auto witness_of = [this](const std::string& service) -> LogWitness& {
    return machine(service).witness();
  };
  for (ModuleFactory& factory : std::vector<ModuleFactory>{
           catalog::CatalogModule(PhotoBoxOpener()), cart::CartModule(), order::OrderModule(),
           payment::PaymentModule(bank_.Opener()), shipping::ShippingModule(),
           notification::NotificationModule(post_office_.Opener())}) {
    const std::uint32_t partitions = plan.partitions.at(factory.service);
    for (const std::string& topic : {EventsTopic(factory.service), LogTopic(factory.service)}) {
      stage_.kafka.MakeTopic(topic, partitions);
    }
    stage_.kafka.MakeTopic(RowsTopic(factory.service), 1);
    machines_.push_back(std::make_unique<Machine>(stage_, std::move(factory), witness_of));
  }
}

World::~World() = default;

Machine& World::machine(const std::string& service) {
  return **std::find_if(machines_.begin(), machines_.end(),
                        [&](const auto& machine) { return machine->service() == service; });
}

bool World::Step() {
  const absl::Time next = stage_.scheduler.NextDue();
  if (next > stage_.scheduler.Now()) {
    absl::Time timer = absl::InfiniteFuture();
    for (const auto& machine : machines_) timer = std::min(timer, machine->NextTimer());
    if (timer > stage_.scheduler.Now() && timer <= next && timer < absl::InfiniteFuture()) {
      stage_.scheduler.AdvanceTo(timer);
      for (const auto& machine : machines_) {
        if (machine->NextTimer() <= timer) machine->ClockMoved();
      }
      return true;
    }
  }
  return stage_.scheduler.Step();
}

bool World::Hopeless() {
  const std::vector<Violation>& violations = stage_.history.violations();
  for (; violations_seen_ < violations.size(); ++violations_seen_) {
    const std::string& invariant = violations[violations_seen_].invariant;
    // A service that does not start: nothing can come to rest.
    hopeless_ |= invariant.starts_with("L-3") || (options_.enough && options_.enough(invariant));
    steps_max_ = std::min(steps_max_, stage_.scheduler.steps() + kStepsAfterViolation);
  }
  return hopeless_ || stage_.scheduler.steps() > steps_max_;
}

void World::RunUntil(const std::function<bool()>& done, absl::Time limit) {
  while (stage_.scheduler.Now() < limit && !Hopeless() && !done()) {
    // Rest is looked for only when nothing is ready, which is when there can be any.
    do {
      if (!Step()) return;
    } while (stage_.scheduler.NextDue() <= stage_.scheduler.Now() && stage_.scheduler.steps() < steps_max_);
  }
}

std::optional<std::string> World::Unrest() const {
  if (busy_people_ > 0) return absl::StrFormat("%d people are busy", busy_people_);
  for (const auto& machine : machines_) {
    if (std::optional<std::string> unrest = machine->Unrest()) return unrest;
  }
  if (!bank_.idle()) return "the bank has webhooks to send";
  return std::nullopt;
}

void World::Heal() {
  healed_ = true;
  stage_.history.Note("world", "heals");
  stage_.network.faults() = {.loss = 0, .repetition = 0, .slow = 0};
  stage_.network.RestoreAll();
  stage_.kafka.SetFaults({});
  stage_.kafka.SetDown(false);
  bank_.Heal();
  post_office_.Heal();
  for (const auto& machine : machines_) machine->Heal();
}

void World::RunWhile(const std::function<bool()>& condition) {
  while (condition() && !Hopeless() && Step()) {
  }
}

void World::Settle(absl::Duration duration) {
  const absl::Time end = stage_.scheduler.Now() + duration;
  bool over = false;
  stage_.scheduler.PostAt(end, [&over] { over = true; });
  RunUntil([&over] { return over; }, end + absl::Seconds(1));
}

bool World::Quiet() const {
  return std::all_of(machines_.begin(), machines_.end(),
                     [](const auto& machine) { return !machine->Busy().has_value(); });
}

bool World::AwaitQuiet(absl::Duration most) {
  RunUntil([this] { return Quiet(); }, stage_.scheduler.Now() + most);
  return Quiet();
}

bool World::AwaitRest(absl::Time limit) {
  RunUntil([this] { return !Unrest().has_value(); }, limit);
  return !Unrest().has_value();
}

void World::SendPeopleOrPlay() {
  const absl::Time begin = stage_.scheduler.Now();
  if (!options_.story) {
    SendPeople(*this);
    return RunUntil([this] { return shopping_over(); },
                    std::min(begin + options_.until, begin + kShoppingTimeMax));
  }
  if (const Status played = options_.story(*this, told_); !played.ok() && !Hopeless()) {
    stage_.history.Fail("S-1 a story comes to its end", played.ToString());
  }
}

Outcome World::Run() {
  const absl::Time begin = stage_.scheduler.Now();
  for (const auto& machine : machines_) machine->Boot();
  Havoc havoc(*this);
  const absl::Time stop = begin + options_.until;
  SendPeopleOrPlay();
  havoc.Stop();
  Heal();
  const absl::Time limit = stage_.scheduler.Now() + kRestTimeMax;
  RunUntil([this] { return !Unrest().has_value(); }, std::min(stop, limit));
  Outcome outcome;
  outcome.virtual_time = stage_.scheduler.Now() - begin;
  if (stage_.scheduler.Now() < stop) {
    if (const std::optional<std::string> unrest = Unrest()) {
      stage_.history.Fail("I-18 everything comes to rest", *unrest);
    }
    if (!Hopeless()) outcome.orders = Audit(*this);
  }
  for (const auto& machine : machines_) outcome.events += machine->witness().events();
  const rpc::NetworkCounts& net = stage_.network.counts();
  const std::pair<const char*, int> faults[] = {
      {"message lost", net.lost},          {"message repeated", net.repeated},
      {"message slow", net.slow},          {"message cut off", net.cut_off},
      {"connection refused", net.refused}, {"stream broken", net.broken_streams}};
  for (const auto& [name, times] : faults) stage_.history.Count("fault", name, times);
  outcome.violations = stage_.history.violations();
  outcome.counters = stage_.history.counters();
  outcome.told = told_.str();
  outcome.trace = stage_.history.lines();
  outcome.digest = stage_.history.digest() ^ stage_.scheduler.digest();
  outcome.steps = stage_.scheduler.steps();
  return outcome;
}

Outcome Simulate(const Plan& plan, const RunOptions& options) {
  World world(plan, options);
  telemetry::SetLogSink(
      [&world](telemetry::Level, const std::string& line) { world.stage().history.Note("log", line); });
  Outcome outcome = world.Run();
  telemetry::SetLogSink([](telemetry::Level, const std::string&) {});
  return outcome;
}

}  // namespace souk::simulation
