// What operators do about a disk: they take a backup of it at rest, and later, when it is lost,
// start what the backup has. Should more have been published since, the store must refuse to
// start on it, and is made again from the topics of its log.
#include <memory>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/messaging/cloud_event.h"
#include "libs/messaging/log_restore.h"
#include "tests/simulation/audited_broker.h"
#include "tests/simulation/machine.h"

namespace souk::simulation {
namespace {

constexpr char kKept[] = "L-10 a disk that was lost is made again, and nothing older starts";
constexpr absl::Duration kTryAgain = absl::Seconds(1);

Machine::DiskImage ImageOf(SimDisk& disk) {
  Machine::DiskImage image;
  for (const ColumnFamily family : kColumnFamilies) image[family] = disk.rows(family);
  return image;
}

}  // namespace

void Machine::TakeBackup() {
  if (!serving() || paused() || restoring()) return;
  Kill(/*power_failure=*/false);
  stage_.history.Count("operator", "backup taken");
  stage_.history.Note(service(), "is backed up");
  backup_ = ImageOf(disk_);
  backup_heads_ = Heads();
  Boot();
}

std::vector<std::uint64_t> Machine::Heads() const {
  std::vector<std::uint64_t> heads;
  for (std::uint32_t i = 0; i < partitions(); ++i) heads.push_back(witness_.durable_head(i));
  return heads;
}

void Machine::LoseDisk() {
  if (!backup_.has_value() || !serving() || paused() || restoring()) return;
  Kill(/*power_failure=*/false);
  bool whole = true;
  for (std::uint32_t i = 0; i < partitions(); ++i) {
    whole &= stage_.kafka.Committed({LogTopic(service()), i}).size() == witness_.durable_head(i);
  }
  if (!whole) {  // Nobody parts with a disk that has what is nowhere else.
    stage_.history.Count("operator", "disk kept, for its topics are behind");
    return Boot();
  }
  stage_.history.Note(service(), "has lost its disk; the backup is put in its place");
  lost_ = ImageOf(disk_);
  for (const ColumnFamily family : kColumnFamilies) disk_.rows(family) = backup_->at(family);
  Boot();
}

void Machine::StartedOnBackup() {
  if (backup_heads_ != Heads()) {
    stage_.history.Fail(kKept, service() + " starts on a backup that is older than its topics");
  }
  stage_.history.Count("operator", "backup of the last state restored");
  lost_.reset();
}

void Machine::RefusedBackup() {
  stage_.history.Count("operator", "older backup refused");
  filling_ = true;
  stage_.scheduler.Post([this] {
    Kill(/*power_failure=*/false);
    filling_tasks_.Spawn(FillFromKafka());
  });
}

Task<> Machine::FillFromKafka() {
  disk_.SetObserver(nullptr);  // It knows all of this.
  Status filled = Unavailable("not begun");
  // A broker or a disk failed: the operator begins again.
  while (absl::IsUnavailable(filled) || absl::IsInternal(filled)) {
    for (const ColumnFamily family : kColumnFamilies) disk_.rows(family).clear();
    SimProcess process(stage_.scheduler);
    AuditedBroker broker(stage_, witness_, process);
    SimStore store(stage_.scheduler, process, disk_);
    LogRestore restore(service(), stage_.ids.NewId(), broker);
    filled = co_await restore.Begin();
    if (filled.ok()) filled = co_await restore.Fill(store, [](std::uint64_t) {});
    disk_.Kill();
    if (!filled.ok()) co_await Sleep(stage_.scheduler, kTryAgain);
  }
  if (stage_.Has(Mutant::kRestoreForgets) && !disk_.rows(ColumnFamily::kLog).empty()) {
    disk_.rows(ColumnFamily::kLog).erase(std::prev(disk_.rows(ColumnFamily::kLog).end()));
  }
  disk_.SetObserver(&witness_);
  if (!filled.ok()) stage_.history.Fail(kKept, service() + ": " + filled.ToString());
  for (const ColumnFamily family : {ColumnFamily::kLog, ColumnFamily::kKeys}) {
    if (disk_.rows(family) == lost_->at(family)) continue;
    stage_.history.Fail(
        kKept, absl::StrFormat("%s: %d rows of %s were lost, %d made again, and they differ", service(),
                               lost_->at(family).size(), NameOf(family), disk_.rows(family).size()));
  }
  stage_.history.Count("operator", "store made again from Kafka");
  lost_.reset();
  filling_ = false;
  Boot();
}

}  // namespace souk::simulation
