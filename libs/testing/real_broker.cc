#include "libs/testing/real_broker.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "libs/kafka/topic_admin.h"
#include "libs/testing/home_thread.h"

extern char** environ;  // NOLINT: POSIX.

namespace souk::testing {
namespace {

constexpr absl::Duration kStartMax = absl::Minutes(3);
constexpr int kStartAttempts = 3;  // A free port may be taken by somebody else meanwhile.

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

RealBroker::RealBroker() {
  for (int attempt = 1; pid_ < 0; ++attempt) {
    Start();
    Await();
    if (pid_ < 0 && attempt == kStartAttempts) {
      FAIL("the broker did not start: " << ReadFile(folder_.path() + "/broker.log"));
    }
  }
}

RealBroker::~RealBroker() {
  if (pid_ > 0) Kill();
}

RealBroker& RealBroker::Shared() {
  static RealBroker broker;
  return broker;
}

void RealBroker::Start() {
  const std::string log = folder_.path() + "/broker.log";
  const std::string port = address_.empty() ? "0" : address_.substr(address_.rfind(':') + 1);
  std::vector<std::string> arguments = {
      SOUK_TOOLS_DIR "/kafka", "run", "--data", folder_.path() + "/data", "--port", port, "--with-parent"};
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
  // The broker ends when the thread that started it does: see PR_SET_PDEATHSIG in prctl(2).
  static HomeThread& starter = *new HomeThread();
  const int spawned =
      starter.Call([&] { return posix_spawn(&pid_, argv[0], &files, nullptr, argv.data(), environ); });
  posix_spawn_file_actions_destroy(&files);
  if (spawned != 0) FAIL("cannot run tools/kafka");
}

// Waits until the broker is ready; pid_ is then -1 if it never was.
void RealBroker::Await() {
  const absl::Time deadline = absl::Now() + kStartMax;
  while (absl::Now() < deadline) {
    const std::string log = ReadFile(folder_.path() + "/broker.log");
    if (log.find("Kafka Server started") != std::string::npos) {
      address_ = "127.0.0.1:" + ReadFile(folder_.path() + "/data/port");
      return;
    }
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return;
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  Kill();
}

std::string RealBroker::MakeTopic(std::string name, std::uint32_t partitions) {
  StatusOr<std::unique_ptr<kafka::TopicAdmin>> admin = kafka::TopicAdmin::Open(settings());
  REQUIRE(admin.ok());
  const Status made = (*admin)->Create(name, {.partitions = partitions, .replicas = 1, .settings = {}});
  INFO(made.ToString());
  REQUIRE(made.ok());
  return name;
}

void RealBroker::Pause() { kill(pid_, SIGSTOP); }
void RealBroker::Continue() { kill(pid_, SIGCONT); }

void RealBroker::Kill() {
  kill(pid_, SIGKILL);
  waitpid(std::exchange(pid_, -1), nullptr, 0);
}

void RealBroker::Stop() {
  kill(pid_, SIGTERM);
  waitpid(std::exchange(pid_, -1), nullptr, 0);
}

void RealBroker::Restart() {
  Start();
  Await();
  if (pid_ < 0) FAIL("the broker did not start again: " << ReadFile(folder_.path() + "/broker.log"));
}

}  // namespace souk::testing
