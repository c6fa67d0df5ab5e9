// souk-sim: simulates the whole marketplace from one seed, or from many.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "libs/cli/command_line.h"
#include "tests/simulation/campaign.h"
#include "tests/simulation/coverage.h"

namespace souk::simulation {
namespace {

constexpr int kShrinkRuns = 150;

// The commit of the sources in the current folder; "" when that is none.
std::string Commit() {
  std::string commit;
  if (FILE* const git = popen("git rev-parse --short HEAD 2>/dev/null", "r")) {
    char line[64] = "";
    if (fgets(line, sizeof line, git) != nullptr) commit = line;
    pclose(git);
  }
  while (!commit.empty() && commit.back() == '\n') commit.pop_back();
  return commit;
}

struct Arguments {
  Recipe recipe;
  std::string seeds;
  std::string until;
  std::string trace;
  std::string minutes;
  int jobs = 1;
  bool coverage = false;
  bool shrink = true;
};

int Fail(const Status& status) {
  std::cerr << "error: " << status.message() << '\n';
  return 2;
}

// What a failure leaves one to do.
void Explain(const Recipe& recipe, const std::vector<Violation>& violations, bool shrink) {
  std::cout << "seed " << recipe.seed << " FAILED: " << violations[0].invariant << '\n';
  for (const Violation& violation : violations) {
    std::cout << "  " << violation.invariant << ": " << violation.detail << '\n';
  }
  Recipe least = recipe;
  if (shrink) {
    std::cout << "  looking for a smaller world that fails ..." << std::endl;
    least = Shrink(recipe, violations[0].invariant, kShrinkRuns);
  }
  const std::string commit = Commit();
  std::cout << "  repeat with: " << least.Command() << " --trace -"
            << (commit.empty() ? "" : "   (commit " + commit + ")") << '\n';
}

int RunOne(const Arguments& arguments) {
  const absl::Time begin = absl::Now();
  const Outcome outcome = Simulate(arguments.recipe, !arguments.trace.empty());
  const absl::Duration time = absl::Now() - begin;
  if (!arguments.trace.empty()) {
    std::ofstream file;
    if (arguments.trace != "-") file.open(arguments.trace);
    std::ostream& out = arguments.trace == "-" ? std::cout : file;
    for (const std::string& line : outcome.trace) out << line << '\n';
    if (!out) return Fail(Unavailable("cannot write %s", arguments.trace));
  }
  if (arguments.coverage) PrintCoverage(outcome.counters, std::cout);
  std::cout << outcome.told;
  if (!outcome.violations.empty()) {
    Explain(arguments.recipe, outcome.violations, arguments.shrink && arguments.trace.empty());
    return 1;
  }
  std::cout << absl::StrFormat(
      "seed %d: ok, %d orders, %d events, %d faults, %.0f days in %.2f s, digest %016x\n",
      arguments.recipe.seed, outcome.orders, outcome.events, Faults(outcome.counters),
      absl::FDivDuration(outcome.virtual_time, absl::Hours(24)), absl::ToDoubleSeconds(time), outcome.digest);
  return 0;
}

int RunMany(const Arguments& arguments, std::uint64_t first, std::uint64_t last) {
  const absl::Time begin = absl::Now();
  const bool terminal = isatty(STDERR_FILENO) != 0;
  absl::Time shown = begin;
  CampaignOptions options{.recipe = arguments.recipe, .first = first, .last = last, .jobs = arguments.jobs};
  if (!arguments.minutes.empty()) absl::ParseDuration(arguments.minutes, &options.time_max);
  options.progress = [&](const CampaignResult& so_far) {
    const absl::Time now = absl::Now();
    if (now - shown < (terminal ? absl::Milliseconds(500) : absl::Seconds(30))) return;
    shown = now;
    std::cerr << absl::StrFormat("%s%d of %d seeds, %.0f per minute, %d failures%s", terminal ? "\r" : "",
                                 so_far.seeds, last - first + 1,
                                 static_cast<double>(so_far.seeds) / absl::ToDoubleMinutes(now - begin),
                                 so_far.failures.size(), terminal ? "   " : "\n")
              << std::flush;
  };
  const CampaignResult result = RunCampaign(options);
  if (terminal) std::cerr << '\n';
  const double seconds = absl::ToDoubleSeconds(absl::Now() - begin);
  if (arguments.coverage) PrintCoverage(result.counters, std::cout);
  std::cout << absl::StrFormat(
      "%d seeds: %d failed; %d orders, %d events, %d faults, %.0f days; %.0f seeds per minute, %.0f orders "
      "per "
      "second and core\n",
      result.seeds, result.failures.size(), result.orders, result.events, Faults(result.counters),
      absl::FDivDuration(result.virtual_time, absl::Hours(24)),
      60 * static_cast<double>(result.seeds) / seconds,
      static_cast<double>(result.orders) / absl::ToDoubleSeconds(result.cpu_time));
  for (const SeedResult& failure : result.failures) {
    Recipe recipe = arguments.recipe;
    recipe.seed = failure.seed;
    const bool first_one = &failure == &result.failures.front();
    const bool died = failure.violations[0].invariant.starts_with("L-0");
    Explain(recipe, failure.violations, arguments.shrink && first_one && !died);
  }
  return result.failures.empty() ? 0 : 1;
}

int Main(int argc, char** argv) {
  Arguments arguments;
  Recipe& recipe = arguments.recipe;
  CLI::App app(
      "Simulates all six services, their bank, mail server, carrier, buyers and sellers in one thread under "
      "virtual time, with crashes, disks and networks that fail. One seed is one history.",
      "souk-sim");
  app.add_option("--seed", recipe.seed, "The history to simulate")->capture_default_str();
  app.add_option("--seeds", arguments.seeds, "Many of them, FIRST..LAST");
  app.add_option("--jobs", arguments.jobs, "Processes for --seeds")
      ->capture_default_str()
      ->check(CLI::Range(1, 256));
  app.add_option("--for", arguments.minutes, "Stop --seeds after this time, such as 10m");
  app.add_option("--orders", recipe.orders, "Purchases that people set out to make")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000));
  app.add_option("--faults", recipe.faults, "none, light, normal or heavy")->capture_default_str();
  app.add_option("--story", recipe.story, "Play this instead of the usual people: quickstart");
  app.add_option("--import", recipe.import_folder,
                 "Play recorded orders instead, the first --orders of this folder: see soukctl import olist")
      ->check(CLI::ExistingDirectory);
  app.add_option("--mutation", recipe.mutation, "Break the marketplace this way; any other word lists them");
  app.add_option("--without", recipe.without,
                 "What to leave out of the plan, such as kill,loss; any other word lists them")
      ->delimiter(',');
  app.add_option("--until", arguments.until, "Stop at this virtual time after the beginning, such as 36h");
  app.add_option("--trace", arguments.trace, "Write the whole history to this file; - is the output");
  app.add_flag("--coverage", arguments.coverage,
               "Print how often everything was reached, and what never was");
  app.add_flag("!--no-shrink", arguments.shrink, "Do not look for a smaller world that fails");
  if (const std::optional<int> code = cli::ParseOrExit(app, argc, argv); code.has_value()) return *code;
  if (!arguments.until.empty() && !absl::ParseDuration(arguments.until, &recipe.until)) {
    return Fail(InvalidArgument("--until %s: write a time such as 36h or 90m", arguments.until));
  }
  absl::Duration ignored;
  if (!arguments.minutes.empty() && !absl::ParseDuration(arguments.minutes, &ignored)) {
    return Fail(InvalidArgument("--for %s: write a time such as 10m", arguments.minutes));
  }
  if (const auto plan = recipe.Draw(); !plan.ok()) return Fail(plan.status());
  if (arguments.seeds.empty()) return RunOne(arguments);
  const std::vector<std::string> ends = absl::StrSplit(arguments.seeds, "..");
  std::uint64_t first = 0, last = 0;
  if (ends.size() != 2 || !absl::SimpleAtoi(ends[0], &first) || !absl::SimpleAtoi(ends[1], &last) ||
      first > last) {
    return Fail(InvalidArgument("--seeds %s: write FIRST..LAST, such as 1..1000", arguments.seeds));
  }
  return RunMany(arguments, first, last);
}

}  // namespace
}  // namespace souk::simulation

int main(int argc, char** argv) { return souk::simulation::Main(argc, argv); }
