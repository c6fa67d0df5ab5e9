#include "libs/storage/rocks_log.h"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <utility>

#include "libs/telemetry/log.h"

namespace souk {
namespace {

class RocksLog final : public rocksdb::Logger {
 public:
  explicit RocksLog(std::string folder)
      : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), folder_(std::move(folder)) {}

  // RocksDB asks for its headers whatever the level, which are 90 KB of options at each start.
  void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level >= GetInfoLogLevel() && level != rocksdb::InfoLogLevel::HEADER_LEVEL) Logv(format, arguments);
  }

  void Logv(const char* format, va_list arguments) override {
    std::array<char, 1024> line{};  // Longer ones are cut.
    std::vsnprintf(line.data(), line.size(), format, arguments);
    std::string text = line.data();
    text.erase(text.find_last_not_of(" \n") + 1);
    telemetry::Log(telemetry::Level::kWarning, "RocksDB warns",
                   {{"store", folder_}, {"text", std::move(text)}});
  }

 private:
  const std::string folder_;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> MakeRocksLog(std::string folder) {
  return std::make_shared<RocksLog>(std::move(folder));
}

}  // namespace souk
