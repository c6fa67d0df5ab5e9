#include "tools/soukctl/export/parquet_writer.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "tools/soukctl/export/output_file.h"
#include "tools/soukctl/export/python_tool.h"

namespace souk::ctl {
namespace {

namespace fs = std::filesystem;

// Bytes that are gathered before they are converted.
constexpr std::uint64_t kGatheredBytesMax = std::uint64_t{128} << 20;

class ParquetWriter final : public EventWriter {
 public:
  ParquetWriter(std::string folder, FileSizes files, std::unique_ptr<PythonTool> tool)
      : folder_(std::move(folder)), files_(std::move(files)), tool_(std::move(tool)) {}
  ~ParquetWriter() override {
    std::error_code ignored;
    fs::remove_all(Gathering(), ignored);
  }

  Status Write(const EventRows& rows) override {
    for (const auto& [table, lines] : rows) {
      std::unique_ptr<OutputFile>& file = gathered_[table];
      if (file == nullptr) {
        ASSIGN_OR_RETURN(file, OutputFile::Open(GatheredFile(*table), 0));
      }
      RETURN_IF_ERROR(file->Append(lines));
      gathered_bytes_ += lines.size();
    }
    return OkStatus();
  }

  bool ReadyToSync() const override { return gathered_bytes_ >= kGatheredBytesMax; }  // Few large files.
  StatusOr<FileSizes> Sync() override {
    for (auto& [table, file] : gathered_) {
      RETURN_IF_ERROR(file->Flush());
      file.reset();
      RETURN_IF_ERROR(Convert(*table));
    }
    gathered_.clear();
    gathered_bytes_ = 0;
    return files_;
  }

 private:
  fs::path Gathering() const { return fs::path(folder_) / ".gathering"; }
  std::string GatheredFile(const EventTable& table) const { return Gathering() / (table.name + ".jsonl"); }

  Status Convert(const EventTable& table) {
    std::string name;
    for (int number = 1; name.empty() || files_.contains(name); ++number) {
      name = absl::StrFormat("%s/part-%05d.parquet", table.name, number);
    }
    std::error_code ignored;
    fs::create_directories(fs::path(folder_) / table.name, ignored);
    nlohmann::ordered_json columns;
    for (const EventPlan::Column& column : table.Columns()) columns[column.name] = column.type;
    const nlohmann::ordered_json request = {
        {"input", GatheredFile(table)}, {"output", folder_ + "/" + name}, {"columns", std::move(columns)}};
    RETURN_IF_ERROR(tool_->Call(request.dump()));
    fs::remove(GatheredFile(table), ignored);
    files_[name] = fs::file_size(fs::path(folder_) / name, ignored);
    return OkStatus();
  }

  const std::string folder_;
  FileSizes files_;
  const std::unique_ptr<PythonTool> tool_;
  std::map<const EventTable*, std::unique_ptr<OutputFile>> gathered_;
  std::uint64_t gathered_bytes_ = 0;
};

// Removes what an export that was cut short has left: TABLE/part-NNNNN.parquet, whole or not.
void RemoveOthers(const std::string& folder, const FileSizes& files) {
  std::error_code ignored;
  std::vector<fs::path> others;
  for (const auto& table : fs::directory_iterator(folder, ignored)) {
    if (!table.is_directory()) continue;
    for (const auto& entry : fs::directory_iterator(table.path(), ignored)) {
      const std::string name = entry.path().filename();
      const bool ours = absl::StartsWith(name, "part-") && absl::StrContains(name, ".parquet");
      if (ours && !files.contains(fs::relative(entry.path(), folder))) others.push_back(entry.path());
    }
  }
  for (const fs::path& other : others) fs::remove(other, ignored);
}

}  // namespace

StatusOr<std::unique_ptr<EventWriter>> OpenParquetWriter(const std::string& folder, const FileSizes& files) {
  ASSIGN_OR_RETURN(auto tool, PythonTool::Start("souk_duckdb.py", {"convert"}));
  RETURN_IF_ERROR(tool->Call("{}"));  // Whether DuckDB is there.
  std::error_code ignored;
  fs::remove_all(fs::path(folder) / ".gathering", ignored);
  RemoveOthers(folder, files);
  return std::make_unique<ParquetWriter>(folder, files, std::move(tool));
}

}  // namespace souk::ctl
