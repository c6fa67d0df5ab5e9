// A store that breaks its promises as a mutant says; see mutation.h.
#pragma once

#include "libs/storage/store.h"
#include "tests/simulation/stage.h"

namespace souk::simulation {

class MutantStore final : public Store {
 public:
  MutantStore(Store& store, Stage& stage) : store_(store), stage_(stage) {}

  StatusOr<std::optional<std::string>> Get(ColumnFamily family, std::string_view key) const override {
    // What a newer version has listened to.
    const bool forgotten =
        stage_.Has(Mutant::kOlderSkips) && family == ColumnFamily::kMeta && key.ends_with("/types");
    if (forgotten) return std::optional<std::string>();
    return store_.Get(family, key);
  }
  Status Scan(ColumnFamily family, const KeyRange& range, Direction direction,
              absl::FunctionRef<bool(std::string_view, std::string_view)> row) const override {
    return store_.Scan(family, range, direction, row);
  }
  Task<Status> Write(Batch batch, Durability durability) override {
    if (stage_.plan.mutant != Mutant::kNone) batch = Break(batch);
    return store_.Write(std::move(batch), durability);
  }

 private:
  double Forgetfulness(const Batch::Entry& entry) const;
  std::string Change(const Batch::Entry& entry) const;
  Batch Break(const Batch& batch) const;

  Store& store_;
  Stage& stage_;
};

}  // namespace souk::simulation
