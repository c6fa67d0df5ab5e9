// One module in a process, with all that belongs to it: its store, the threads that write
// there, its ways to other services, and the consumers that bring it their events.
// host.h says when each of these begins and ends.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libs/messaging/consumer.h"
#include "libs/module/module.h"
#include "libs/module/process_channels.h"
#include "libs/rpc/event_loop.h"
#include "libs/runtime/strand.h"
#include "libs/storage/rocks_store.h"
#include "libs/storage/write_thread.h"

namespace souk {

// What all modules of a process share. Outlives them.
struct HostedContext {
  const config::Settings& settings;
  const std::string& data_dir;  // Of the process; each module has a folder in there.
  rpc::EventLoop& loop;
  Strand& blocking;
  const Clock& clock;
  IdGenerator& ids;
};

class HostedModule {
 public:
  explicit HostedModule(std::string service) : service_(std::move(service)) {}

  // Opens the store, and makes it where there is none. Keys of personal data are wrapped by
  // `master_key`; a store that another one was used with is refused.
  Status OpenStore(const config::Settings& settings, const std::string& data_dir, rpc::EventLoop& loop,
                   const std::string& master_key);

  // Makes the module and starts its engine, whose derived state is dropped before where
  // `rebuild` says so.
  Status OpenModule(const HostedContext& context, ProcessChannels& channels, const ModuleFactory& factory,
                    bool rebuild);

  // Makes the consumers of what the module subscribes to, each with the feed of its source.
  void Connect(const HostedContext& context,
               const std::function<std::unique_ptr<FeedSource>(const std::string& source)>& feed_of);

  void StartConsumers();
  void StopConsumers();
  // Ends the consumers, which read from what must outlive them.
  void DropConsumers() { consumers_.clear(); }
  // True when nothing is under way any more that Stop has not cut short.
  bool Drained() const;
  // OK while all partitions are well.
  Status Health() const;
  // Samples engine and consumers for Prometheus.
  void Measure(absl::Time now) const;

  const std::string& service() const { return service_; }
  RocksStore& database() { return *database_; }
  const Store& store() const { return *store_; }
  Module& module() { return *module_; }
  Engine& engine() { return module_->engine(); }
  Channels& channels() { return *channels_; }
  SubjectKeys& subject_keys() { return *subject_keys_; }
  std::vector<Consumer*> consumers() const;

 private:
  // In the order in which they are made.
  std::string service_;
  std::unique_ptr<RocksStore> database_;
  std::unique_ptr<WriteThread> write_thread_;  // Null when writes are made where they come up.
  Store* store_ = nullptr;                     // What everybody uses: one of the two.
  std::unique_ptr<SubjectKeys> subject_keys_;
  std::vector<std::unique_ptr<Strand>> writers_;
  std::unique_ptr<ServiceChannels> channels_;
  std::unique_ptr<Module> module_;
  std::vector<std::unique_ptr<Consumer>> consumers_;
};

}  // namespace souk
