#include "tests/simulation/havoc.h"

namespace souk::simulation {
namespace {

// How often it looks how busy the network is, in virtual time.
constexpr absl::Duration kLookEvery = absl::Milliseconds(700);
constexpr absl::Duration kLookRarely = absl::Minutes(5);
constexpr absl::Duration kBackupAgeMax = absl::Hours(6);
constexpr absl::Duration kOlderAtMost = absl::Hours(12);

}  // namespace

Task<> Havoc::Run() {
  const int mean = stage_.plan.messages_between_strikes;
  if (mean == 0) co_return;
  int before = stage_.network.counts().messages;
  int next = before + 1 + static_cast<int>(stage_.Below(2 * static_cast<std::uint64_t>(mean)));
  while (!stopped_) {
    const int now = stage_.network.counts().messages;
    if (now >= next) {
      Strike();
      next = now + 1 + static_cast<int>(stage_.Below(2 * static_cast<std::uint64_t>(mean)));
    }
    const bool quiet = now - before < 3;
    before = now;
    co_await Sleep(stage_.scheduler, quiet ? stage_.Upto(kLookRarely) : stage_.Upto(kLookEvery));
  }
}

void Havoc::Strike() {
  if (calm_) return;
  const Plan& plan = stage_.plan;
  const Deed deeds[] = {{"process killed", plan.kill, &Havoc::Kill},
                        {"power failure", plan.power_failure, &Havoc::FailPower},
                        {"process suspended", plan.pause, &Havoc::Suspend},
                        {"line cut", plan.cut, &Havoc::Cut},
                        {"disk full", plan.disk_full, &Havoc::FillDisk},
                        {"broker down", plan.broker_down, &Havoc::StopBroker},
                        {"restart", plan.restart, &Havoc::Restart},
                        {"restart with rebuild", plan.rebuild, &Havoc::Rebuild},
                        {"older version", plan.older, &Havoc::Downgrade},
                        {"disk lost", plan.lost_disk, &Havoc::BackUp}};
  double sum = 0;
  for (const Deed& deed : deeds) sum += deed.weight;
  double point = static_cast<double>(stage_.Below(1 << 20)) / (1 << 20) * sum;
  Machine& machine = *world_.machines()[stage_.Below(world_.machines().size())];
  for (const Deed& deed : deeds) {
    point -= deed.weight;
    if (point > 0) continue;
    stage_.history.Count("fault", deed.name);
    return (this->*deed.act)(machine);
  }
}

void Havoc::Kill(Machine& machine) { End(machine, /*power_failure=*/false); }

void Havoc::FailPower(Machine& machine) { End(machine, /*power_failure=*/true); }

// Mostly in the middle of a write, which by chance it would hardly ever be.
void Havoc::End(Machine& machine, bool power_failure) {
  if (stage_.Chance(0.8)) return machine.KillWhenWriting(power_failure, Outage());
  machine.Kill(power_failure);
  machine.BootLater(Outage());
}

void Havoc::Suspend(Machine& machine) {
  machine.Pause();
  stage_.scheduler.PostAt(stage_.scheduler.Now() + Outage(), [&machine] { machine.Resume(); });
}

void Havoc::Cut(Machine& machine) {
  const std::size_t other = stage_.Below(world_.machines().size() + 1);
  const std::string peer =
      other == world_.machines().size() ? "outside" : world_.machines()[other]->service();
  const bool to = stage_.Chance(0.7), from = !to || stage_.Chance(0.5);
  const std::string mine = machine.service();
  stage_.history.Note("network", "cuts " + mine + (to && from ? " <> " : to ? " > " : " < ") + peer);
  if (to) stage_.network.Cut(mine, peer);
  if (from) stage_.network.Cut(peer, mine);
  stage_.scheduler.PostAt(stage_.scheduler.Now() + Outage(), [this, mine, peer] {
    stage_.network.Restore(mine, peer);
    stage_.network.Restore(peer, mine);
  });
}

void Havoc::StopBroker(Machine&) {
  stage_.history.Note("broker", "is down");
  stage_.kafka.SetDown(true);
  stage_.scheduler.PostAt(stage_.scheduler.Now() + Outage(), [this] { stage_.kafka.SetDown(false); });
}

void Havoc::FillDisk(Machine& machine) {
  if (machine.disk().condition().full) return;
  stage_.history.Note(machine.service(), "has a full disk");
  machine.disk().condition().full = true;
  stage_.scheduler.PostAt(stage_.scheduler.Now() + Outage(),
                          [&machine] { machine.disk().condition().full = false; });
}

void Havoc::Restart(Machine& machine) {
  machine.Kill(/*power_failure=*/false);
  machine.Boot();
}

// For long enough that something is published which it does not know.
void Havoc::Downgrade(Machine& machine) {
  machine.Downgrade();
  stage_.scheduler.PostAt(stage_.scheduler.Now() + stage_.Upto(kOlderAtMost),
                          [&machine] { machine.Upgrade(); });
}

void Havoc::BackUp(Machine& machine) {
  machine.TakeBackup();
  tasks_.Spawn(LoseDiskLater(&machine));
}

Task<> Havoc::LoseDiskLater(Machine* machine) {
  co_await Sleep(stage_.scheduler, stage_.Upto(kBackupAgeMax));
  while (calm_) co_await Sleep(stage_.scheduler, kLookEvery);
  if (stopped_) co_return;
  calm_ = true;
  stage_.kafka.SetDown(false);
  stage_.kafka.SetFaults({});
  machine->LoseDisk();
  while (machine->restoring()) co_await Sleep(stage_.scheduler, kLookEvery);
  if (!stopped_) stage_.kafka.SetFaults(stage_.plan.kafka);
  calm_ = false;
}

void Havoc::Rebuild(Machine& machine) {
  machine.Kill(/*power_failure=*/false);
  machine.Boot(/*rebuild=*/true);
}

}  // namespace souk::simulation
