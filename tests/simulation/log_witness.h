// Watches the disk of one service: which events were written, which of them are safe. It
// catches answers that leave too early, and writes the story of the world.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libs/eventsourcing/engine.h"
#include "libs/storage/sim_disk.h"
#include "souk/event/v1/event_record.pb.h"
#include "tests/simulation/stage.h"

namespace souk::simulation {

class LogWitness final : public DiskObserver {
 public:
  // `failed` is called when the disk fails the service's process.
  LogWitness(std::string service, Stage& stage, std::function<void()> failed)
      : service_(std::move(service)), stage_(stage), failed_(std::move(failed)) {}

  void Appended(const Batch& batch) override;
  void Durable(const Batch& batch) override;
  void Lost(const Batch& batch) override;
  void Failed() override { failed_(); }

  // Called once, when something is being written; null: nothing is.
  void OnNextWrite(std::function<void()> call) { on_next_write_ = std::move(call); }

  // An answer of OK to this request leaves the service.
  void Acknowledged(const std::string& request_id);
  // Someone is shown the event at `position`.
  void Shown(std::uint32_t partition, std::uint64_t position, std::string_view to);

  // How events look outside; until it is known none does.
  void SetMapping(Engine::PublicMapping mapping) { mapping_ = std::move(mapping); }
  struct Published {
    std::string type;
    std::string event_id;
  };
  using Entries = std::map<std::uint64_t, Published>;  // By position.
  // The public events of a partition, and all of its events.
  const Entries& published(std::uint32_t partition) { return published_[partition]; }
  const Entries& entries(std::uint32_t partition) { return entries_[partition]; }
  // How far `reader` was brought a partition.
  std::uint64_t& brought(const std::string& reader, std::uint32_t partition) {
    return brought_[{reader, partition}];
  }

  // `reader` has dealt with an event of this log.
  void Handled(const std::string& reader, std::uint32_t partition, std::uint64_t position) {
    handled_[{reader, partition}].insert(position);
  }
  const std::set<std::uint64_t>& handled(const std::string& reader, std::uint32_t partition) {
    return handled_[{reader, partition}];
  }

  std::uint64_t durable_head(std::uint32_t partition) const;
  // The position of the last public event.
  std::uint64_t published_head(std::uint32_t partition) const;
  // Requests that were answered with OK when they had an event.
  const std::set<std::string>& acknowledged() const { return acknowledged_; }
  std::int64_t events() const { return events_; }

 private:
  void Tell(const event::v1::EventRecord& record);

  const std::string service_;
  Stage& stage_;
  const std::function<void()> failed_;
  std::function<void()> on_next_write_;
  std::deque<std::vector<event::v1::EventRecord>> unsynced_;  // One for each batch.
  std::multiset<std::string> unsafe_requests_;
  std::set<std::string> safe_requests_;
  std::set<std::string> acknowledged_;
  std::map<std::uint32_t, std::uint64_t> durable_heads_;
  Engine::PublicMapping mapping_;
  std::map<std::uint32_t, Entries> published_;
  std::map<std::uint32_t, Entries> entries_;
  std::map<std::pair<std::string, std::uint32_t>, std::uint64_t> brought_;
  std::map<std::pair<std::string, std::uint32_t>, std::set<std::uint64_t>> handled_;
  std::map<std::string, std::string> last_types_;  // By aggregate, for coverage.
  std::int64_t events_ = 0;
};

}  // namespace souk::simulation
