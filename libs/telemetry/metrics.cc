#include "libs/telemetry/metrics.h"

#include <prometheus/check_names.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>

#include "libs/base/check.h"
#include "libs/telemetry/metrics_collector.h"

namespace souk::telemetry {

Histogram::Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {
  SOUK_CHECK(std::is_sorted(bounds_.begin(), bounds_.end()), "bounds of a histogram must grow");
}

void Histogram::Observe(double value) {
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

Histogram::Snapshot Histogram::Read() const {
  Snapshot snapshot;
  for (const auto& count : counts_) snapshot.counts.push_back(count.load(std::memory_order_relaxed));
  snapshot.sum = sum_.load(std::memory_order_relaxed);
  return snapshot;
}

std::vector<double> LatencyBounds() {
  return {0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
          0.05,    0.1,    0.25,    0.5,    1,     2.5,    5,     10};
}

Metrics::Metrics() : collector_(std::make_shared<Collector>(*this)) {}
Metrics::~Metrics() = default;

Metrics::Metric& Metrics::Find(std::string_view name, std::string_view help, Kind kind,
                               const Labels& labels) {
  SOUK_CHECK(prometheus::CheckMetricName(std::string(name)), "a metric's name is no Prometheus name");
  auto family = families_.find(name);
  if (family == families_.end()) {
    family = families_.emplace(std::string(name), Family{kind, std::string(help), {}}).first;
  }
  SOUK_CHECK(family->second.kind == kind, "two kinds of metrics have one name");
  return family->second.metrics[labels];
}

Counter& Metrics::CounterFor(std::string_view name, std::string_view help, const Labels& labels) {
  const MutexLock lock(mutex_);
  auto& counter = Find(name, help, Kind::kCounter, labels).counter;
  if (counter == nullptr) counter = std::make_unique<Counter>();
  return *counter;
}

Gauge& Metrics::GaugeFor(std::string_view name, std::string_view help, const Labels& labels) {
  const MutexLock lock(mutex_);
  auto& gauge = Find(name, help, Kind::kGauge, labels).gauge;
  if (gauge == nullptr) gauge = std::make_unique<Gauge>();
  return *gauge;
}

Histogram& Metrics::HistogramFor(std::string_view name, std::string_view help, std::vector<double> bounds,
                                 const Labels& labels) {
  const MutexLock lock(mutex_);
  auto& histogram = Find(name, help, Kind::kHistogram, labels).histogram;
  if (histogram == nullptr) histogram = std::make_unique<Histogram>(std::move(bounds));
  return *histogram;
}

std::string Metrics::Text() const { return prometheus::TextSerializer().Serialize(collector_->Collect()); }

std::vector<prometheus::MetricFamily> Metrics::Collector::Collect() const {
  std::vector<prometheus::MetricFamily> collected;
  const MutexLock lock(metrics_.mutex_);
  for (const auto& [name, family] : metrics_.families_) {
    prometheus::MetricFamily out{.name = name, .help = family.help, .metric = {}};
    switch (family.kind) {
      case Kind::kCounter:
        out.type = prometheus::MetricType::Counter;
        break;
      case Kind::kGauge:
        out.type = prometheus::MetricType::Gauge;
        break;
      case Kind::kHistogram:
        out.type = prometheus::MetricType::Histogram;
        break;
    }
    for (const auto& [labels, metric] : family.metrics) out.metric.push_back(Read(labels, metric));
    collected.push_back(std::move(out));
  }
  return collected;
}

prometheus::ClientMetric Metrics::Collector::Read(const Labels& labels, const Metric& metric) {
  prometheus::ClientMetric out;
  for (const auto& [name, value] : labels) out.label.push_back({name, value});
  if (metric.counter != nullptr) out.counter.value = static_cast<double>(metric.counter->value());
  if (metric.gauge != nullptr) out.gauge.value = metric.gauge->value();
  if (metric.histogram != nullptr) {
    const auto& bounds = metric.histogram->bounds();
    const Histogram::Snapshot snapshot = metric.histogram->Read();
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < snapshot.counts.size(); ++i) {
      count += snapshot.counts[i];
      const double bound = i < bounds.size() ? bounds[i] : std::numeric_limits<double>::infinity();
      out.histogram.bucket.push_back({.cumulative_count = count, .upper_bound = bound});
    }
    out.histogram.sample_count = count;
    out.histogram.sample_sum = snapshot.sum;
  }
  return out;
}

Metrics& ProcessMetrics() {
  // Never destroyed: threads may count until the process is gone.
  static Metrics& metrics = *new Metrics;
  return metrics;
}

}  // namespace souk::telemetry
