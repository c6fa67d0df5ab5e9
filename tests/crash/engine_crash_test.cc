// The whole engine on RocksDB, and a disk that fails at a numbered operation: power that
// goes off, an error, no more space. SOUK_CRASH_STEP=1 visits every operation; by default
// one of several.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>

#include "libs/telemetry/log.h"
#include "tests/crash/crash_story.h"

namespace souk::crash {
namespace {

using Fault = FaultDisk::Fault;
using Keep = FaultDisk::Keep;

// Odd, so that the four ways to keep meet all kinds of operations.
constexpr std::uint64_t kStep = 11;

std::uint64_t Step(std::uint64_t otherwise) {
  const char* const step = std::getenv("SOUK_CRASH_STEP");
  return step == nullptr ? otherwise : std::max(1ULL, std::strtoull(step, nullptr, 10));
}

struct Sum {
  std::uint64_t faults = 0;
  std::uint64_t acknowledged = 0;
  std::string violation;  // The first.
};

// Tells the story once for each visited operation, with a fault at that operation, until a
// promise is broken.
Sum TellWith(Fault fault, std::uint64_t step, Mutations mutations = {}) {
  telemetry::ConfigureLog("critical", "text");  // Thousands of errors are to be expected.
  Sum sum;
  std::unique_ptr<CrashStory> story;
  sum.faults = RunAtEveryCrashPoint(
      {.seed = 1, .step = step, .fault = fault},
      [&](FaultDisk& disk) {
        story = std::make_unique<CrashStory>(mutations);
        if (sum.violation.empty()) story->Tell(disk);
      },
      [&](FaultDisk& disk, Keep keep) {
        story->Check(disk);
        sum.acknowledged += story->acknowledged();
        if (!story->violation().empty() && sum.violation.empty()) {
          sum.violation = absl::StrFormat("keep %d: %s", static_cast<int>(keep), story->violation());
        }
      });
  if (story->violation() != "" && sum.violation.empty())
    sum.violation = "without a fault: " + story->violation();
  return sum;
}

void CheckWith(Fault fault, std::string_view name) {
  const Sum sum = TellWith(fault, Step(kStep));
  INFO(sum.violation);
  CHECK(sum.violation.empty());
  CHECK(sum.faults > 20);
  std::cout << name << ": " << sum.faults << " faults, " << sum.acknowledged << " commands acknowledged\n";
}

TEST_CASE("the engine keeps its promises when the power fails at any operation of the disk") {
  CheckWith(Fault::kPowerOff, "power off");
}

TEST_CASE("an error of the disk at any operation stops the engine, and nothing is lost") {
  CheckWith(Fault::kError, "disk error");
}

TEST_CASE("a disk that is full from any operation on stops the engine, and nothing is lost") {
  CheckWith(Fault::kFull, "disk full");
}

TEST_CASE("the engine keeps its promises when the power fails again while it recovers") {
  telemetry::ConfigureLog("critical", "text");
  int again = 0;
  for (std::uint64_t point = Step(5);; point += Step(5)) {
    FaultDisk disk(point);
    CrashStory story;
    disk.CrashAt(250);  // In the middle of the story.
    story.Tell(disk);
    disk.Crash(FaultDisk::kKeeps[point % std::size(FaultDisk::kKeeps)]);
    disk.CrashAt(point);
    story.Recover(disk);
    if (!disk.struck()) break;
    ++again;
    disk.Crash(FaultDisk::kKeeps[point / 7 % std::size(FaultDisk::kKeeps)]);
    story.Check(disk);
    INFO("point " << point << ": " << story.violation());
    REQUIRE(story.violation().empty());
  }
  CHECK(again > 3);
}

TEST_CASE("an engine that acknowledges before it has synced is caught") {
  const std::string violation =
      TellWith(Fault::kPowerOff, kStep, {.acknowledge_before_sync = true}).violation;
  std::cout << "acknowledge before sync: " << violation << '\n';
  CHECK(violation.find("lost, though acknowledged") != std::string::npos);
}

TEST_CASE("an engine that forgets its requests is caught") {
  const std::string violation = TellWith(Fault::kPowerOff, kStep, {.forget_requests = true}).violation;
  std::cout << "forgotten requests: " << violation << '\n';
  CHECK(!violation.empty());
}

TEST_CASE("an engine that does not write log and state at once is caught") {
  const std::string violation = TellWith(Fault::kPowerOff, kStep, {.split_batches = true}).violation;
  std::cout << "log and state written one after the other: " << violation << '\n';
  CHECK(!violation.empty());
}

}  // namespace
}  // namespace souk::crash
