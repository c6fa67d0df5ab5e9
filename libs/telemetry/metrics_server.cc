#include "libs/telemetry/metrics_server.h"

#include <prometheus/exposer.h>

#include <exception>

#include "libs/telemetry/listen_problem.h"
#include "libs/telemetry/metrics_collector.h"

namespace souk::telemetry {

StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(const Metrics& metrics,
                                                              const std::string& address) {
  try {
    auto exposer = std::make_unique<prometheus::Exposer>(address, 1);
    exposer->RegisterCollectable(metrics.collector_);
    return std::unique_ptr<MetricsServer>(new MetricsServer(std::move(exposer)));
  } catch (const std::exception&) {  // Which says only that it may be the port.
    return Unavailable("metrics cannot be served on %s: %s", address, ListenProblem(address));
  }
}

MetricsServer::MetricsServer(std::unique_ptr<prometheus::Exposer> exposer) : exposer_(std::move(exposer)) {}
MetricsServer::~MetricsServer() = default;

int MetricsServer::port() const {
  const auto ports = exposer_->GetListeningPorts();
  return ports.empty() ? 0 : ports.front();
}

}  // namespace souk::telemetry
