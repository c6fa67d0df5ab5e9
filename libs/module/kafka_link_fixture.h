// A service with counters in a world with a model of Kafka, and the link of its process.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "libs/messaging/cloud_event.h"
#include "libs/module/kafka_link.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"
#include "libs/testing/counter_service.h"
#include "libs/testing/model_kafka.h"
#include "libs/testing/run_to_end.h"

namespace souk {

inline kafka::TopicPartition CounterEvents(std::uint32_t partition = 0) {
  return {.topic = EventsTopic("counter"), .partition = partition};
}
inline kafka::TopicPartition CounterLog() { return {.topic = LogTopic("counter"), .partition = 0}; }

class LinkWorld {
 public:
  using Overrides = std::vector<std::pair<std::string, std::string>>;
  static config::Settings SettingsWith(Overrides overrides) {
    return *config::Settings::Load(KafkaSettings(),
                                   {.file = "", .environment = {}, .overrides = std::move(overrides)});
  }

  explicit LinkWorld(Overrides overrides = {}, std::uint32_t partitions = 1)
      : settings_(SettingsWith(std::move(overrides))),
        service("counter", scheduler_, clock_, store_, partitions) {
    kafka.MakeTopic(EventsTopic("counter"), partitions);
    kafka.MakeTopic(LogTopic("counter"), partitions);
    kafka.MakeTopic(RowsTopic("counter"), 1);
    Connect();
    Do(service.Start());
  }

  // As a process that was started anew.
  void Connect() {
    link = KafkaLink::On(kafka.Connect(scheduler_), settings_, scheduler_, clock_,
                         "p-" + std::to_string(++processes_), absl::Milliseconds(200));
  }
  template <typename T>
  T Run(Task<T> task) {
    return testing::RunToEnd(scheduler_, std::move(task));
  }
  void Do(Task<Status> task) {
    const Status status = Run(std::move(task));
    INFO(status.ToString());
    REQUIRE(status.ok());
  }
  void Until(const std::function<bool()>& done) { testing::RunUntil(scheduler_, done); }
  void For(absl::Duration duration) {
    const absl::Time end = scheduler_.Now() + duration;
    bool over = false;
    scheduler_.PostAt(end, [&over] { over = true; });
    Until([&over] { return over; });
  }
  Task<Status> Abort(kafka::TopicPartition target) {
    const std::unique_ptr<kafka::Broker> broker = kafka.Connect(scheduler_);
    const auto writer = broker->NewWriter({.transactional_id = "other", .target = std::move(target)});
    co_await Try(writer->Fence());
    co_await Try(writer->Send({{.key = "k", .value = "v", .headers = {}}}));
    co_return co_await writer->Abort();
  }
  bool IsPublished() const { return link->SettledPosition("counter", 0).has_value(); }
  Scheduler& scheduler() { return scheduler_; }

 private:
  const config::Settings settings_;
  SimScheduler scheduler_{7};
  ManualClock clock_{absl::FromUnixSeconds(1'500'000'000)};
  MemoryStore store_;
  int processes_ = 0;

 public:
  testing::ModelKafka kafka{scheduler_};
  testing::CounterService service;
  std::unique_ptr<KafkaLink> link;
};

}  // namespace souk
