// What RocksDB has to say to humans, in the log of the process.
#pragma once

#include <rocksdb/env.h>

#include <memory>
#include <string>

namespace souk {

// Warnings and errors, each a warning that names the folder of the store: RocksDB takes for an
// error what Souk may know how to bear. Without it RocksDB writes a file of its own, LOG, into
// the store, and where that has no space any more, the second line ends the process (an
// assertion of WritableFileWriter, up to 7.8 at least).
std::shared_ptr<rocksdb::Logger> MakeRocksLog(std::string folder);

}  // namespace souk
