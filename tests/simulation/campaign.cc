#include "tests/simulation/campaign.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"

namespace souk::simulation {
namespace {

// What this process has used of the cores so far, however busy the machine is.
absl::Duration CpuTime() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return absl::DurationFromTimespec(used);
}

// A process that simulates every jobs-th seed, and tells in lines of words with tabs:
//   begin SEED | violation SEED INVARIANT DETAIL | count GROUP NAME TIMES
//   end SEED ORDERS EVENTS SECONDS-OF-VIRTUAL-TIME MICROSECONDS-OF-A-CORE
class Worker {
 public:
  Worker(const CampaignOptions& options, int number) {
    int ends[2];
    if (pipe(ends) != 0) return;
    process_ = fork();
    if (process_ == 0) {
      close(ends[0]);
      out_ = fdopen(ends[1], "w");
      Work(options, number);
      fclose(out_);
      _exit(0);
    }
    close(ends[1]);
    in_ = ends[0];
  }
  Worker(const Worker&) = delete;
  ~Worker() {
    if (process_ <= 0) return;
    close(in_);
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

  int in() const { return in_; }
  bool ended() const { return ended_; }

  // Takes in what has come. Returns true when a seed has ended.
  bool Read(CampaignResult& result) {
    char bytes[4096];
    const ssize_t size = read(in_, bytes, sizeof bytes);
    if (size <= 0) {
      ended_ = true;
      if (open_seed_.has_value()) {
        result.failures.push_back({*open_seed_, {{"L-0 the simulator lives", "the process died", {}}}});
      }
      return open_seed_.has_value();
    }
    buffer_.append(bytes, static_cast<std::size_t>(size));
    bool seed_ended = false;
    for (std::size_t end; (end = buffer_.find('\n')) != std::string::npos; buffer_.erase(0, end + 1)) {
      seed_ended |= TakeLine(buffer_.substr(0, end), result);
    }
    return seed_ended;
  }

 private:
  void Work(const CampaignOptions& options, int number) {
    for (std::uint64_t seed = options.first + static_cast<std::uint64_t>(number); seed <= options.last;
         seed += static_cast<std::uint64_t>(options.jobs)) {
      Say(absl::StrFormat("begin\t%d", seed));
      const absl::Duration before = CpuTime();
      Recipe recipe = options.recipe;
      recipe.seed = seed;
      const Outcome outcome = Simulate(recipe);
      for (const Violation& violation : outcome.violations) {
        Say(absl::StrFormat("violation\t%d\t%s\t%s", seed, violation.invariant, violation.detail));
      }
      for (const auto& [group, names] : outcome.counters) {
        for (const auto& [name, times] : names) Say(absl::StrFormat("count\t%s\t%s\t%d", group, name, times));
      }
      Say(absl::StrFormat("end\t%d\t%d\t%d\t%d\t%d", seed, outcome.orders, outcome.events,
                          absl::ToInt64Seconds(outcome.virtual_time),
                          absl::ToInt64Microseconds(CpuTime() - before)));
    }
  }

  void Say(std::string line) {
    std::replace(line.begin(), line.end(), '\n', ' ');
    line += '\n';
    fwrite(line.data(), 1, line.size(), out_);
    fflush(out_);
  }

  bool TakeLine(const std::string& line, CampaignResult& result) {
    const std::vector<std::string> words = absl::StrSplit(line, '\t');
    const auto number = [&](std::size_t i) {
      std::int64_t value = 0;
      return i < words.size() && absl::SimpleAtoi(words[i], &value) ? value : 0;
    };
    if (words[0] == "begin") open_seed_ = static_cast<std::uint64_t>(number(1));
    if (words[0] == "violation" && words.size() == 4) violations_.push_back({words[2], words[3], {}});
    if (words[0] == "count" && words.size() == 4) result.counters[words[1]][words[2]] += number(3);
    if (words[0] != "end") return false;
    if (!violations_.empty()) result.failures.push_back({*open_seed_, std::exchange(violations_, {})});
    open_seed_.reset();
    ++result.seeds;
    result.orders += number(2);
    result.events += number(3);
    result.virtual_time += absl::Seconds(number(4));
    result.cpu_time += absl::Microseconds(number(5));
    return true;
  }

  pid_t process_ = -1;
  FILE* out_ = nullptr;  // In the child.
  int in_ = -1;          // In the parent.
  bool ended_ = false;
  std::string buffer_;
  std::optional<std::uint64_t> open_seed_;
  std::vector<Violation> violations_;
};

}  // namespace

CampaignResult RunCampaign(const CampaignOptions& options) {
  CampaignResult result;
  std::vector<std::unique_ptr<Worker>> workers;
  for (int i = 0; i < options.jobs; ++i) workers.push_back(std::make_unique<Worker>(options, i));
  const absl::Time stop = absl::Now() + options.time_max;
  while (!workers.empty() && absl::Now() < stop &&
         static_cast<int>(result.failures.size()) < options.failures_max) {
    std::vector<pollfd> waits;
    for (const auto& worker : workers) waits.push_back({worker->in(), POLLIN, 0});
    poll(waits.data(), waits.size(), 500);
    for (std::size_t i = 0; i < waits.size(); ++i) {
      if (waits[i].revents == 0) continue;
      if (workers[i]->Read(result) && options.progress) options.progress(result);
    }
    std::erase_if(workers, [](const auto& worker) { return worker->ended(); });
  }
  std::sort(result.failures.begin(), result.failures.end(),
            [](const SeedResult& a, const SeedResult& b) { return a.seed < b.seed; });
  return result;
}

}  // namespace souk::simulation
