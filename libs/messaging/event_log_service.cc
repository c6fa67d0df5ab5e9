#include "libs/messaging/event_log_service.h"

#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/hash.h"
#include "libs/base/proto_time.h"
#include "libs/base/strong_id.h"
#include "libs/eventsourcing/rebuild.h"

namespace souk {

using event::v1::EventRecord;
using eventlog::v1::GetStateHashRequest;
using eventlog::v1::GetStateHashResponse;
using eventlog::v1::GetStatusRequest;
using eventlog::v1::GetStatusResponse;
using eventlog::v1::PartitionStatus;
using eventlog::v1::ReadEventsRequest;
using eventlog::v1::ReadEventsResponse;
using eventlog::v1::ReadStreamRequest;
using eventlog::v1::ReadStreamResponse;
using eventlog::v1::VerifyLogRequest;
using eventlog::v1::VerifyLogResponse;
using google::protobuf::io::CodedOutputStream;

namespace {

// Bounds of one message, which is also the grain of flow control.
constexpr std::uint64_t kRecordsPerMessageMax = 512;
constexpr std::size_t kBytesPerMessageMax = 256 * 1024;

bool Wanted(const ReadEventsRequest& request, const StoredEvent& event) {
  if (!request.aggregate().empty() && event.aggregate != request.aggregate()) return false;
  if (!request.aggregate_id().empty() && event.aggregate_id != request.aggregate_id()) return false;
  return request.types().empty() ||
         std::find(request.types().begin(), request.types().end(), event.type) != request.types().end();
}

// Adds to `response`, a ReadEventsResponse as bytes, an event that is one already.
void AddEvent(std::string_view event, std::string& response) {
  constexpr std::uint32_t kBytesField = 2;  // A wire type.
  std::array<std::uint8_t, 10> start;
  std::uint8_t* end = CodedOutputStream::WriteTagToArray(
      ReadEventsResponse::kEventsFieldNumber << 3 | kBytesField, start.data());
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(event.size()), end);
  response.append(reinterpret_cast<const char*>(start.data()), static_cast<std::size_t>(end - start.data()));
  response.append(event);
}

// Adds what the request wants to see of the entries after `position`, up to `limit` or as many as one
// message may have. Moves `position` on.
Status AddEvents(const ReadEventsRequest& request, const EventLog& log, PublicTail& tail, std::uint64_t limit,
                 std::uint64_t& position, std::string& response) {
  const auto add = [&](const StoredEvent& event, std::string_view bytes) {
    if (!bytes.empty() && Wanted(request, event)) AddEvent(bytes, response);
    return ++position < limit && response.size() < kBytesPerMessageMax;
  };
  if (request.view() == ReadEventsRequest::VIEW_STORED) {
    return log.ReadAfter(position, [&](const EventRecord&, std::string_view stored) {
      StoredEvent event;
      return event.Parse(stored) && add(event, stored);
    });
  }
  return tail.ReadAfter(position,
                        [&](const PublicTail::Entry& entry) { return add(entry.event, entry.bytes); });
}

// OK when the log is the one that a reader has read up to a position; `hash` is of the entry there,
// or empty.
Status CheckIsTheSame(const Partition& partition, std::uint64_t position, const std::string& hash) {
  if (!hash.empty() && hash.size() != kSha256Bytes) {
    return InvalidField("after_hash", "must be a checkpoint_hash");
  }
  if (position > partition.head()) {
    return WithReason(
        absl::OutOfRangeError("the log ends before this position: it was restored to an older state"),
        "POSITION_BEYOND_END");
  }
  if (hash.empty() || position == 0) return OkStatus();
  ASSIGN_OR_RETURN(const std::string found, partition.log().HashAt(position));
  if (found == hash) return OkStatus();
  return Rejected("LOG_DIVERGED", {},
                  "position %d of the log is not what was read there: the log was restored to an older state "
                  "and continued; restore the services to one moment",
                  position);
}

}  // namespace

void EventLogService::Add(Engine& engine, std::vector<const Consumer*> consumers, Publications publications) {
  served_[engine.options().service] = {&engine, std::move(consumers), std::move(publications), {}};
}

void EventLogService::AddTo(rpc::Router& router) {
  router.Add<&EventLogService::ReadEvents>(*this, rpc::kServices | rpc::kOperators);
  router.Add<&EventLogService::ReadStream>(*this, rpc::kOperators);
  router.Add<&EventLogService::GetStatus>(*this, rpc::kServices | rpc::kOperators);
  router.Add<&EventLogService::GetStateHash>(*this, rpc::kOperators);
  router.Add<&EventLogService::VerifyLog>(*this, rpc::kOperators);
}

StatusOr<EventLogService::Served*> EventLogService::Find(const std::string& service) {
  if (service.empty() && served_.size() == 1) return &served_.begin()->second;
  const auto it = served_.find(service);
  if (it != served_.end()) return &it->second;
  std::string names;
  for (const auto& [name, served] : served_) names += (names.empty() ? "" : ", ") + name;
  return InvalidField("service", "must be one of " + names);
}

PublicTail& EventLogService::Served::TailOf(std::uint32_t partition) {
  return tails.try_emplace(partition, *engine, engine->partition(partition).log()).first->second;
}

StatusOr<std::vector<const EventLogService::Served*>> EventLogService::Select(const std::string& service) {
  std::vector<const Served*> selected;
  for (const auto& [name, served] : served_) {
    if (service.empty() || service == name) selected.push_back(&served);
  }
  if (selected.empty()) return Find(service).status();
  return selected;
}

Task<Status> EventLogService::ReadEvents(rpc::CallContext call, ReadEventsRequest request,
                                         rpc::Writer<ReadEventsResponse> out) {
  Served* const served = co_await Try(Find(request.service()));
  Engine* const engine = served->engine;
  if (request.partition() >= engine->options().partitions)
    co_return InvalidField("partition", "does not exist");
  if (!ReadEventsRequest::View_IsValid(request.view())) co_return InvalidField("view", "is unknown");
  if (request.view() == ReadEventsRequest::VIEW_STORED && !call.principal.IsOperator()) {
    co_return absl::PermissionDeniedError("stored events are for operators; read the public ones");
  }
  Partition& partition = engine->partition(request.partition());
  PublicTail& tail = served->TailOf(request.partition());
  std::uint64_t position = request.after_position();
  co_await Try(CheckIsTheSame(partition, position, request.after_hash()));
  for (bool first = true;; first = false) {
    std::string response;
    ReadEventsResponse end;
    const std::uint64_t head = partition.head();
    const std::uint64_t limit = std::min(head, position + kRecordsPerMessageMax);
    if (position < limit) {
      co_await Try(AddEvents(request, partition.log(), tail, limit, position, response));
      end.set_checkpoint_hash(co_await Try(tail.HashAt(position)));
    }
    end.set_checkpoint(position);
    end.set_head(head);
    end.AppendToString(&response);
    const bool progress = limit > request.after_position() || first;
    if (progress) co_await Try(out.Write(std::move(response)));
    request.set_after_position(position);
    if (position < partition.head()) continue;
    if (!request.live()) co_return OkStatus();
    while (partition.head() == position) {
      if (out.cancelled()) co_return absl::CancelledError("the reader has gone");
      co_await partition.AwaitHead(position, engine->scheduler().Now() + look_again_);
    }
  }
}

Task<StatusOr<ReadStreamResponse>> EventLogService::ReadStream(rpc::CallContext, ReadStreamRequest request) {
  Engine* const engine = (co_await Try(Find(request.service())))->engine;
  co_await Try(CheckId("aggregate", request.aggregate()));
  co_await Try(CheckId("aggregate_id", request.aggregate_id()));
  ReadStreamResponse response;
  for (std::uint32_t i = 0; i < engine->options().partitions; ++i) {
    std::vector<EventRecord> events =
        co_await Try(engine->ReadStream(request.aggregate(), request.aggregate_id(), i));
    for (EventRecord& event : events) *response.add_events() = std::move(event);
  }
  if (response.events().empty()) co_return NotFound("no such %s", request.aggregate());
  co_return response;
}

Task<StatusOr<GetStatusResponse>> EventLogService::GetStatus(rpc::CallContext, GetStatusRequest request) {
  GetStatusResponse response;
  for (const Served* served : co_await Try(Select(request.service()))) {
    for (std::uint32_t i = 0; i < served->engine->options().partitions; ++i) {
      const Partition& partition = served->engine->partition(i);
      PartitionStatus& status = *response.add_partitions();
      status.set_service(served->engine->options().service);
      status.set_partition(i);
      status.set_head(partition.head());
      if (partition.head() > 0) *status.mutable_record_time() = ToProto(partition.record_time());
      status.set_pending_effects(partition.effects().pending());
      status.set_commands(partition.commands());
      if (served->publications) {
        for (eventlog::v1::PublicationStatus& one : served->publications(i)) {
          *status.add_publications() = std::move(one);
        }
      }
      if (i > 0) continue;  // Feeds belong to the service, not to a partition.
      for (const Consumer* consumer : served->consumers) {
        for (std::size_t p = 0; p < consumer->checkpoints().size(); ++p) {
          eventlog::v1::FeedStatus& feed = *status.add_feeds();
          feed.set_source(consumer->source() + "/" + std::to_string(p));
          feed.set_checkpoint(consumer->checkpoints()[p]);
          feed.set_dead_letters(consumer->dead_letters());
        }
      }
    }
  }
  co_return response;
}

Task<StatusOr<GetStateHashResponse>> EventLogService::GetStateHash(rpc::CallContext,
                                                                   GetStateHashRequest request) {
  GetStateHashResponse response;
  for (const Served* served : co_await Try(Select(request.service()))) {
    std::string hash = co_await Try(StateHash(served->engine->store()));
    auto& entry = *response.add_hashes();
    entry.set_service(served->engine->options().service);
    entry.set_sha256(std::move(hash));
  }
  co_return response;
}

Task<StatusOr<VerifyLogResponse>> EventLogService::VerifyLog(rpc::CallContext, VerifyLogRequest request) {
  VerifyLogResponse response;
  for (const Served* served : co_await Try(Select(request.service()))) {
    for (std::uint32_t i = 0; i < served->engine->options().partitions; ++i) {
      const StatusOr<std::uint64_t> checked = served->engine->partition(i).log().Verify();
      auto& entry = *response.add_verifications();
      entry.set_service(served->engine->options().service);
      entry.set_partition(i);
      if (checked.ok()) entry.set_entries(*checked);
      if (!checked.ok()) entry.set_problem(std::string(checked.status().message()));
    }
  }
  co_return response;
}

}  // namespace souk
