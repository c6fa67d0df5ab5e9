// A process with an engine of counters, for tests of the engine.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "libs/eventsourcing/engine.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/counter.h"
#include "libs/testing/run_to_end.h"
#include "libs/testing/spec.h"

namespace souk::testing {

// Counts additions per owner: what no index of one counter tells.
class AdditionsView final : public View {
 public:
  explicit AdditionsView(std::uint32_t version) : version_(version) {}
  std::string name() const override { return "additions"; }
  std::uint32_t version() const override { return version_; }
  Status Project(const event::v1::EventRecord& event, ViewRows& rows) override {
    if (event.type() != "counter.added") return OkStatus();
    ASSIGN_OR_RETURN(const std::optional<std::string> count, rows.Get("all"));
    rows.Put("all", std::to_string(std::stoi(count.value_or("0")) + 1));
    return OkStatus();
  }

 private:
  std::uint32_t version_;
};

// A process with an engine, on a store that outlives it.
struct CounterProcess {
  CounterProcess(SimScheduler& w, const Clock& clock, Store& store, std::uint32_t partitions = 1,
                 std::uint32_t view = 1)
      : world(w),
        process(w),
        engine(EngineOptions{.service = "test", .partitions = partitions, .new_incarnation = "i-1"}, process,
               clock, store) {
    engine.Register<Counter>();
    engine.AddView(std::make_unique<AdditionsView>(view));
    engine.OnEffect<Counter>("report", [this](Effect effect) { return MakeReport(std::move(effect)); });
    engine.OnEffect<Counter>("idle", [this](Effect effect) { return CloseIdle(std::move(effect)); });
    const Status started = Run(engine.Start());
    INFO(started.ToString());
    REQUIRE(started.ok());
    engine.StartEffects();
    Settle();
  }

  Task<Status> MakeReport(Effect effect) {
    ++reports;
    if (report_errors > 0) {
      --report_errors;
      co_return report_error;
    }
    if (!record_reports) co_return OkStatus();
    const Report report{.value = std::stoll(effect.payload)};
    co_await Try(engine.Execute<Counter>(CounterId::Of(effect.aggregate_id), report, effect.Metadata()));
    co_return OkStatus();
  }
  Task<Status> CloseIdle(Effect effect) {
    const Close close{.reason = "idle"};
    co_await Try(engine.Execute<Counter>(CounterId::Of(effect.aggregate_id), close, effect.Metadata()));
    co_return OkStatus();
  }

  template <typename T>
  T Run(Task<T> task) {
    return RunToEnd(world, std::move(task));
  }
  void Settle() {
    while (world.Step()) {
    }
  }
  template <typename Command>
  StatusOr<Counter::State> Execute(const std::string& id, Command command, const std::string& request_id,
                                   std::uint64_t fingerprint = 7) {
    CommandMetadata metadata;
    metadata.request_id = request_id;
    metadata.fingerprint = fingerprint;
    metadata.correlation_id = "journey-1";
    StatusOr<Counter::State> state =
        Run(engine.Execute<Counter>(CounterId::Of(id), std::move(command), std::move(metadata),
                                    [](const Counter::State& counter) { return counter; }));
    Settle();
    return state;
  }

  SimScheduler& world;
  SimProcess process;
  Engine engine;
  int reports = 0;
  int report_errors = 0;
  Status report_error = absl::UnavailableError("not now");
  bool record_reports = true;
};

struct CounterWorld {
  SimScheduler scheduler{1};
  ManualClock clock{Noon()};
  MemoryStore store;
};

}  // namespace souk::testing
