#include "libs/eventsourcing/stored_state.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <optional>

#include "libs/eventstore/event_log.h"
#include "libs/eventstore/keys.h"
#include "souk/engine/v1/engine.pb.h"

namespace souk {

using engine::v1::Snapshot;
using google::protobuf::Message;
using google::protobuf::MessageLite;

std::string SerializeDeterministic(const MessageLite& message) {
  std::string bytes;
  bytes.reserve(message.ByteSizeLong());
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

StatusOr<StoredState> FoldStored(const Store& store, std::uint32_t partition, const AggregateType& type,
                                 std::string_view id, Message& state, std::uint64_t revision_max) {
  StoredState result;
  if (revision_max == 0) return result;
  // Most that are asked for without being in memory are new: so that comes first.
  ASSIGN_OR_RETURN(
      const std::optional<std::string> first,
      store.Get(ColumnFamily::kStreams, keys::StreamEvent(partition, type.name(), id, /*revision=*/1)));
  if (!first.has_value()) return result;
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   store.Get(ColumnFamily::kSnapshots, keys::Snapshot(partition, type.name(), id)));
  if (stored.has_value()) {
    Snapshot snapshot;
    if (snapshot.ParseFromString(*stored) && snapshot.state_version() == type.state_version() &&
        snapshot.revision() <= revision_max && state.ParseFromString(snapshot.state())) {
      result.revision = snapshot.revision();
      result.snapshot_age.Renew(snapshot.state().size());
    } else {
      state.Clear();  // Of another schema, or too new: fold from the first event.
    }
  }
  Status folded;
  const auto fold = [&](const StoredEvent& event) {
    if (result.revision == revision_max) return false;
    if (event.revision != ++result.revision) {
      folded = DataLoss("event %d of %s is missing", result.revision, type.name());
      return false;
    }
    folded = type.Fold(state, event.payload);
    result.snapshot_age.Add(event.payload.size());
    return folded.ok();
  };
  RETURN_IF_ERROR(EventLog(store, partition).ReadStreamEvents(type.name(), id, result.revision, fold));
  RETURN_IF_ERROR(folded);
  return result;
}

}  // namespace souk
