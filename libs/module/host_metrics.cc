#include "libs/module/host_metrics.h"

#include "absl/container/flat_hash_map.h"
#include "libs/telemetry/log.h"
#include "libs/telemetry/metrics.h"

namespace souk {
namespace {

using telemetry::Counter;
using telemetry::Histogram;
using telemetry::Labels;
using telemetry::ProcessMetrics;

// The metrics of one method, looked up once. Calls end on one thread.
struct MethodMetrics {
  Histogram* duration;
  absl::flat_hash_map<int, Counter*> calls;  // By status code.
};

MethodMetrics& MetricsOf(std::string_view method) {
  static auto& methods = *new absl::flat_hash_map<std::string, MethodMetrics>();
  const std::string name(method);
  const auto [it, is_new] = methods.try_emplace(name);
  if (is_new) {
    it->second.duration = &ProcessMetrics().HistogramFor("souk_rpc_duration_seconds", "How long calls took.",
                                                         telemetry::LatencyBounds(), {{"method", name}});
  }
  return it->second;
}

void SetGauge(const char* name, const char* help, const Labels& labels, std::uint64_t value) {
  ProcessMetrics().GaugeFor(name, help, labels).Set(static_cast<double>(value));
}

}  // namespace

void ObserveCall(const rpc::CallOutcome& outcome) {
  MethodMetrics& metrics = MetricsOf(outcome.method);
  metrics.duration->Observe(outcome.duration);
  Counter*& calls = metrics.calls[static_cast<int>(outcome.status.code())];
  if (calls == nullptr) {
    calls = &ProcessMetrics().CounterFor(
        "souk_rpc_calls_total", "Calls that ended, by status code.",
        {{"method", std::string(outcome.method)}, {"code", absl::StatusCodeToString(outcome.status.code())}});
  }
  calls->Add();
  if (absl::IsInternal(outcome.status) || absl::IsDataLoss(outcome.status) ||
      absl::IsUnknown(outcome.status)) {
    telemetry::Log(telemetry::Level::kError, "call failed",
                   {{"method", std::string(outcome.method)}, {"error", outcome.status.ToString()}});
  }
}

void MeasureEngine(const Engine& engine) {
  for (std::uint32_t i = 0; i < engine.options().partitions; ++i) {
    const Partition& partition = engine.partition(i);
    const Labels labels = {{"service", engine.options().service}, {"partition", std::to_string(i)}};
    SetGauge("souk_log_position", "The last position of the log.", labels, partition.head());
    SetGauge("souk_commands_executed", "Commands since the start.", labels, partition.commands());
    SetGauge("souk_commands_waiting", "Commands admitted and not answered.", labels, partition.in_flight());
    SetGauge("souk_effects_pending", "Effects and timers that wait.", labels, partition.effects().pending());
    SetGauge("souk_effects_set_aside", "Effects that failed for good.", labels,
             partition.effects().set_aside());
  }
}

void MeasureConsumer(const std::string& service, const Consumer& consumer, absl::Time now) {
  for (std::size_t i = 0; i < consumer.checkpoints().size(); ++i) {
    const Labels labels = {
        {"service", service}, {"source", consumer.source()}, {"partition", std::to_string(i)}};
    SetGauge("souk_feed_position", "The last position consumed of another service's log.", labels,
             consumer.checkpoints()[i]);
    SetGauge("souk_feed_held_up", "1 while it cannot be read.", labels, consumer.problem(i).ok() ? 0 : 1);
  }
  SetGauge("souk_dead_letters", "Events set aside because their handler failed, or behind such ones.",
           {{"service", service}, {"source", consumer.source()}}, consumer.dead_letters());
  for (const auto& [reason, count] : consumer.letters().CountByReason()) {
    SetGauge("souk_dead_letters_by_reason", "The same by what the last attempt said, as one word.",
             {{"service", service}, {"source", consumer.source()}, {"reason", reason}}, count);
  }
  const std::optional<absl::Time> oldest = consumer.letters().oldest();
  ProcessMetrics()
      .GaugeFor("souk_dead_letters_oldest_age_seconds",
                "How long ago the first of the events was set aside that still are; 0 when none is.",
                {{"service", service}, {"source", consumer.source()}})
      .Set(oldest.has_value() ? absl::ToDoubleSeconds(now - *oldest) : 0);
}

}  // namespace souk
