// soukctl backup: backups of a running store, and the way back.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "libs/base/status.h"
#include "libs/cli/command_line.h"
#include "tools/soukctl/session.h"

namespace souk::ctl {

// Adds the command `backup`. Parsing it sets `run`, which must outlive `app`.
void AddBackupCommands(CLI::App& app, std::function<Status(Session&)>& run);

struct BackupOptions {
  std::string folder;  // Of the backups.
  std::uint32_t keep = 0;
  std::uint32_t backup = 0;  // Its number; 0: the last.
  std::string data_dir;
  std::string master_key;  // A file; "": none.
};

// Makes a data folder from a backup; needs no store.
Status RestoreBackup(const BackupOptions& options, bool json);
// Brings the master key from the file into a data folder that was made again; without a file
// says, unless in JSON, that it must be brought.
Status PlaceMasterKey(const std::string& file, const std::string& data_dir, bool json);

}  // namespace souk::ctl
