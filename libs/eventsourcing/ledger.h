// Turns commands into rows: the part of a partition without threads and without waiting.
//
// Commands come in groups. Each sees what those before it did, in its own group and in
// earlier ones, though none of that may be in the store yet; the group's rows are then
// written together. Replay makes the same derived
// rows from the log alone, which is what makes everything but the log a cache.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "libs/base/principal.h"
#include "libs/base/status.h"
#include "libs/eventsourcing/pending_effects.h"
#include "libs/eventsourcing/staged_events.h"
#include "libs/eventsourcing/state_cache.h"
#include "libs/eventsourcing/stored_state.h"
#include "libs/eventsourcing/unit.h"
#include "libs/eventstore/event_log.h"
#include "libs/storage/store.h"
#include "souk/engine/v1/engine.pb.h"
#include "souk/event/v1/event_record.pb.h"

namespace souk {

struct StagedGroup {
  Batch batch;
  std::vector<EffectChange> effects;
  std::uint64_t head = 0;            // The last position once the batch is written.
  std::vector<std::string> records;  // Of the log, up to it, as in the batch.

  // For the ledger: what it has to keep in mind until then.
  struct State {
    CachedState* entry;
    std::uint64_t revision;
  };
  std::vector<State> states;
  std::vector<std::string> requests;
};

class Ledger final : private Unit {
 public:
  enum class Readers {
    kHere,       // Of states, on the thread of the ledger: they get what it works with itself.
    kElsewhere,  // On another: they get copies.
  };

  // The references must outlive the ledger. `incarnation` makes event ids unique.
  Ledger(std::uint32_t partition, std::string_view incarnation, const AggregateTypes& types,
         const Store& store, Readers readers);

  // Continues after `head`, with the effects that wait there.
  void Recover(EventLog::Head head, PendingEffects effects) {
    head_ = std::move(head);
    effects_ = std::move(effects);
  }

  // -- Commands --

  // Starts a group. `now` is for all of it, unless the log has seen a later time.
  void BeginGroup(absl::Time now);

  // Runs `work` as one unit, unless `metadata.request_id` took effect before; then `read`.
  // An error stages nothing. `several` says that work may fail after it has staged events.
  using UnitFunction = absl::FunctionRef<Status(Unit&)>;
  Status Apply(const CommandMetadata& metadata, bool several, UnitFunction work, UnitFunction read);

  // Stages, as the work of a unit, that an effect ended though no event of its aggregate
  // says so. Does nothing when it has ended already.
  void EndEffect(const std::string& name, std::string_view effect_id, std::string_view failure);

  // The state of an aggregate without what is not durable yet.
  StatusOr<std::shared_ptr<const google::protobuf::Message>> ShareCommitted(std::string_view aggregate,
                                                                            std::string_view id);

  // What has been staged since BeginGroup. Others may be staged before it is committed.
  StagedGroup TakeGroup();
  // The rows of the group are in the store. Groups are committed in their order.
  void GroupCommitted(const StagedGroup& group);

  // -- Replay --

  // Adds to `batch` the rows that follow from the next record of the log, to the states that
  // were before it, whatever else the store has. Write the batch and call ReplayWritten before
  // memory fills up, but only after the last record of a unit (record.following() == 0). After
  // an error one may go on, without what that record did.
  Status Replay(const event::v1::EventRecord& record, Batch& batch);
  void ReplayWritten() { cache_.DropOld(); }
  // Those that wait after what was replayed.
  PendingEffects TakeEffects() { return std::move(effects_); }

  const EventLog::Head& head() const { return head_; }

 private:
  // Unit.
  absl::Time now() const override { return now_; }
  StatusOr<const google::protobuf::MessageLite*> LoadState(std::string_view aggregate,
                                                           std::string_view id) override;
  StatusOr<std::shared_ptr<const google::protobuf::Message>> ShareState(std::string_view aggregate,
                                                                        std::string_view id) override;
  Status Stage(std::string_view aggregate, std::string_view id,
               const google::protobuf::Message& event) override;

  // `revision_max`: of what is folded from the store, should it not be in memory.
  StatusOr<CachedState*> Load(std::string_view aggregate, std::string_view id,
                              std::uint64_t revision_max = kAllRevisions);
  // True when the request took effect before. INVALID_ARGUMENT when it had other content.
  StatusOr<bool> IsRepetition(const CommandMetadata& metadata) const;

  Status ReplayEvent(const event::v1::EventRecord& record, Batch& batch);
  void BeginUnit(const CommandMetadata* metadata, bool several);
  void Touch(CachedState& entry);
  // Folds one event into state, snapshots and reactions.
  void Fold(CachedState& entry, const google::protobuf::Message& event, const event::v1::EventRecord& record);
  // Stages everything that follows from the unit's events but the log itself.
  void StageDerived(const event::v1::EventRecord& first, Batch& batch);
  void StageIndex(CachedState& entry, Batch& batch);
  void StageStreamRow(const event::v1::EventRecord& record, Batch& batch) const;
  void FinishUnit();
  void UndoUnit();
  // Folds the state of `entry` anew, as it was at an earlier revision.
  Status Refold(CachedState& entry, std::uint64_t revision);

  const std::uint32_t partition_;
  const std::uint64_t entropy_;
  const AggregateTypes& types_;
  const Store& store_;
  const Readers readers_;

  EventLog::Head head_;  // Of what has been staged.
  StateCache cache_;
  PendingEffects effects_;

  // The group under way.
  absl::Time now_;
  StagedGroup group_;
  // Of requests that are staged and not committed; to fingerprints.
  absl::flat_hash_map<std::string, std::uint64_t> staged_requests_;

  // The unit under way.
  struct Undo {
    CachedState* entry;
    std::uint64_t revision;
    SnapshotAge snapshot_age;
  };
  const CommandMetadata* metadata_ = nullptr;
  bool several_ = false;
  StagedEvents events_;
  std::vector<CachedState*> touched_;
  std::vector<Undo> undo_;
  std::vector<std::pair<std::string, std::string>> snapshots_;
  std::vector<EffectChange> effect_changes_;
};

}  // namespace souk
