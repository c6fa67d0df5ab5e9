#include "tools/soukctl/export/export_record.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tools/soukctl/export/output_file.h"

namespace souk::ctl {

namespace fs = std::filesystem;

std::string ExportRecord::PathOf(ExportFormat format, const std::string& out) {
  return format == ExportFormat::kJsonLines ? out + ".export.json" : out + "/export.json";
}

StatusOr<ExportRecord> ExportRecord::Read(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadWholeFile(path));
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  const bool whole = json.is_object() && json.contains("selection") && json.contains("checkpoints") &&
                     json.contains("files") && json.contains("events");
  if (!whole) return DataLoss("%s is no record of an export; export anew with --force", path);
  ExportRecord record;
  record.selection = json["selection"];
  record.events = json["events"];
  for (const auto& [log, position] : json["checkpoints"].items()) record.checkpoints[log] = position;
  for (const auto& [name, size] : json["files"].items()) record.files[name] = size;
  if (json.contains("tables")) {
    for (const auto& [name, columns] : json["tables"].items()) record.tables.push_back(name);
  }
  return record;
}

Status ExportRecord::Write(const std::string& path, const std::vector<const EventTable*>& columns) const {
  nlohmann::ordered_json json;
  json["written_by"] = "soukctl " SOUK_VERSION;
  json["selection"] = selection;
  json["events"] = events;
  json["checkpoints"] = checkpoints;
  json["files"] = files;
  for (const EventTable* const table : columns) {
    for (const EventPlan::Column& column : table->Columns()) {
      json["tables"][table->name][column.name] = column.type;
    }
  }
  return ReplaceFile(path, json.dump(1) + "\n");
}

Status ExportRecord::CheckFiles(const std::string& path) const {
  for (const auto& [name, size] : files) {
    const fs::path file = fs::path(path).parent_path() / name;
    std::error_code error;
    const std::uint64_t found = fs::file_size(file, error);
    if (!error && found >= size) continue;
    return DataLoss("%s is %s; export anew with --force", file.string(),
                    error ? "gone" : "shorter than it was");
  }
  return OkStatus();
}

void ExportRecord::RemoveFiles(const std::string& path) const {
  const fs::path folder = fs::path(path).parent_path();
  std::error_code ignored;
  for (const auto& [name, size] : files) fs::remove(folder / name, ignored);
  for (const std::string& table : tables) fs::remove(folder / (table + ".csv"), ignored);
}

Status RefuseOthers(ExportFormat format, const std::string& out, bool force) {
  std::error_code ignored;
  if (fs::is_empty(out, ignored) || !fs::exists(out)) return OkStatus();
  if (format != ExportFormat::kJsonLines) {
    return FailedPrecondition("%s is a folder with other things in it; choose another --out", out);
  }
  if (force) return OkStatus();
  return FailedPrecondition("%s is there and is no export; choose another --out, or --force overwrites it",
                            out);
}

}  // namespace souk::ctl
