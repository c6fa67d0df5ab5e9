// Breaks machines and lines while people shop: every so many messages, so that it strikes
// where something is going on.
#pragma once

#include <string>

#include "tests/simulation/world.h"

namespace souk::simulation {

class Havoc {
 public:
  // Begins at once; `world` must outlive it.
  explicit Havoc(World& world) : world_(world), stage_(world.stage()) { tasks_.Spawn(Run()); }

  void Stop() { stopped_ = true; }

 private:
  // One kind of mischief, and how likely it is.
  struct Deed {
    const char* name;
    double weight;
    void (Havoc::*act)(Machine& machine);
  };

  Task<> Run();
  void Strike();
  absl::Duration Outage() { return absl::Milliseconds(1) + stage_.Upto(stage_.plan.outage_max); }

  void Kill(Machine& machine);
  void FailPower(Machine& machine);
  void End(Machine& machine, bool power_failure);
  void Suspend(Machine& machine);
  void Cut(Machine& machine);
  void StopBroker(Machine& machine);
  void FillDisk(Machine& machine);
  void Restart(Machine& machine);
  void Rebuild(Machine& machine);
  void Downgrade(Machine& machine);
  void BackUp(Machine& machine);
  // Loses the disk that was backed up, when nothing else happens and the broker answers:
  // without it a store that is too old could not know.
  Task<> LoseDiskLater(Machine* machine);

  World& world_;
  Stage& stage_;
  bool stopped_ = false;
  bool calm_ = false;
  TaskScope tasks_;
};

}  // namespace souk::simulation
