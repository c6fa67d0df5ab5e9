#include "tools/soukctl/export/export_command.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "libs/base/suggestion.h"
#include "tools/soukctl/export/export_record.h"
#include "tools/soukctl/export/export_selection.h"
#include "tools/soukctl/export/output_file.h"
#include "tools/soukctl/progress.h"

namespace souk::ctl {
namespace {

constexpr absl::Duration kSyncEvery = absl::Seconds(2);

volatile std::sig_atomic_t interrupted = 0;

class Exporter {
 public:
  Exporter(EventSource& source, const ExportOptions& options, Selection selection, const EventSchema& schema)
      : source_(source),
        options_(options),
        selection_(std::move(selection)),
        schema_(schema),
        tables_(schema, options.stored),
        stream_(IsStream(options.out)),
        record_path_(ExportRecord::PathOf(selection_.format, options.out)) {}

  Status Run();

 private:
  Status ChooseLogs();
  Status Prepare();
  Status FindEarlier();
  Status ExportLog(const LogEnd& log);
  bool Take(const LogEnd& log, const EventBatch& batch, std::uint64_t position);
  Status Save();
  void Tell(absl::Duration duration) const;

  EventSource& source_;
  const ExportOptions& options_;
  const Selection selection_;
  const EventSchema& schema_;
  EventTables tables_;
  const bool stream_;  // Into a pipe: no record, no second time.
  const std::string record_path_;
  std::unique_ptr<OutputLock> lock_;
  std::vector<LogEnd> logs_;
  ExportRecord record_;
  std::unique_ptr<EventWriter> writer_;
  std::optional<Progress> progress_;
  std::int64_t positions_ = 0;  // Done with, of those there were at the start.
  std::uint64_t log_start_ = 0;
  std::uint64_t exported_ = 0;  // By this run,
  std::uint64_t unsaved_ = 0;   // and of them since the record was written.
  absl::Time saved_ = absl::Now();
  Status failure_;
  std::map<std::string, std::uint64_t> unknown_;  // By type.
};

Status Exporter::Run() {
  RETURN_IF_ERROR(ChooseLogs());
  RETURN_IF_ERROR(Prepare());
  const absl::Time start = absl::Now();
  std::int64_t total = 0;
  for (const LogEnd& log : logs_) {
    const std::uint64_t after = std::max(options_.after, record_.checkpoints[log.Name()]);
    total += static_cast<std::int64_t>(std::max(log.head, after) - after);
  }
  progress_.emplace("exporting", "positions", total);
  for (const LogEnd& log : logs_) RETURN_IF_ERROR(ExportLog(log));
  progress_.reset();
  RETURN_IF_ERROR(Save());
  Tell(absl::Now() - start);
  return OkStatus();
}

Status Exporter::ChooseLogs() {
  ASSIGN_OR_RETURN(logs_, source_.Logs());
  if (!options_.services.empty()) {
    std::vector<std::string> names;
    for (const LogEnd& log : logs_) names.push_back(log.service);
    for (const std::string& service : options_.services) {
      if (std::find(names.begin(), names.end(), service) != names.end()) continue;
      names.erase(std::unique(names.begin(), names.end()), names.end());
      return NotFound("there is no service \"%s\" here, only %s%s", service, absl::StrJoin(names, ", "),
                      Suggestion(service, names));
    }
    std::erase_if(logs_, [&](const LogEnd& log) {
      return std::find(options_.services.begin(), options_.services.end(), log.service) ==
             options_.services.end();
    });
  }
  if (logs_.size() > 1 && (options_.after > 0 || selection_.to != UINT64_MAX)) {
    return InvalidArgument("a position is one of one log: say --service NAME");
  }
  for (LogEnd& log : logs_) log.head = std::min(log.head, selection_.to);
  return OkStatus();
}

// Finds what an earlier export has left, and opens the files.
Status Exporter::Prepare() {
  if (stream_ && (options_.resume || selection_.format != ExportFormat::kJsonLines)) {
    return InvalidArgument("%s: say --out with %s",
                           options_.resume ? "--resume goes on with files" : options_.format,
                           selection_.format == ExportFormat::kJsonLines ? "a file" : "a folder");
  }
  if (!stream_) RETURN_IF_ERROR(FindEarlier());
  record_.selection = selection_.words;
  for (const LogEnd& log : logs_) {
    if (log.head < record_.checkpoints[log.Name()] && selection_.to == UINT64_MAX) {
      return FailedPrecondition(
          "%s ends before what was exported of it: it was restored to an older state; "
          "export anew with --force",
          log.Name());
    }
  }
  ASSIGN_OR_RETURN(writer_, OpenEventWriter(selection_.format, options_.out, record_.files));
  return Save();  // From now on the files are known to be an export's, however it ends.
}

Status Exporter::FindEarlier() {
  ASSIGN_OR_RETURN(lock_, OutputLock::Take(options_.out, selection_.format != ExportFormat::kJsonLines));
  StatusOr<ExportRecord> earlier = ExportRecord::Read(record_path_);
  if (absl::IsNotFound(earlier.status())) {
    return RefuseOthers(selection_.format, options_.out, options_.force);
  }
  if (options_.force) {
    if (earlier.ok()) earlier->RemoveFiles(record_path_);
    return OkStatus();
  }
  if (!options_.resume) {
    return FailedPrecondition("%s has an export already: --resume goes on with it, --force begins anew",
                              options_.out);
  }
  RETURN_IF_ERROR(earlier.status());
  if (earlier->selection != selection_.words) {
    return FailedPrecondition("%s has %s, and this would be %s; choose another --out", options_.out,
                              earlier->selection, selection_.words);
  }
  record_ = *std::move(earlier);
  return record_.CheckFiles(record_path_);
}

Status Exporter::ExportLog(const LogEnd& log) {
  std::uint64_t& checkpoint = record_.checkpoints[log.Name()];
  checkpoint = std::max(checkpoint, options_.after);
  if (checkpoint >= log.head) return OkStatus();
  log_start_ = checkpoint;
  const ReadRange range{.log = log,
                        .after = checkpoint,
                        .last = log.head,
                        .types = selection_.types,
                        .stored = options_.stored};
  const Status read = source_.Read(
      range, [&] { return EventBatch(selection_, tables_, log.service); },
      [&](const EventBatch& batch, std::uint64_t position) { return Take(log, batch, position); });
  positions_ += static_cast<std::int64_t>(log.head - log_start_);
  RETURN_IF_ERROR(failure_);
  return read;
}

bool Exporter::Take(const LogEnd& log, const EventBatch& batch, std::uint64_t position) {
  failure_ = batch.status();
  if (failure_.ok()) failure_ = writer_->Write(batch.rows());
  if (!failure_.ok()) return false;
  exported_ += batch.events();
  unsaved_ += batch.events();
  for (const auto& [type, count] : batch.unknown()) unknown_[type] += count;
  if (batch.end().has_value()) position = *batch.end() - 1;
  record_.checkpoints[log.Name()] = position;
  progress_->Update(positions_ + static_cast<std::int64_t>(position - log_start_), log.Name());
  if (interrupted != 0) {
    failure_ = Save();
    if (failure_.ok()) failure_ = absl::CancelledError("interrupted; --resume goes on");
    return false;
  }
  if (absl::Now() - saved_ > kSyncEvery && writer_->ReadyToSync()) failure_ = Save();
  return failure_.ok() && !batch.end().has_value();
}

Status Exporter::Save() {
  ASSIGN_OR_RETURN(record_.files, writer_->Sync());
  saved_ = absl::Now();
  if (stream_) return OkStatus();
  record_.events += std::exchange(unsaved_, 0);
  std::vector<const EventTable*> tables;
  for (const google::protobuf::Descriptor* const event : schema_.public_events()) {
    const bool chosen = selection_.types.empty() ||
                        std::find(selection_.types.begin(), selection_.types.end(), event->full_name()) !=
                            selection_.types.end();
    if (chosen && !options_.stored) tables.push_back(tables_.FindPublic(event->full_name()));
  }
  return record_.Write(record_path_, tables);
}

void Exporter::Tell(absl::Duration duration) const {
  for (const auto& [type, count] : unknown_) {
    std::fprintf(
        stderr,
        "left out %llu events of type %s: a newer soukctl knows them, or --schema of the newer release\n",
        static_cast<unsigned long long>(count), type.c_str());
  }
  if (stream_ || !options_.tell) return;
  std::fprintf(stderr, "%llu events are in %s, %llu of them new; %.1f s\n",
               static_cast<unsigned long long>(record_.events), options_.out.c_str(),
               static_cast<unsigned long long>(exported_), absl::ToDoubleSeconds(duration));
}

}  // namespace

Status ExportEvents(EventSource& source, const ExportOptions& options) {
  std::unique_ptr<EventSchema> other;
  if (!options.schema.empty()) {
    ASSIGN_OR_RETURN(const std::string bytes, ReadWholeFile(options.schema));
    ASSIGN_OR_RETURN(other, EventSchema::Read({bytes}));
  }
  const EventSchema& schema = other != nullptr ? *other : EventSchema::OfThisRelease();
  ASSIGN_OR_RETURN(Selection selection, ParseSelection(options, schema));
  interrupted = 0;
  const auto earlier = std::signal(SIGINT, [](int) { interrupted = 1; });
  const Status status = Exporter(source, options, std::move(selection), schema).Run();
  std::signal(SIGINT, earlier);
  return status;
}

}  // namespace souk::ctl
