// One of the services, ready to be run: alone by its own main, or with the others by
// soukd. module.cc of each service builds it; host.h runs it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/uuid.h"
#include "libs/config/settings.h"
#include "libs/eventsourcing/engine.h"
#include "libs/eventstore/subject_keys.h"
#include "libs/messaging/subscription.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/router.h"
#include "libs/runtime/scheduler.h"

namespace souk {

// Ways to the other services.
class Channels {
 public:
  virtual ~Channels() = default;
  // Calls are made as principal service/<the caller's name>. Valid as long as the module.
  virtual rpc::Channel& To(std::string_view service) = 0;
};

// What a module is given. Everything outlives the module.
struct ModuleContext {
  std::string service;           // Its own name, such as "order".
  EngineOptions engine_options;  // For its engine.
  Scheduler& scheduler;          // Where all of its code runs.
  Scheduler& blocking;           // A thread for calls that block: SMTP, files.
  const Clock& clock;
  IdGenerator& ids;
  Store& store;
  SubjectKeys& subject_keys;
  Channels& channels;
  const config::Settings& settings;
  std::string data_dir;  // A folder of its own, for files that are not in the store.
  std::function<Scheduler&(std::uint32_t partition)> writer_of;  // May be null: `scheduler`.
};

class Module {
 public:
  virtual ~Module() = default;

  virtual Engine& engine() = 0;
  // Adds the service's methods.
  virtual void AddTo(rpc::Router& router) = 0;
  // What it listens to; empty when nothing.
  virtual std::vector<Subscription*> subscriptions() { return {}; }
  // Called once, when every module of the process serves.
  virtual void Started() {}
  // True when nothing of its own is under way at this moment beside engine and feeds.
  virtual bool Idle() const { return true; }
};

// How a program finds a module.
struct ModuleFactory {
  std::string service;
  std::vector<config::Setting> settings;
  std::function<StatusOr<std::unique_ptr<Module>>(ModuleContext)> open;
};

}  // namespace souk
