#include "tools/soukctl/share_folder.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace souk::ctl {

namespace fs = std::filesystem;

StatusOr<std::string> SharedPath(std::string_view name) {
  std::error_code error;
  const char* const chosen = std::getenv("SOUK_SHARE");
  const fs::path share =
      chosen != nullptr
          ? fs::path(chosen)
          : fs::read_symlink("/proc/self/exe", error).parent_path().parent_path() / "share/souk";
  const fs::path path = share / name;
  if (fs::exists(path, error)) return path.string();
  return NotFound("%s is missing; set SOUK_SHARE to share/souk of the release", path.string());
}

}  // namespace souk::ctl
