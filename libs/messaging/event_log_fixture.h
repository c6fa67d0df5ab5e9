// A process with counters, whose event log is served, and a consumer of it.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/messaging/event_log_service.h"
#include "libs/messaging/local_feed.h"
#include "libs/rpc/local_channel.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/counter_service.h"
#include "libs/testing/run_to_end.h"

namespace souk {

inline constexpr char kReader[] = "service/reader";
inline constexpr char kOperator[] = "operator/o";

class EventLogWorld {
 public:
  explicit EventLogWorld(std::uint32_t partitions = 1)
      : service_("counter", process_, clock_, store_, partitions) {
    consumer_.emplace(subscription_, std::make_unique<LocalFeedSource>("counter", "reader", channel_),
                      process_, clock_, consumer_store_);
    event_logs_.Add(service_.engine(), {&*consumer_}, [this](std::uint32_t) { return publications; });
    event_logs_.AddTo(router_);
    REQUIRE(Run(service_.Start()).ok());
  }

  // Handlers run to their end, when they have noticed that their reader has gone.
  ~EventLogWorld() {
    consumer_.reset();
    while (scheduler_.Step()) {
    }
  }

  // Runs a task to its end.
  template <typename T>
  T Run(Task<T> task) {
    return testing::RunToEnd(scheduler_, std::move(task));
  }

  // Runs until `done` says so.
  template <typename Condition>
  void RunUntil(Condition done) {
    testing::RunUntil(scheduler_, std::move(done));
  }

  void Count(int counters, int times) { REQUIRE(Run(service_.Count(counters, times)).ok()); }

  rpc::Stream<eventlog::v1::ReadEventsResponse> Open(const eventlog::v1::ReadEventsRequest& request,
                                                     std::string_view principal = kReader) {
    return rpc::OpenStream<eventlog::v1::ReadEventsResponse>(channel_, As(principal), request);
  }
  // All messages up to the end.
  StatusOr<std::vector<eventlog::v1::ReadEventsResponse>> Read(const eventlog::v1::ReadEventsRequest& request,
                                                               std::string_view principal = kReader) {
    rpc::Stream<eventlog::v1::ReadEventsResponse> stream = Open(request, principal);
    std::vector<eventlog::v1::ReadEventsResponse> answers;
    for (;;) {
      ASSIGN_OR_RETURN(std::optional<eventlog::v1::ReadEventsResponse> answer, Run(stream.Read()));
      if (!answer.has_value()) return answers;
      answers.push_back(*std::move(answer));
    }
  }
  template <typename Response, typename Request>
  StatusOr<Response> Call(const Request& request, std::string_view principal = kOperator) {
    return Run(rpc::Call<Response>(channel_, As(principal), request));
  }

  // The log as it is stored.
  std::vector<event::v1::EventRecord> Stored() {
    std::vector<event::v1::EventRecord> records;
    REQUIRE(log()
                .ReadAfter(0,
                           [&](const event::v1::EventRecord& record, std::string_view) {
                             records.push_back(record);
                             return true;
                           })
                .ok());
    return records;
  }

  // What is told of publication to Kafka.
  std::vector<eventlog::v1::PublicationStatus> publications;

  testing::CounterService& service() { return service_; }
  const EventLog& log() { return service_.engine().partition(0).log(); }
  std::uint64_t head() { return service_.engine().partition(0).head(); }
  Store& store() { return store_; }
  Subscription& subscription() { return subscription_; }
  Consumer& consumer() { return *consumer_; }

 private:
  static rpc::CallOptions As(std::string_view principal) {
    return {.principal = ParsePrincipal(principal).value()};
  }

  SimScheduler scheduler_{5};
  SimProcess process_{scheduler_};
  ManualClock clock_{absl::FromUnixSeconds(1'000'000)};
  MemoryStore store_, consumer_store_;
  testing::CounterService service_;
  EventLogService event_logs_;
  rpc::Router router_;
  rpc::LocalChannel channel_{router_, process_};
  Subscription subscription_{"counter"};
  std::optional<Consumer> consumer_;
};

}  // namespace souk
