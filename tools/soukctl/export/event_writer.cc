#include "tools/soukctl/export/event_writer.h"

#include <filesystem>

#include "tools/soukctl/export/output_file.h"
#include "tools/soukctl/export/parquet_writer.h"

namespace souk::ctl {

using event::v1::EventRecord;

namespace {

class JsonLinesWriter final : public EventWriter {
 public:
  JsonLinesWriter(std::string name, std::unique_ptr<OutputFile> file)
      : name_(std::move(name)), file_(std::move(file)) {}

  Status Write(const EventRows& rows) override {
    for (const auto& [table, lines] : rows) RETURN_IF_ERROR(file_->Append(lines));
    return OkStatus();
  }
  StatusOr<FileSizes> Sync() override {
    RETURN_IF_ERROR(file_->Sync());
    return FileSizes{{name_, file_->size()}};
  }

 private:
  const std::string name_;
  const std::unique_ptr<OutputFile> file_;
};

class CsvWriter final : public EventWriter {
 public:
  CsvWriter(std::string folder, FileSizes files) : folder_(std::move(folder)), sizes_(std::move(files)) {}

  Status Write(const EventRows& rows) override {
    for (const auto& [table, lines] : rows) {
      std::unique_ptr<OutputFile>& file = files_[table];
      if (file == nullptr) {
        const std::uint64_t size = sizes_[table->name + ".csv"];
        ASSIGN_OR_RETURN(file, OutputFile::Open(folder_ + "/" + table->name + ".csv", size));
        if (size == 0) RETURN_IF_ERROR(file->Append(table->CsvHeaderRow()));
      }
      RETURN_IF_ERROR(file->Append(lines));
    }
    return OkStatus();
  }
  StatusOr<FileSizes> Sync() override {
    for (const auto& [table, file] : files_) {
      RETURN_IF_ERROR(file->Sync());
      sizes_[table->name + ".csv"] = file->size();
    }
    return sizes_;
  }

 private:
  const std::string folder_;
  FileSizes sizes_;
  std::map<const EventTable*, std::unique_ptr<OutputFile>> files_;
};

}  // namespace

StatusOr<ExportFormat> ParseExportFormat(const std::string& name) {
  if (name == "jsonl") return ExportFormat::kJsonLines;
  if (name == "csv") return ExportFormat::kCsv;
  if (name == "parquet") return ExportFormat::kParquet;
  return InvalidArgument("there is no format \"%s\": say jsonl, csv or parquet", name);
}

bool AppendRow(ExportFormat format, const EventTable& table, std::string_view service,
               const EventRecord& event, EventRows& rows) {
  switch (format) {
    case ExportFormat::kJsonLines:
      return table.AppendJsonRow(service, event, rows[nullptr]);
    case ExportFormat::kParquet:  // Which is made from JSON.
      return table.AppendJsonRow(service, event, rows[&table]);
    case ExportFormat::kCsv:
      return table.AppendCsvRow(service, event, rows[&table]);
  }
  return false;
}

StatusOr<std::unique_ptr<EventWriter>> OpenEventWriter(ExportFormat format, const std::string& out,
                                                       const FileSizes& files) {
  switch (format) {
    case ExportFormat::kJsonLines: {
      const std::string name = std::filesystem::path(out).filename();
      const auto known = files.find(name);
      ASSIGN_OR_RETURN(auto file, OutputFile::Open(out, known == files.end() ? 0 : known->second));
      return std::make_unique<JsonLinesWriter>(name, std::move(file));
    }
    case ExportFormat::kCsv:
      return std::make_unique<CsvWriter>(out, files);
    case ExportFormat::kParquet:
      return OpenParquetWriter(out, files);
  }
  return Internal("no such format");
}

}  // namespace souk::ctl
