// Ways from the modules of a process to all services.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "libs/config/settings.h"
#include "libs/module/module.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/event_loop.h"
#include "libs/rpc/local_channel.h"
#include "libs/rpc/principal_channel.h"
#include "libs/rpc/router.h"

namespace souk {

// Calls to services of this process stay in it, the others go over the network to where the settings say.
class ProcessChannels {
 public:
  // All must outlive it.
  ProcessChannels(const rpc::Router& router, rpc::EventLoop& loop, const config::Settings& settings);

  void SetLocal(const std::string& service) { is_local_.insert(service); }
  rpc::Channel& To(const std::string& service);
  // Before the services of this process go: handlers of streams refer to them.
  void EndStreams() { local_.EndStreams(); }

 private:
  rpc::EventLoop& loop_;
  const config::Settings& settings_;
  rpc::LocalChannel local_;
  std::set<std::string> is_local_;
  std::map<std::string, std::unique_ptr<rpc::Channel>> remote_;
};

// What one module is given: it makes every call as its service.
class ServiceChannels final : public Channels {
 public:
  ServiceChannels(ProcessChannels& channels, std::string service);

  rpc::Channel& To(std::string_view service) override;

 private:
  ProcessChannels& channels_;
  const Principal principal_;
  std::map<std::string, std::unique_ptr<rpc::PrincipalChannel>> made_;
};

}  // namespace souk
