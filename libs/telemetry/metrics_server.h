// Shows a set of metrics to Prometheus: GET /metrics over plain HTTP.
#pragma once

#include <memory>
#include <string>

#include "libs/base/status.h"
#include "libs/telemetry/metrics.h"

namespace prometheus {
class Exposer;
}

namespace souk::telemetry {

// Has threads of its own. There is no authentication: listen on loopback, or on the
// address of a pod's network that only the monitoring may reach.
class MetricsServer {
 public:
  // `address` is host:port, port 0 for any free one. `metrics` must outlive the server.
  // UNAVAILABLE when the address cannot be listened on.
  static StatusOr<std::unique_ptr<MetricsServer>> Start(const Metrics& metrics, const std::string& address);
  ~MetricsServer();

  int port() const;

 private:
  explicit MetricsServer(std::unique_ptr<prometheus::Exposer> exposer);

  const std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace souk::telemetry
