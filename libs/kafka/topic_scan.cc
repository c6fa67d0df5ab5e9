#include "libs/kafka/topic_scan.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace souk::kafka {
namespace {

// How far to look back at first; then twice as far, and so on.
constexpr std::int64_t kFirstLookBack = 32;

// A stretch that is read through rather than halved again.
constexpr std::int64_t kShortStretch = 256;

// The last committed record in [from, end); nothing when there is none.
Task<StatusOr<std::optional<StoredRecord>>> LastBetween(Broker& broker, TopicPartition of, std::int64_t from,
                                                        std::int64_t end) {
  const std::unique_ptr<TopicReader> reader = broker.NewReader(std::move(of), from);
  std::optional<StoredRecord> last;
  for (;;) {
    Fetched fetched = co_await Try(reader->Next());
    for (StoredRecord& record : fetched.records) {
      if (record.offset < end) last = std::move(record);
    }
    if (fetched.at_end || fetched.next_offset >= end) co_return last;
  }
}

// The first committed record from `from` on; nothing when there is none.
Task<StatusOr<std::optional<StoredRecord>>> FirstFrom(Broker& broker, TopicPartition of, std::int64_t from) {
  const std::unique_ptr<TopicReader> reader = broker.NewReader(std::move(of), from);
  for (;;) {
    Fetched fetched = co_await Try(reader->Next());
    if (!fetched.records.empty()) co_return std::optional(std::move(fetched.records.front()));
    if (fetched.at_end) co_return std::optional<StoredRecord>();
  }
}

}  // namespace

Task<StatusOr<std::optional<StoredRecord>>> ReadLast(Broker& broker, TopicPartition of) {
  const OffsetRange range = co_await Try(broker.Offsets(of));
  std::int64_t end = range.end;
  for (std::int64_t length = kFirstLookBack; end > range.begin; length *= 2) {
    const std::int64_t from = std::max(range.begin, end - length);
    std::optional<StoredRecord> last = co_await Try(LastBetween(broker, of, from, end));
    if (last.has_value()) co_return last;
    end = from;
  }
  co_return std::optional<StoredRecord>();
}

Task<StatusOr<std::int64_t>> FindOffset(Broker& broker, TopicPartition of,
                                        std::function<bool(const Record&)> is_past) {
  OffsetRange range = co_await Try(broker.Offsets(of));
  while (range.end - range.begin > kShortStretch) {
    const std::int64_t middle = range.begin + (range.end - range.begin) / 2;
    const std::optional<StoredRecord> record = co_await Try(FirstFrom(broker, of, middle));
    if (record.has_value() && is_past(record->record)) {
      range.begin = record->offset + 1;
    } else {
      range.end = middle;
    }
  }
  co_return range.begin;
}

}  // namespace souk::kafka
