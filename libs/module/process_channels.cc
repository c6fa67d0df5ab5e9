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

class ServiceChannels::ServiceChannel final : public rpc::Channel {
 public:
  ServiceChannel(rpc::Channel& channel, std::string service)
      : channel_(channel), principal_{.kind = Principal::Kind::kService, .id = std::move(service)} {}

  Task<StatusOr<rpc::Bytes>> CallUnary(std::string path, rpc::CallOptions options,
                                       rpc::Bytes request) override {
    options.principal = principal_;
    return channel_.CallUnary(std::move(path), std::move(options), std::move(request));
  }
  std::unique_ptr<rpc::ByteStream> CallServerStream(std::string path, rpc::CallOptions options,
                                                    rpc::Bytes request) override {
    options.principal = principal_;
    return channel_.CallServerStream(std::move(path), std::move(options), std::move(request));
  }

 private:
  rpc::Channel& channel_;
  const Principal principal_;
};

ServiceChannels::ServiceChannels(ProcessChannels& channels, std::string service)
    : channels_(channels), service_(std::move(service)) {}

ServiceChannels::~ServiceChannels() = default;

rpc::Channel& ServiceChannels::To(std::string_view service) {
  std::unique_ptr<ServiceChannel>& channel = made_[std::string(service)];
  if (channel == nullptr) {
    channel = std::make_unique<ServiceChannel>(channels_.To(std::string(service)), service_);
  }
  return *channel;
}

}  // namespace souk
