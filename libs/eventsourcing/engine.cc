#include "libs/eventsourcing/engine.h"

#include <algorithm>

#include "libs/base/check.h"
#include "libs/eventsourcing/rebuild.h"
#include "libs/eventstore/keys.h"
#include "libs/telemetry/log.h"

namespace souk {
namespace {

// Of keys and values in the store. Another one needs a migration, or a newer build.
constexpr char kFormatVersion[] = "1";

std::string HandlerKey(std::string_view aggregate, std::string_view kind) {
  std::string key(aggregate);
  key.push_back('/');
  key.append(kind);
  return key;
}

}  // namespace

Engine::Engine(EngineOptions options, Scheduler& scheduler, const Clock& clock, Store& store,
               std::function<Scheduler&(std::uint32_t)> writer_of, CommitLog* commit_log)
    : options_(std::move(options)),
      scheduler_(scheduler),
      clock_(clock),
      store_(store),
      local_commit_log_(store),
      commit_log_(commit_log == nullptr ? local_commit_log_ : *commit_log),
      writer_of_(std::move(writer_of)) {}

Engine::~Engine() = default;

void Engine::Register(std::unique_ptr<AggregateType> type) {
  SOUK_CHECK(partitions_.empty(), "aggregates are registered before the start");
  types_.Add(std::move(type));
}

void Engine::SetEffectHandler(std::string_view aggregate, std::string_view kind, EffectHandler handler) {
  effect_handlers_[HandlerKey(aggregate, kind)] = std::move(handler);
}

void Engine::AddView(std::unique_ptr<View> view) { views_.push_back(std::move(view)); }

Task<Status> Engine::Start() {
  const std::string incarnation = co_await Try(OpenStore());
  view_runners_.resize(options_.partitions);
  for (std::uint32_t i = 0; i < options_.partitions; ++i) co_await Try(StartPartition(i, incarnation));
  co_return OkStatus();
}

Task<StatusOr<std::string>> Engine::OpenStore() {
  const std::optional<std::string> format = co_await Try(store_.Get(ColumnFamily::kMeta, "format"));
  if (!format.has_value()) {
    Batch batch;
    batch.Put(ColumnFamily::kMeta, "format", kFormatVersion);
    batch.Put(ColumnFamily::kMeta, "incarnation", options_.new_incarnation);
    batch.Put(ColumnFamily::kMeta, "partitions", std::to_string(options_.partitions));
    batch.Put(ColumnFamily::kMeta, "service", options_.service);
    co_await Try(store_.Write(std::move(batch), Durability::kSynced));
    co_return options_.new_incarnation;
  }
  if (*format != kFormatVersion) {
    co_return FailedPrecondition(
        "the data of %s has format %s, this build reads %s: run the build that wrote it", options_.service,
        *format, kFormatVersion);
  }
  const std::optional<std::string> service = co_await Try(store_.Get(ColumnFamily::kMeta, "service"));
  if (service != options_.service) {
    co_return FailedPrecondition("the data belongs to service %s, not to %s", service.value_or("?"),
                                 options_.service);
  }
  const std::optional<std::string> partitions = co_await Try(store_.Get(ColumnFamily::kMeta, "partitions"));
  if (partitions != std::to_string(options_.partitions)) {
    co_return FailedPrecondition(
        "the data of %s has %s partitions, not %d: the number is fixed when it is made", options_.service,
        partitions.value_or("?"), options_.partitions);
  }
  const std::optional<std::string> incarnation = co_await Try(store_.Get(ColumnFamily::kMeta, "incarnation"));
  co_return incarnation.value_or("0");
}

Task<Status> Engine::StartPartition(std::uint32_t index, std::string incarnation) {
  const EventLog::Head head = co_await Try(EventLog(store_, index).ReadHead());
  const bool built = co_await Try(IsBuilt(store_, index, types_));
  if (!built) {
    // Before the rows are there again, which is synced: should a crash come between, the
    // views must not take themselves for complete.
    const EventLog log(store_, index);
    for (const std::unique_ptr<View>& view : views_) {
      ViewRunner runner(*view, store_, log);
      co_await Try(runner.Reset());
    }
    co_await Try(Rebuild(store_, index, types_, options_.positions_per_effect_write));
  }
  Scheduler& writer = writer_of_ ? writer_of_(index) : scheduler_;
  partitions_.push_back(std::make_unique<Partition>(
      PartitionOptions{.service = options_.service,
                       .index = index,
                       .incarnation = std::move(incarnation),
                       .waiting_commands_max = options_.waiting_commands_max,
                       .running_effects_max = options_.running_effects_max},
      scheduler_, writer, clock_, store_, commit_log_, types_,
      [this](const std::string& aggregate, const std::string& kind) -> const EffectHandler* {
        const auto it = effect_handlers_.find(HandlerKey(aggregate, kind));
        return it == effect_handlers_.end() ? nullptr : &it->second;
      }));
  co_await Try(StartViews(index));
  PendingEffects effects =
      co_await Try(RecoverEffects(store_, index, types_, options_.positions_per_effect_write));
  partitions_.back()->Recover(head, std::move(effects));
  partitions_.back()->OnCommit([this, index] { PumpViews(index); });
  co_return OkStatus();
}

Task<Status> Engine::StartViews(std::uint32_t index) {
  for (const std::unique_ptr<View>& view : views_) {
    auto runner = std::make_unique<ViewRunner>(*view, store_, partitions_[index]->log());
    co_await Try(runner->Open());
    co_await Try(runner->CatchUp());
    co_await Try(runner->DropOtherVersions());
    view_runners_[index].push_back(std::move(runner));
  }
  co_return OkStatus();
}

void Engine::PumpViews(std::uint32_t index) {
  for (const std::unique_ptr<ViewRunner>& runner : view_runners_[index]) {
    if (runner->checkpoint() == partitions_[index]->head()) continue;
    view_tasks_.Spawn([](ViewRunner& r) -> Task<> {
      const StatusOr<std::uint64_t> projected = co_await r.CatchUp();
      if (!projected.ok()) {
        telemetry::Log(telemetry::Level::kError, "a view stopped",
                       {{"error", projected.status().ToString()}});
      }
    }(*runner));
  }
}

Task<Status> Engine::DropDerived() {
  for (std::uint32_t i = 0; i < options_.partitions; ++i) co_await Try(DeleteDerived(store_, i));
  co_return OkStatus();
}

void Engine::StartEffects() {
  for (const auto& partition : partitions_) partition->effects().Start();
}

Task<Status> Engine::Transact(std::uint32_t partition, CommandMetadata metadata, bool several,
                              absl::FunctionRef<Status(Unit&)> work, absl::FunctionRef<Status(Unit&)> read) {
  return partitions_[partition]->Transact(std::move(metadata), several, work, read);
}

StatusOr<std::shared_ptr<const google::protobuf::Message>> Engine::ReadState(
    std::string_view aggregate, std::string_view id, std::string_view partition_key) const {
  const AggregateType* const type = types_.Find(aggregate);
  SOUK_CHECK(type != nullptr, "an aggregate is registered before it is read");
  return partitions_[PartitionOf(partition_key)]->Read(*type, id);
}

StatusOr<std::vector<event::v1::EventRecord>> Engine::ReadStream(std::string_view aggregate,
                                                                 std::string_view id,
                                                                 std::uint32_t partition) const {
  std::vector<event::v1::EventRecord> events;
  RETURN_IF_ERROR(
      partitions_[partition]->log().ReadStream(aggregate, id, 0, [&](const event::v1::EventRecord& record) {
        events.push_back(record);
        return true;
      }));
  return events;
}

StatusOr<std::vector<IndexRow>> Engine::Query(const IndexQuery& query) const {
  return ScanRows(query.index, query);
}

StatusOr<std::vector<IndexRow>> Engine::QueryView(std::string_view view, const IndexQuery& query) const {
  for (const auto& candidate : views_) {
    if (candidate->name() == view) return ScanRows(ViewRunner::RowName(*candidate), query);
  }
  return NotFound("no view %s", view);
}

StatusOr<std::vector<IndexRow>> Engine::ScanRows(std::string_view name, const IndexQuery& query) const {
  const bool forward = query.direction == Direction::kForward;
  std::vector<IndexRow> rows;
  for (std::uint32_t partition = 0; partition < options_.partitions; ++partition) {
    const std::string base = keys::Named(partition, name, "");
    KeyRange range = KeyRange::WithPrefix(base + query.prefix);
    if (!query.after.empty()) {
      // The zero byte makes the first key behind `after`.
      (forward ? range.start : range.end) = base + query.after + (forward ? std::string(1, '\0') : "");
    }
    std::size_t found = 0;
    RETURN_IF_ERROR(store_.Scan(
        ColumnFamily::kViews, range, query.direction, [&](std::string_view key, std::string_view value) {
          if (found == query.limit) return false;
          rows.push_back({query.index, std::string(key.substr(base.size())), std::string(value)});
          return ++found < query.limit;
        }));
  }
  if (options_.partitions > 1) {
    std::sort(rows.begin(), rows.end(),
              [&](const IndexRow& a, const IndexRow& b) { return forward ? a.key < b.key : b.key < a.key; });
    if (rows.size() > query.limit) rows.resize(query.limit);
  }
  return rows;
}

StatusOr<std::optional<std::string>> Engine::Lookup(std::string_view index, std::string_view key) const {
  for (std::uint32_t partition = 0; partition < options_.partitions; ++partition) {
    ASSIGN_OR_RETURN(std::optional<std::string> value,
                     store_.Get(ColumnFamily::kViews, keys::ViewRow(partition, index, key)));
    if (value.has_value()) return value;
  }
  return std::nullopt;
}

Task<Status> Engine::AwaitEffect(std::string aggregate, std::string id, std::string partition_key,
                                 std::string kind, std::string key, absl::Time deadline) {
  return partitions_[PartitionOf(partition_key)]->effects().Await(keys::EffectName(aggregate, id, kind, key),
                                                                  deadline);
}

absl::Time Engine::NextDue() const {
  absl::Time due = absl::InfiniteFuture();
  for (const auto& partition : partitions_) due = std::min(due, partition->effects().NextDue());
  return due;
}

bool Engine::Idle() const {
  if (!Drained() || NextDue() <= clock_.Now()) return false;
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    for (const auto& runner : view_runners_[i]) {
      if (runner->checkpoint() < partitions_[i]->head()) return false;
    }
  }
  return true;
}

void Engine::ClockMoved() {
  for (const auto& partition : partitions_) partition->effects().Pump();
}

void Engine::Stop() {
  for (const auto& partition : partitions_) {
    partition->effects().Stop();
    partition->Stop();
  }
}

bool Engine::Drained() const {
  return std::all_of(partitions_.begin(), partitions_.end(), [](const auto& partition) {
    return partition->in_flight() == 0 && partition->effects().running() == 0;
  });
}

Status Engine::Health() const {
  for (const auto& partition : partitions_) RETURN_IF_ERROR(partition->health());
  return store_.Health();
}

}  // namespace souk
