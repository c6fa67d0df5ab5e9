// The machine of one service: a disk that lasts, and a process that does not. What runs in
// it is the shipped module; only scheduler, store, feeds, channels, clock and adaptors are
// simulated.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/config/settings.h"
#include "libs/messaging/consumer.h"
#include "libs/messaging/event_log_service.h"
#include "libs/module/kafka_link.h"
#include "libs/module/module.h"
#include "libs/storage/sim_disk.h"
#include "tests/simulation/log_witness.h"
#include "tests/simulation/mutant_store.h"
#include "tests/simulation/stage.h"

namespace souk::simulation {

class Machine {
 public:
  // `witness_of` finds the witness of another service, for what its feeds bring.
  using WitnessOf = std::function<LogWitness&(const std::string& service)>;
  Machine(Stage& stage, ModuleFactory factory, WitnessOf witness_of);
  ~Machine();

  const std::string& service() const { return factory_.service; }

  // Starts the process. `rebuild`: everything but the log is made anew first.
  void Boot(bool rebuild = false);
  // The process is gone at once. After a power failure the disk forgets, too.
  void Kill(bool power_failure);
  // The same in the middle of its next write; it boots after `outage`.
  void KillWhenWriting(bool power_failure, absl::Duration outage);
  // Nothing of that sort any more.
  void Heal();
  void Pause();
  void Resume();
  // An older version is started in place of the process, which has no handlers for some types of
  // events. Whatever is started after it is of that version, until Upgrade.
  void Downgrade();
  void Upgrade();

  // -- Of operators: see restoration.cc --
  using DiskImage = std::map<ColumnFamily, SimDisk::Rows>;
  // Stops, copies the disk, and goes on.
  void TakeBackup();
  // Starts on the backup, if there is one, and all that was written since is in Kafka's topics.
  void LoseDisk();
  // From then on until the store is what it was.
  bool restoring() const { return lost_.has_value(); }
  // As a supervisor does: starts a new process after a while, unless one runs by then.
  void BootLater(absl::Duration pause);

  bool exists() const { return parts_ != nullptr; }
  // It serves, or would if it were not paused.
  bool serving() const { return parts_ != nullptr && parts_->serving; }
  bool paused() const { return parts_ != nullptr && parts_->process.paused(); }
  // When the next timer of a running process is due.
  absl::Time NextTimer() const;
  void ClockMoved();
  // Says which command, effect or delivery is under way or due, if any.
  std::optional<std::string> Busy() const;
  // The same, or what waits for a time.
  std::optional<std::string> Unrest() const;

  Engine& engine() { return parts_->module->engine(); }
  SimDisk& disk() { return disk_; }
  LogWitness& witness() { return witness_; }
  std::vector<Subscription*> subscriptions() { return parts_->module->subscriptions(); }
  const std::vector<std::unique_ptr<Consumer>>& consumers() const { return parts_->consumers; }
  std::uint32_t partitions() const { return stage_.plan.partitions.at(factory_.service); }

 private:
  class Ways;
  // All that a crash takes with it, in the order in which it is made.
  struct Parts {
    Parts(Stage& stage, SimDisk& disk, const std::string& service);
    ~Parts();

    SimProcess process;
    SimStore disk_store;
    MutantStore store;
    SubjectKeys keys;
    std::unique_ptr<Ways> ways;
    std::unique_ptr<Module> module;
    std::unique_ptr<KafkaLink> kafka;  // Null in a world without Kafka.
    std::vector<std::unique_ptr<Subscription>> subscriptions;
    std::vector<std::unique_ptr<Consumer>> consumers;
    rpc::Router router;
    EventLogService event_logs;
    std::unique_ptr<rpc::SimServer> server;
    bool serving = false;
    TaskScope tasks;
  };

  Status Open(Parts& parts);
  // What this version listens to, overheard.
  std::unique_ptr<Subscription> ListenTo(const Subscription& subscription);
  Task<Status> Handle(const Subscription::Handler* handler, Delivery delivery);
  std::unique_ptr<FeedSource> FeedOf(Parts& parts, const std::string& source);
  Task<> Start(Parts* parts, bool rebuild);
  void OnAnswer(const rpc::CallContext& call, std::string_view request, const StatusOr<rpc::Bytes>& response);
  void OnDiskFailure();
  std::vector<std::uint64_t> Heads() const;
  void StartedOnBackup();
  void RefusedBackup();
  Task<> FillFromKafka();
  void CountWaiting();
  std::optional<std::string> PublicationUnrest() const;

  Stage& stage_;
  const ModuleFactory factory_;
  const WitnessOf witness_of_;
  const config::Settings settings_;
  SimDisk disk_;
  LogWitness witness_;
  int boots_ = 0;
  std::set<std::string> forgotten_types_;  // What an older version does not know.
  std::optional<DiskImage> backup_;
  std::vector<std::uint64_t> backup_heads_;
  std::optional<DiskImage> lost_;  // What was on the disk.
  bool filling_ = false;           // No process can start.
  std::unique_ptr<Parts> parts_;
  TaskScope filling_tasks_;
};

}  // namespace souk::simulation
