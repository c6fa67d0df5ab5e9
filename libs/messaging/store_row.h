// What a service's store has that no log tells, as records of its rows topic: the wrapped keys
// of personal data, how far feeds were consumed, dead letters, and what the store is. With
// the log topic that makes a store again; see log_restore.h.
//
// The topic is compacted: of each row the last record counts, and none without a value. A key
// that was destroyed is gone from the topic when Kafka has compacted it.
//
//   key     "keys/<subject>", "meta/<row>", or "epoch"
//   value   the row's; empty: there is no such row any more
//   header  souk_sequence: grows; souk_epoch: of rows that belong together
//
// Who begins to publish does not know which rows were there before: he begins an epoch, and of
// meta's rows only those of the last epoch count.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "libs/base/status.h"
#include "libs/kafka/broker.h"
#include "libs/storage/store.h"

namespace souk {

// By key of their records.
using StoreRows = std::map<std::string, std::string>;

// The record key of a subject's key.
std::string KeyRowName(std::string_view subject);

// Rows of `meta` that belong on the topic.
StatusOr<StoreRows> ReadMetaRows(const Store& store);

// Where a row's record stands among those of the topic.
struct RowPlace {
  std::uint64_t sequence = 0;
  std::string epoch;
};
kafka::Record ToRowRecord(std::string name, std::string value, const RowPlace& place);
kafka::Record ToEpochRecord(const RowPlace& place);
// DATA_LOSS when the record was not written by these.
StatusOr<RowPlace> ReadRowPlace(const kafka::Record& record);

// Takes the records of a rows topic in order, and says what is left of them.
class RowCollector {
 public:
  Status Add(const kafka::Record& record);
  bool empty() const { return epoch_.empty(); }
  // Adds all rows to a batch.
  void Put(Batch& batch) const;
  // The value of a row of meta; "" when there is none.
  std::string MetaValue(std::string_view row) const;

 private:
  struct Row {
    std::string value;
    std::string epoch;
  };
  bool Counts(std::string_view name, const Row& row) const;

  std::map<std::string, Row, std::less<>> rows_;
  std::string epoch_;
};

}  // namespace souk
