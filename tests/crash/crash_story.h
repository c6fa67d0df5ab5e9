// A story that is told to a process on a disk that fails, and what must be true of the disk
// afterwards, wherever it failed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/clock.h"
#include "tests/crash/crash_process.h"

namespace souk::crash {

// Opens a counter, adds to it, or moves from it to its neighbour, all in one transaction.
struct Request {
  enum class Kind { kOpen, kAdd, kMove };
  std::string id;
  Kind kind;
  testing::CounterId counter;
};

class CrashStory final : private Witness {
 public:
  explicit CrashStory(Mutations mutations = {}) : mutations_(mutations) {}

  // Tells the story from its beginning, with the same request ids each time, until its end
  // or until the process stops. Notes what was acknowledged and seen.
  void Tell(FaultDisk& disk);

  // Opens what a crash has left, and no more.
  void Recover(FaultDisk& disk) { Start(disk); }

  // Opens what a crash has left and looks whether all promises were kept; then tells the
  // story again, to its end, and compares that with what a story without faults leads to.
  void Check(FaultDisk& disk);

  // The first promise that was broken; empty when none was.
  const std::string& violation() const { return violation_; }
  std::size_t acknowledged() const { return acknowledged_.size(); }

 private:
  using Position = std::pair<std::uint32_t, std::uint64_t>;  // Partition, position.
  using Requests = std::vector<Request>;

  void Saw(const event::v1::EventRecord& event) override;
  void Ran(const std::string& effect_id) override { effects_.insert(effect_id); }

  std::unique_ptr<CrashProcess> Start(FaultDisk& disk);
  bool TellTo(CrashProcess& process);
  // Sends all at the same time. False, and the process has stopped, unless all were acknowledged.
  bool Send(CrashProcess& process, const Requests& requests);
  bool AdvanceTo(CrashProcess& process, absl::Duration since_beginning);
  void CheckStopped(CrashProcess& process);

  // Of a process that has recovered, before anything moves.
  void CheckRecovered(CrashProcess& process);
  void CheckLog(CrashProcess& process, std::uint32_t partition);
  void CheckSeen(CrashProcess& process);
  void CheckStates(CrashProcess& process);
  void CheckRepetitions(CrashProcess& process);
  void CheckEnd(CrashProcess& process);
  // Counters as they follow from the log alone.
  std::map<std::string, testing::Counter::State> FoldLog(CrashProcess& process);

  void Fail(std::string violation) {
    if (violation_.empty()) violation_ = std::move(violation);
  }

  const Mutations mutations_;
  ManualClock clock_{absl::FromUnixSeconds(1'500'000'000)};
  const absl::Time beginning_ = clock_.Now();
  std::map<std::string, Request> acknowledged_;  // By request id.
  std::map<Position, std::string> seen_;         // By the feed: public events as bytes.
  std::set<std::string> effects_;                // That ran, by id.
  std::set<std::string> stored_requests_;        // As found in the logs.
  std::set<std::string> stored_effects_;
  std::string violation_;
};

}  // namespace souk::crash
