// souk-replay-rate: how fast a log becomes states, on one core, in memory. Reads the log of
// a data folder twice: to see its records, and to fold every aggregate from its events.
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "libs/cli/command_line.h"
#include "libs/eventstore/event_log.h"
#include "libs/storage/data_folder.h"
#include "libs/storage/rocks_store.h"
#include "tools/soukctl/data_dir.h"
#include "tools/soukctl/events/aggregates.h"

namespace souk::load {
namespace {

// States of one service by aggregate and id.
class Fold {
 public:
  explicit Fold(std::string service) : service_(std::move(service)) {}

  Status Add(const StoredEvent& event) {
    if (event.aggregate.empty()) return OkStatus();  // The engine's own.
    key_ = event.aggregate;
    key_ += '/';
    key_ += event.aggregate_id;
    State& state = states_[key_];
    if (state.type == nullptr) {
      state.type = ctl::FindAggregate(service_, std::string(event.aggregate));
      if (state.type == nullptr) return NotFound("this build does not know %s", event.aggregate);
      state.state = state.type->NewState();
    }
    return state.type->Fold(*state.state, event.payload);
  }

  std::size_t size() const { return states_.size(); }

 private:
  struct State {
    const AggregateType* type = nullptr;
    std::shared_ptr<google::protobuf::Message> state;
  };
  const std::string service_;
  std::string key_;  // Kept for its memory.
  absl::flat_hash_map<std::string, State> states_;
};

struct Pass {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  double seconds = 0;
  double PerSecond() const { return seconds > 0 ? static_cast<double>(events) / seconds : 0; }
};

template <typename Function>
StatusOr<Pass> ReadAll(const Store& store, std::uint32_t partitions, Function function) {
  Pass pass;
  Status status;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint32_t i = 0; i < partitions; ++i) {
    RETURN_IF_ERROR(
        EventLog(store, i).ReadEventsAfter(0, [&](const StoredEvent& event, std::string_view stored) {
          ++pass.events;
          pass.bytes += stored.size();
          status = function(event);
          return status.ok();
        }));
    RETURN_IF_ERROR(status);
  }
  pass.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return pass;
}

Status Measure(const std::string& data, const std::string& service) {
  ASSIGN_OR_RETURN(const auto folder, DataFolder::OpenForReading(data));
  ASSIGN_OR_RETURN(const auto store, RocksStore::OpenReadOnly(data + "/" + service + "/store"));
  ASSIGN_OR_RETURN(const std::uint32_t partitions, ctl::PartitionsOf(service, *store));
  const auto nothing = [](const StoredEvent&) { return OkStatus(); };
  ASSIGN_OR_RETURN(const Pass warm,
                   ReadAll(*store, partitions, nothing));  // What the disk has is in memory then.
  ASSIGN_OR_RETURN(const Pass read, ReadAll(*store, partitions, nothing));
  Fold fold(service);
  ASSIGN_OR_RETURN(const Pass folded,
                   ReadAll(*store, partitions, [&](const StoredEvent& event) { return fold.Add(event); }));
  const double bytes =
      static_cast<double>(warm.bytes) / static_cast<double>(std::max<std::uint64_t>(1, warm.events));
  std::printf("%s: %llu events of %.0f bytes, %zu aggregates\n", service.c_str(),
              static_cast<unsigned long long>(folded.events), bytes, fold.size());
  std::printf("read and parsed       %10.0f /s\n", read.PerSecond());
  std::printf("folded into states    %10.0f /s\n", folded.PerSecond());
  return OkStatus();
}

int Main(int argc, char** argv) {
  std::string data = "souk-data";
  std::string service = "cart";
  CLI::App app("Tells how fast the log in a data folder becomes states, on one core.", "souk-replay-rate");
  app.add_option("--data", data, "Data folder; nobody may serve it meanwhile")->required();
  app.add_option("--service", service, "Whose log")->capture_default_str();
  if (const auto exit_code = cli::ParseOrExit(app, argc, argv)) return *exit_code;
  const Status status = Measure(data, service);
  if (!status.ok()) std::fprintf(stderr, "error: %s\n", std::string(status.message()).c_str());
  return status.ok() ? 0 : 1;
}

}  // namespace
}  // namespace souk::load

int main(int argc, char** argv) { return souk::load::Main(argc, argv); }
