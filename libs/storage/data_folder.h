// The folder that keeps everything of a process. One process at a time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "libs/base/status.h"

namespace souk {

class DataFolder {
 public:
  // Makes the folder when it is missing, and holds it until the object is gone.
  // FAILED_PRECONDITION that says who holds it when another process does, or that it has
  // other content. `program` is what others are told.
  static StatusOr<std::unique_ptr<DataFolder>> Open(const std::string& path, std::string_view program);
  // As above, for who only reads: others may read at the same time, and no process can start
  // on it meanwhile. Changes nothing. A copy without the mark of a data folder is fine too.
  static StatusOr<std::unique_ptr<DataFolder>> OpenForReading(const std::string& path);
  ~DataFolder();

  // Opens a folder to make it from something else. FAILED_PRECONDITION when there is anything in
  // it but a master key. Until EndRestore a process that finds it, because the work was cut
  // short, refuses it. After EndRestore all of it is on the disk.
  static StatusOr<std::unique_ptr<DataFolder>> OpenToRestore(const std::string& path,
                                                             std::string_view program);
  Status EndRestore();

  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

 private:
  DataFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  const std::string path_;
  const int lock_;  // -1: none is needed.
};

}  // namespace souk
