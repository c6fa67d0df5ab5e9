// Counters, gauges and histograms, read by Prometheus (metrics_server.h).
//
// A metric is looked up once, when the thing that counts is built; counting is then one
// relaxed atomic addition, cheap enough for every command. Names follow Prometheus:
// souk_<lib or service>_<what>_<unit>, counters end in _total, units are seconds and bytes.
// Label values come from small fixed sets (service, partition, method): never ids.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/mutex.h"

namespace souk::telemetry {

using Labels = std::vector<std::pair<std::string, std::string>>;

// Only grows. Thread-safe.
class alignas(64) Counter {
 public:
  void Add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// Goes up and down. Thread-safe.
class alignas(64) Gauge {
 public:
  void Set(double value) { value_.store(value, std::memory_order_relaxed); }
  void Add(double delta) { value_.fetch_add(delta, std::memory_order_relaxed); }
  double value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_ = 0;
};

// How often values fell into which range. Thread-safe.
class alignas(64) Histogram {
 public:
  // Upper bounds (inclusive) of the buckets, growing; one without bound is added.
  explicit Histogram(std::vector<double> bounds);

  void Observe(double value);
  void Observe(absl::Duration duration) { Observe(absl::ToDoubleSeconds(duration)); }

  struct Snapshot {
    std::vector<std::uint64_t> counts;  // One per bucket, the unbounded one last; not cumulative.
    double sum = 0;
  };
  // Each number is right; observations that go on meanwhile may be in one and not in another.
  Snapshot Read() const;
  const std::vector<double>& bounds() const { return bounds_; }

 private:
  const std::vector<double> bounds_;
  std::vector<std::atomic<std::uint64_t>> counts_;
  std::atomic<double> sum_ = 0;
};

// Bounds for durations in seconds: 50 us to 10 s.
std::vector<double> LatencyBounds();

// A set of named metrics. Thread-safe. Metrics live as long as the set.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The one metric with this name and these labels, made at first use. A name that is no
  // Prometheus name, or that is used for metrics of two kinds, is a bug. `help` is one
  // sentence; the first one given counts.
  Counter& CounterFor(std::string_view name, std::string_view help, const Labels& labels = {});
  Gauge& GaugeFor(std::string_view name, std::string_view help, const Labels& labels = {});
  Histogram& HistogramFor(std::string_view name, std::string_view help, std::vector<double> bounds,
                          const Labels& labels = {});

  // All metrics in Prometheus' text format, in order of name and labels.
  std::string Text() const;

 private:
  friend class MetricsServer;
  struct Metric {
    std::unique_ptr<Counter> counter;  // One of the three.
    std::unique_ptr<Gauge> gauge;
    std::unique_ptr<Histogram> histogram;
  };
  enum class Kind { kCounter, kGauge, kHistogram };
  struct Family {
    Kind kind = Kind::kCounter;
    std::string help;
    std::map<Labels, Metric> metrics;
  };
  class Collector;

  Metric& Find(std::string_view name, std::string_view help, Kind kind, const Labels& labels)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  std::map<std::string, Family, std::less<>> families_ ABSL_GUARDED_BY(mutex_);
  const std::shared_ptr<Collector> collector_;
};

// The metrics of this process, for everything that is not given a set of its own.
Metrics& ProcessMetrics();

}  // namespace souk::telemetry
