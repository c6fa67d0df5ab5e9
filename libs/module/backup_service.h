// Takes backups of a process's stores while it serves: see backup_service.proto. All stores
// are copied at one moment, so that none has seen what another has not; the copies are
// mostly links, so that commands wait for moments only. The rest happens on a thread of its own.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/backup/backup_folder.h"
#include "libs/base/clock.h"
#include "libs/rpc/router.h"
#include "libs/runtime/scheduler.h"
#include "libs/runtime/strand.h"
#include "libs/storage/rocks_store.h"
#include "souk/admin/v1/backup_service.pb.h"

namespace souk {

class BackupService {
 public:
  // `loop` and `clock` must outlive the service.
  BackupService(std::string data_dir, Scheduler& loop, const Clock& clock);

  // Adds the store of a service, which is in its folder of the data folder. Removes what an
  // interrupted backup left there.
  void Add(const std::string& service, const RocksStore& store);
  void AddTo(rpc::Router& router);

  Task<Status> CreateBackup(rpc::CallContext call, admin::v1::CreateBackupRequest request,
                            rpc::Writer<admin::v1::CreateBackupResponse> out);

 private:
  struct Source {
    std::string service;
    const RocksStore* store;
  };
  std::string CopyFolder(const std::string& service) const;
  // Copies all stores, at one moment.
  StatusOr<BackupSource> CopyStores() const;
  void RemoveCopies() const;

  const std::string data_dir_;
  Scheduler& loop_;
  const Clock& clock_;
  std::vector<Source> sources_;
  bool running_ = false;
  Strand copier_;
};

}  // namespace souk
