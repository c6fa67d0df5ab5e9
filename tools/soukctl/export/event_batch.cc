#include "tools/soukctl/export/event_batch.h"

#include "libs/base/proto_time.h"

namespace souk::ctl {

bool EventBatch::Add(const event::v1::EventRecord& event) {
  const absl::Time time = FromProto(event.record_time());
  if (time >= selection_.until || time > selection_.as_of) {  // So are all later ones.
    end_ = event.position();
    return false;
  }
  if (time < selection_.since) return true;
  auto known = table_of_.find(event.type());
  if (known == table_of_.end()) {
    known = table_of_.emplace(event.type(), tables_.Find(service_, event)).first;
  }
  if (known->second == nullptr) {
    ++unknown_[event.type()];
    return true;
  }
  if (!AppendRow(selection_.format, *known->second, service_, event, rows_)) {
    status_ = DataLoss("%s: the event at position %d of partition %d is no %s", service_, event.position(),
                       event.partition(), event.type());
    return false;
  }
  ++events_;
  return true;
}

}  // namespace souk::ctl
