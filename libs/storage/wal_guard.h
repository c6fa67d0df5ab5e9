// Stands between RocksDB and its files. Checks the write-ahead logs when they are about to
// be replayed; see wal_scan.h for what it can tell. And has new logs grow ahead of what is
// written to them, so that a sync has no more to bring to the disk than what was written.
#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace souk {

class WalGuard final : public rocksdb::FileSystemWrapper {
 public:
  // Guards the logs in the folder `path`.
  WalGuard(const std::shared_ptr<rocksdb::FileSystem>& target, std::string path);

  const char* Name() const override { return "SoukWalGuard"; }

  // RocksDB reads logs only to replay them, beginning with the first that it needs: that
  // one and all later ones are checked then. Writes that the power cut short are cut off,
  // and logs behind them emptied, so that what is left has no error at all; other damage
  // fails the call, and with it the opening of the database.
  rocksdb::IOStatus NewSequentialFile(const std::string& file, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext* debug) override;

  // Logs are made longer by kRoom zeros at a time, unless the disk is nearly full when a log
  // begins. What is not used is cut off when the log is closed, or was checked after a crash.
  // More at a time is cheaper on the whole, but one sync has to wait for all of it.
  static constexpr std::size_t kRoom = std::size_t{128} << 10;
  rocksdb::FileOptions OptimizeForLogWrite(const rocksdb::FileOptions& options,
                                           const rocksdb::DBOptions& database) const override;
  rocksdb::IOStatus NewWritableFile(const std::string& file, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* debug) override;

  // From now on logs are read for other reasons, such as copies.
  void Disarm() { checked_ = true; }

  // What was cut off, in words; "" when nothing was.
  const std::string& repair() const { return repair_; }

 private:
  struct Log {
    std::string file;
    std::uint64_t number = 0;
    std::uint64_t size = 0;
    std::uint64_t used = 0;  // What is behind it is room for more.
  };

  rocksdb::IOStatus Check(std::uint64_t first_number);
  rocksdb::IOStatus LogsFrom(std::uint64_t first_number, std::vector<Log>& logs);
  rocksdb::IOStatus ReadAll(Log& log, std::string& bytes);
  rocksdb::IOStatus CutOffRoom(const std::vector<Log>& logs);
  rocksdb::IOStatus CutOff(const Log& log, std::uint64_t size);

  const std::string path_;
  std::string repair_;
  std::atomic<bool> checked_ = false;
};

}  // namespace souk
