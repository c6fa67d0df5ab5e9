// A folder for one test, gone with the object.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "libs/base/check.h"

namespace souk {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_((std::filesystem::temp_directory_path() / "souk_test_XXXXXX").string()) {
    SOUK_CHECK(mkdtemp(path_.data()) != nullptr, "cannot make a temporary folder");
  }
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace souk
