#include "libs/module/process_channels.h"

#include <utility>

#include "libs/module/host_metrics.h"
#include "libs/rpc/grpc_channel.h"

namespace souk {

ProcessChannels::ProcessChannels(const rpc::Router& router, rpc::EventLoop& loop,
                                 const config::Settings& settings)
    : loop_(loop), settings_(settings), local_(router, loop, ObserveCall) {}

rpc::Channel& ProcessChannels::To(const std::string& service) {
  if (is_local_.contains(service)) return local_;
  std::unique_ptr<rpc::Channel>& channel = remote_[service];
  if (channel == nullptr) {
    channel = std::make_unique<rpc::GrpcChannel>(
        loop_, rpc::GrpcChannelOptions{.target = settings_.GetString("peers." + service)});
  }
  return *channel;
}

ServiceChannels::ServiceChannels(ProcessChannels& channels, std::string service)
    : channels_(channels), principal_{.kind = Principal::Kind::kService, .id = std::move(service)} {}

rpc::Channel& ServiceChannels::To(std::string_view service) {
  std::unique_ptr<rpc::PrincipalChannel>& channel = made_[std::string(service)];
  if (channel == nullptr) {
    channel = std::make_unique<rpc::PrincipalChannel>(channels_.To(std::string(service)), principal_);
  }
  return *channel;
}

}  // namespace souk
