// Photos as files, named by the SHA-256 of their bytes: the only code of the service
// that touches files. A file is complete or not there. It works on the blocking thread and
// continues on the service's own.
#pragma once

#include <memory>
#include <string>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/runtime/scheduler.h"
#include "services/catalog/media_store.h"

namespace souk::catalog {

class MediaFolder final : public MediaStore {
 public:
  // Makes `folder` if it is missing, and removes what interrupted writes left there. Both
  // schedulers must outlive the store; tasks are started on `scheduler`.
  static StatusOr<std::unique_ptr<MediaFolder>> Open(std::string folder, Scheduler& scheduler,
                                                     Scheduler& blocking);

  Task<Status> Write(std::string sha256, std::string bytes) override;
  Task<Status> Check(std::string sha256) override;
  Task<StatusOr<std::string>> ReadPart(std::string sha256, std::int64_t at, std::int64_t size) override;

 private:
  MediaFolder(std::string folder, Scheduler& scheduler, Scheduler& blocking)
      : folder_(std::move(folder)), scheduler_(scheduler), blocking_(blocking) {}

  const std::string folder_;
  Scheduler& scheduler_;
  Scheduler& blocking_;
};

}  // namespace souk::catalog
