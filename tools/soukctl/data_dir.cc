#include "tools/soukctl/data_dir.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "absl/strings/numbers.h"

namespace souk::ctl {

StatusOr<std::vector<std::string>> ServicesIn(const std::string& data_dir) {
  std::vector<std::string> services;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(data_dir, error)) {
    if (std::filesystem::is_directory(entry.path() / "store")) services.push_back(entry.path().filename());
  }
  if (error) return NotFound("cannot read %s: %s", data_dir, error.message());
  if (services.empty()) return NotFound("%s is no data folder of the store", data_dir);
  std::sort(services.begin(), services.end());
  return services;
}

StatusOr<std::uint32_t> PartitionsOf(const std::string& service, const Store& store) {
  ASSIGN_OR_RETURN(const std::optional<std::string> stored, store.Get(ColumnFamily::kMeta, "partitions"));
  std::uint32_t partitions = 0;
  if (!stored.has_value() || !absl::SimpleAtoi(*stored, &partitions)) {
    return DataLoss("%s does not say how many partitions it has", service);
  }
  return partitions;
}

}  // namespace souk::ctl
