// Where the catalogue's photos lie in a simulated world. It never fails: photos as files
// have tests of their own.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "services/catalog/module.h"

namespace souk::simulation {

class PhotoBox final : public catalog::MediaStore {
 public:
  using Photos = std::map<std::string, std::string>;
  explicit PhotoBox(std::shared_ptr<Photos> photos) : photos_(std::move(photos)) {}

  Task<Status> Write(std::string sha256, std::string bytes) override {
    photos_->insert_or_assign(std::move(sha256), std::move(bytes));
    co_return OkStatus();
  }
  Task<Status> Check(std::string sha256) override {
    co_return photos_->contains(sha256) ? OkStatus() : DataLoss("no photo %s", sha256);
  }
  Task<StatusOr<std::string>> ReadPart(std::string sha256, std::int64_t at, std::int64_t size) override {
    const auto it = photos_->find(sha256);
    if (it == photos_->end()) co_return DataLoss("no photo %s", sha256);
    co_return it->second.substr(static_cast<std::size_t>(at), static_cast<std::size_t>(size));
  }

 private:
  const std::shared_ptr<Photos> photos_;
};

// All processes of the catalogue in one world have the same photos.
inline catalog::OpenMediaStore PhotoBoxOpener() {
  return [photos = std::make_shared<PhotoBox::Photos>()](
             const ModuleContext&) -> StatusOr<std::unique_ptr<catalog::MediaStore>> {
    return std::make_unique<PhotoBox>(photos);
  };
}

}  // namespace souk::simulation
