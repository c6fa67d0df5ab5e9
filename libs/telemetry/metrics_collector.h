// The bridge from Metrics to prometheus-cpp; only metrics.cc and metrics_server.cc include it.
#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

#include "libs/telemetry/metrics.h"

namespace souk::telemetry {

// Reads all metrics of a set, which must outlive it.
class Metrics::Collector : public prometheus::Collectable {
 public:
  explicit Collector(const Metrics& metrics) : metrics_(metrics) {}
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  static prometheus::ClientMetric Read(const Labels& labels, const Metric& metric);

  const Metrics& metrics_;
};

}  // namespace souk::telemetry
