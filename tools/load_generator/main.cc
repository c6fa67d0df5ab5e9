// souk-load: puts a running store under load, and prints how it did beside what the
// machine can do.
//
// Closed loop: --in-flight operations at any time, each begun when one has ended. Open
// loop: --rate operations a second whatever happens, and an operation's latency counts
// from when it should have begun, so that a store that stalls cannot hide it.
//
// With --watch somebody listens to the events meanwhile, and it is told how long after the
// answer to a command its event was seen.
#include <cstdio>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/uuid.h"
#include "libs/cli/command_line.h"
#include "libs/rpc/event_loop.h"
#include "libs/rpc/grpc_channel.h"
#include "tools/load_generator/delays.h"
#include "tools/load_generator/histogram.h"
#include "tools/load_generator/machine.h"
#include "tools/load_generator/watcher.h"
#include "tools/load_generator/workload.h"

namespace souk::load {
namespace {

// How long after the end of a run its last events are waited for.
constexpr absl::Duration kLastEventsMax = absl::Seconds(10);

struct Options {
  std::string address = "127.0.0.1:7400";
  std::string workload = "additem";
  std::vector<int> in_flight = {1, 16, 128};
  int connections = 2;
  double rate = 0;  // Operations a second; 0: closed loop.
  double warmup = 1;
  double seconds = 4;
  int process = 0;    // The server's, for its CPU time.
  std::string watch;  // "", "local" or "kafka".
  std::string brokers = "127.0.0.1:9092";
  std::string sync_folder = ".";
  bool json = false;
};

struct Result {
  int in_flight = 0;
  double per_second = 0;
  double p50_us = 0, p99_us = 0, p999_us = 0;
  double cpu_us = 0;
  std::uint64_t operations = 0;  // Warm-up included.
  std::uint64_t failed = 0;
  std::string failure;
  // With --watch: from answer to event.
  std::uint64_t seen = 0;
  double seen_p50_us = 0, seen_p99_us = 0, seen_p999_us = 0;
};

// One run at one number of operations in flight.
class Run {
 public:
  // `first_slot`: slots of an earlier run have smaller numbers.
  Run(const Options& options, int in_flight, Workload& workload, int first_slot)
      : options_(options), in_flight_(in_flight) {
    OnAnswer on_answer;
    if (!options.watch.empty()) {
      on_answer = [this](const std::string& id, std::uint64_t revision) {
        delays_->Answered({id, revision}, absl::Now());
      };
    }
    for (int i = 0; i < std::min(options.connections, in_flight); ++i) {
      channels_.push_back(std::make_unique<rpc::GrpcChannel>(
          loop_, rpc::GrpcChannelOptions{.target = options.address, .own_connection = true}));
    }
    for (int i = 0; i < in_flight; ++i) {
      slots_.push_back(workload.MakeSlot(
          first_slot + i, *channels_[static_cast<std::size_t>(i) % channels_.size()], on_answer));
    }
  }

  // Listens to the events of `service`. Before Measure.
  Status Watch(const std::string& service, ctl::Session& session) {
    const WatchOptions options{
        .feed = options_.watch, .service = service, .address = options_.address, .brokers = options_.brokers};
    ASSIGN_OR_RETURN(watcher_, Watcher::Open(options, session, loop_));
    return OkStatus();
  }

  Result Measure() {
    const absl::Time start = absl::Now();
    from_ = start + absl::Seconds(options_.warmup);
    until_ = from_ + absl::Seconds(options_.seconds);
    delays_.emplace(from_, until_);
    if (watcher_ != nullptr) watcher_->Start(*delays_);
    next_ = start;
    loop_.PostAt(from_, [this] { cpu_before_ = CpuSeconds(options_.process); });
    loop_.PostAt(until_, [this] { cpu_after_ = CpuSeconds(options_.process); });
    for (const auto& slot : slots_) tasks_.Spawn(Work(*slot));
    loop_.RunUntil([this] { return running_ == 0 && absl::Now() >= until_; });
    if (watcher_ != nullptr) AwaitLastEvents();
    const auto done = static_cast<double>(histogram_.total());
    return {.in_flight = in_flight_,
            .per_second = done / options_.seconds,
            .p50_us = histogram_.QuantileUs(0.5),
            .p99_us = histogram_.QuantileUs(0.99),
            .p999_us = histogram_.QuantileUs(0.999),
            .cpu_us = done > 0 ? (cpu_after_ - cpu_before_) * 1e6 / done : 0,
            .operations = operations_,
            .failed = failed_,
            .failure = failure_,
            .seen = delays_->histogram().total(),
            .seen_p50_us = delays_->histogram().QuantileUs(0.5),
            .seen_p99_us = delays_->histogram().QuantileUs(0.99),
            .seen_p999_us = delays_->histogram().QuantileUs(0.999)};
  }

 private:
  // What is not seen by then counts as a failure.
  void AwaitLastEvents() {
    const absl::Time limit = absl::Now() + kLastEventsMax;
    loop_.PostAt(limit, [] {});
    loop_.RunUntil(
        [&] { return delays_->waiting() == 0 || !watcher_->failure().ok() || absl::Now() >= limit; });
    if (delays_->waiting() == 0) return;
    failed_ += delays_->waiting();
    if (failure_.empty()) {
      failure_ = watcher_->failure().ok() ? "events were not seen" : watcher_->failure().ToString();
    }
  }

  Task<> Work(Slot& slot) {
    ++running_;
    for (;;) {
      absl::Time begin = absl::Now();
      if (options_.rate > 0) {
        begin = next_;  // When it should begin, though no slot may be free.
        next_ += absl::Seconds(1 / options_.rate);
        if (begin > absl::Now()) co_await Sleep(loop_, begin - absl::Now());
      }
      if (begin >= until_) break;
      const Status status = co_await slot.Next();
      ++operations_;
      const absl::Time end = absl::Now();
      if (!status.ok() && failed_++ == 0) failure_ = status.ToString();
      if (end >= from_ && end < until_) {
        histogram_.Add(static_cast<std::uint64_t>(absl::ToInt64Nanoseconds(end - begin)));
      }
    }
    --running_;
  }

  const Options& options_;
  const int in_flight_;
  rpc::EventLoop loop_;
  std::vector<std::unique_ptr<rpc::GrpcChannel>> channels_;
  std::vector<std::unique_ptr<Slot>> slots_;
  absl::Time from_, until_, next_;
  Histogram histogram_;
  double cpu_before_ = 0, cpu_after_ = 0;
  std::uint64_t operations_ = 0, failed_ = 0;
  std::string failure_;
  int running_ = 0;
  std::optional<Delays> delays_;
  std::unique_ptr<Watcher> watcher_;  // Null without --watch.
  TaskScope tasks_;
};

void Print(const Options& options, const SyncRate& sync, const std::vector<Result>& results) {
  if (options.json) {
    nlohmann::ordered_json runs = nlohmann::json::array();
    for (const Result& r : results) {
      runs.push_back({{"in_flight", r.in_flight},
                      {"per_second", r.per_second},
                      {"p50_us", r.p50_us},
                      {"p99_us", r.p99_us},
                      {"p999_us", r.p999_us},
                      {"server_cpu_us", r.cpu_us},
                      {"operations", r.operations},
                      {"failed", r.failed}});
      if (options.watch.empty()) continue;
      runs.back()["seen"] = {{"events", r.seen},
                             {"p50_us", r.seen_p50_us},
                             {"p99_us", r.seen_p99_us},
                             {"p999_us", r.seen_p999_us}};
    }
    const nlohmann::ordered_json report = {
        {"workload", options.workload},
        {"sync", {{"per_second", sync.per_second}, {"p50_us", sync.p50_us}, {"p99_us", sync.p99_us}}},
        {"runs", runs}};
    std::puts(report.dump(2).c_str());
    return;
  }
  std::printf("machine   append 512 B + fdatasync: %.0f/s, p50 %.0f us, p99 %.0f us\n", sync.per_second,
              sync.p50_us, sync.p99_us);
  std::printf("%-10s %9s %10s %9s %9s %9s %12s %7s\n", options.workload.c_str(), "in flight", "per second",
              "p50 us", "p99 us", "p99.9 us", "server CPU us", "failed");
  for (const Result& r : results) {
    std::printf("%-10s %9d %10.0f %9.0f %9.0f %9.0f %12.1f %7llu\n", "", r.in_flight, r.per_second, r.p50_us,
                r.p99_us, r.p999_us, r.cpu_us, static_cast<unsigned long long>(r.failed));
    if (!options.watch.empty()) {
      std::printf(
          "  seen after the answer, by the %s feed: p50 %.0f us, p99 %.0f us, p99.9 %.0f us, %llu events\n",
          options.watch.c_str(), r.seen_p50_us, r.seen_p99_us, r.seen_p999_us,
          static_cast<unsigned long long>(r.seen));
    }
    if (!r.failure.empty()) std::printf("  first failure: %s\n", r.failure.c_str());
  }
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Puts a running store under load, and prints how it did beside what the machine can do.",
               "souk-load");
  app.set_version_flag("--version", "souk-load " SOUK_VERSION);
  app.add_option("--address", options.address, "HOST:PORT of the store")->capture_default_str();
  app.add_option("--workload", options.workload, "What to do to it")
      ->check(CLI::IsMember({"empty", "additem", "checkout"}))
      ->capture_default_str();
  app.add_option("--in-flight", options.in_flight, "Operations at a time; several make several runs")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--connections", options.connections, "TCP connections")->capture_default_str();
  app.add_option("--rate", options.rate, "Open loop: operations a second; 0 is a closed loop")
      ->capture_default_str();
  app.add_option("--warmup", options.warmup, "Seconds before measuring")->capture_default_str();
  app.add_option("--seconds", options.seconds, "Seconds of each run")->capture_default_str();
  app.add_option("--pid", options.process, "Process of the server, for its CPU time");
  app.add_option("--watch", options.watch,
                 "Tell how soon events are seen: local, by the service's own stream, or kafka")
      ->check(CLI::IsMember({"local", "kafka"}));
  app.add_option("--brokers", options.brokers, "HOST:PORT of Kafka, for --watch kafka")
      ->capture_default_str();
  app.add_option("--sync-folder", options.sync_folder, "Where to measure the raw sync rate")
      ->capture_default_str();
  app.add_flag("--json", options.json, "Output for programs");
  if (const std::optional<int> code = cli::ParseOrExit(app, argc, argv); code.has_value()) return *code;
  RandomIds ids;
  auto workload = MakeWorkload(options.workload, ids.NewId().substr(24));
  if (!workload.ok()) {
    std::fprintf(stderr, "error: %s\n", std::string(workload.status().message()).c_str());
    return 2;
  }
  if (!options.watch.empty() && (*workload)->watched_service().empty()) {
    std::fprintf(stderr, "error: --watch goes with --workload additem\n");
    return 2;
  }
  ctl::Session session({.address = options.address}, {{"", options.address}});
  const auto fail = [&options](const Status& status) {
    std::fprintf(stderr, "error: %s\n", ctl::Explain(status, options.address).c_str());
    return 1;
  };
  if (const Status prepared = (*workload)->Prepare(session); !prepared.ok()) return fail(prepared);
  const SyncRate sync = MeasureSync(options.sync_folder, 1);
  std::vector<Result> results;
  std::uint64_t failed = 0;
  int slots = 0;
  for (const int in_flight : options.in_flight) {
    Run run(options, in_flight, **workload, slots);
    slots += in_flight;
    if (!options.watch.empty()) {
      if (const Status watched = run.Watch((*workload)->watched_service(), session); !watched.ok()) {
        return fail(watched);
      }
    }
    results.push_back(run.Measure());
    failed += results.back().failed;
  }
  Print(options, sync, results);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace souk::load

int main(int argc, char** argv) { return souk::load::Main(argc, argv); }
