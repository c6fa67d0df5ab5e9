#include "tools/soukctl/export_record.h"

#include <nlohmann/json.hpp>

#include "tools/soukctl/output_file.h"

namespace souk::ctl {

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
  return record;
}

Status ExportRecord::Write(const std::string& path, const std::vector<const EventTable*>& tables) const {
  nlohmann::ordered_json json;
  json["written_by"] = "soukctl " SOUK_VERSION;
  json["selection"] = selection;
  json["events"] = events;
  json["checkpoints"] = checkpoints;
  json["files"] = files;
  for (const EventTable* const table : tables) {
    for (const EventPlan::Column& column : table->Columns()) {
      json["tables"][table->name][column.name] = column.type;
    }
  }
  return ReplaceFile(path, json.dump(1) + "\n");
}

}  // namespace souk::ctl
