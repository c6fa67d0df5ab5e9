#include "tools/soukctl/export/python_tool.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "libs/base/hash.h"
#include "tools/soukctl/export/output_file.h"
#include "tools/soukctl/share_folder.h"

namespace souk::ctl {
namespace {

namespace fs = std::filesystem;

constexpr int kNotInstalled = 5;  // The scripts' exit code when a package is missing.

// As tools/analytics/venv names it.
StatusOr<std::string> FindPython() {
  if (const char* const chosen = std::getenv("SOUK_ANALYTICS_PYTHON"); chosen != nullptr) return chosen;
  ASSIGN_OR_RETURN(const std::string folder, AnalyticsFolder());
  ASSIGN_OR_RETURN(const std::string requirements, ReadWholeFile(folder + "/requirements.txt"));
  const std::string version = ToHex(Sha256(requirements)).substr(0, 12);
  const char* const cache = std::getenv("SOUK_CACHE");
  const char* const xdg = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  fs::path root = cache != nullptr  ? fs::path(cache)
                  : xdg != nullptr  ? fs::path(xdg) / "souk"
                  : home != nullptr ? fs::path(home) / ".cache/souk"
                                    : fs::path();
  const fs::path python = root / ("analytics-" + version) / "bin/python";
  if (fs::exists(python)) return python.string();
  return FailedPrecondition(
      "the analysts' tools are not installed: run tools/install --analytics, or set SOUK_ANALYTICS_PYTHON to "
      "a Python that has what %s/requirements.txt lists",
      folder);
}

// In the child: becomes the script.
[[noreturn]] void Become(const std::string& python, const std::string& script,
                         const std::vector<std::string>& arguments) {
  std::vector<char*> words = {const_cast<char*>(python.c_str()), const_cast<char*>("-B"),
                              const_cast<char*>(script.c_str())};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  execv(python.c_str(), words.data());
  dprintf(STDERR_FILENO, "error: cannot start %s: %s\n", python.c_str(), std::strerror(errno));
  _exit(127);
}

Status Ended(int result, const std::string& script) {
  const int code = WIFEXITED(result) ? WEXITSTATUS(result) : -1;
  if (code == 0) return OkStatus();
  if (code == 127 || code == kNotInstalled) return FailedPrecondition("see above");
  if (code == 1) return InvalidArgument("that could not be answered; see above");
  return Internal("%s ended with exit code %d; see above", script, code);
}

}  // namespace

StatusOr<std::string> AnalyticsFolder() { return SharedPath("analytics"); }

Status RunPython(const std::string& script, const std::vector<std::string>& arguments) {
  ASSIGN_OR_RETURN(const std::string python, FindPython());
  ASSIGN_OR_RETURN(const std::string folder, AnalyticsFolder());
  const std::string path = folder + "/" + script;
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) return Internal("cannot start %s", python);
  if (child == 0) Become(python, path, arguments);
  int result = 0;
  while (waitpid(child, &result, 0) < 0 && errno == EINTR) {
  }
  return Ended(result, script);
}

StatusOr<std::unique_ptr<PythonTool>> PythonTool::Start(const std::string& script,
                                                        const std::vector<std::string>& arguments) {
  ASSIGN_OR_RETURN(const std::string python, FindPython());
  ASSIGN_OR_RETURN(const std::string folder, AnalyticsFolder());
  const std::string path = folder + "/" + script;
  int input[2], output[2];
  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) return Internal("cannot make a pipe");
  const pid_t child = fork();
  if (child < 0) return Internal("cannot start %s", python);
  if (child == 0) {
    std::signal(SIGINT, SIG_IGN);  // soukctl tells it when to end.
    dup2(input[0], STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    Become(python, path, arguments);
  }
  close(input[0]);
  close(output[1]);
  return std::unique_ptr<PythonTool>(new PythonTool(child, input[1], output[0]));
}

PythonTool::~PythonTool() {
  close(input_);
  close(output_);
  waitpid(process_, nullptr, 0);
}

Status PythonTool::Call(const std::string& line) {
  const std::string request = line + "\n";
  std::signal(SIGPIPE, SIG_IGN);
  if (write(input_, request.data(), request.size()) != static_cast<ssize_t>(request.size())) {
    return Internal("the analysts' Python has ended; see above");
  }
  std::size_t end;
  while ((end = read_.find('\n')) == std::string::npos) {
    char bytes[4096];
    const ssize_t got = read(output_, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return Internal("the analysts' Python has ended; see above");
    read_.append(bytes, static_cast<std::size_t>(got));
  }
  const std::string answer = read_.substr(0, end);
  read_.erase(0, end + 1);
  return answer == "ok" ? OkStatus() : Internal("%s", answer);
}

}  // namespace souk::ctl
