#include "tools/soukctl/events/replay_command.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "libs/base/suggestion.h"
#include "tools/soukctl/export/export_command.h"
#include "tools/soukctl/export/python_tool.h"
#include "tools/soukctl/time_text.h"

namespace souk::ctl {
namespace {

namespace fs = std::filesystem;

constexpr char kScript[] = "souk_duckdb.py";

// A folder that is gone with the object.
class ScratchFolder {
 public:
  ScratchFolder() : path_((fs::temp_directory_path() / "souk-replay-XXXXXX").string()) {
    made_ = mkdtemp(path_.data()) != nullptr;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    if (made_) fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  bool made() const { return made_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_ = false;
};

Status Ask(const std::string& events, const ReplayOptions& options) {
  std::vector<std::string> arguments = {"ask", "--events", events, "--format", options.format};
  if (!options.database.empty()) arguments.insert(arguments.end(), {"--database", options.database});
  for (const std::string& file : options.sql_files) arguments.insert(arguments.end(), {"--sql", file});
  for (const std::string& query : options.queries) arguments.insert(arguments.end(), {"--query", query});
  std::vector<std::string> questions = options.questions;
  if (options.all) {
    ASSIGN_OR_RETURN(questions, AllQuestions());
  }
  arguments.insert(arguments.end(), questions.begin(), questions.end());
  return RunPython(kScript, arguments);
}

// Finds before a long export what will not work after it.
Status Check(const ReplayOptions& options) {
  const bool nothing = options.questions.empty() && !options.all && options.sql_files.empty() &&
                       options.queries.empty() && options.database.empty();
  if (nothing) {
    return InvalidArgument(
        "say what to ask: names of questions (--list shows them), --all, --sql or --query");
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> known, AllQuestions());
  for (const std::string& name : options.questions) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return NotFound("there is no question \"%s\"%s replay --list shows all of them", name,
                    Suggestion(name, known));
  }
  for (const std::string& file : options.sql_files) {
    if (!fs::exists(file)) return NotFound("there is no file %s", file);
  }
  if (!options.as_of.empty()) {
    ASSIGN_OR_RETURN(const Moment moment, ParseMoment(options.as_of));
    if (moment.position != UINT64_MAX) {
      return InvalidArgument(
          "a position is one of one log, and questions are about all of them: --as-of a time, such as "
          "2017-02-01T12:00:00Z");
    }
  }
  return OkStatus();
}

}  // namespace

StatusOr<std::vector<std::string>> AllQuestions() {
  ASSIGN_OR_RETURN(const std::string folder, AnalyticsFolder());
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(fs::path(folder) / "questions", error)) {
    if (entry.path().extension() == ".sql") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Status Replay(const std::function<StatusOr<std::unique_ptr<EventSource>>()>& source,
              const ReplayOptions& options) {
  if (options.list) return RunPython(kScript, {"list"});
  RETURN_IF_ERROR(Check(options));
  if (!options.events.empty()) {
    if (!options.as_of.empty()) {
      return InvalidArgument("--events is an export already: make one with soukctl events export --as-of");
    }
    return Ask(options.events, options);
  }
  const ScratchFolder scratch;
  if (!scratch.made()) return Internal("cannot make a temporary folder");
  ExportOptions exported;
  exported.format = "parquet";
  exported.out = scratch.path();
  exported.as_of = options.as_of;
  exported.tell = false;
  ASSIGN_OR_RETURN(const auto opened, source());
  RETURN_IF_ERROR(ExportEvents(*opened, exported));
  return Ask(scratch.path(), options);
}

}  // namespace souk::ctl
