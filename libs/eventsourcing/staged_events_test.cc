#include "libs/eventsourcing/staged_events.h"

#include <catch2/catch.hpp>
#include <cstddef>
#include <string>

namespace souk {
namespace {

TEST_CASE("a record is empty, whatever it was used for before") {
  StagedEvents events;
  CachedState entry;
  for (const std::size_t size : {3U, 1U, 100U, 2U}) {
    for (std::size_t i = 0; i < size; ++i) {
      StagedEvents::Event& event = events.Add();
      CHECK(event.record.ByteSizeLong() == 0);
      CHECK(event.entry == nullptr);
      event.record.set_request_id("r-" + std::to_string(i));
      event.record.mutable_record_time()->set_seconds(1);
      event.entry = &entry;
    }
    REQUIRE(events.size() == size);
    for (std::size_t i = 0; i < size; ++i) CHECK(events[i].record.request_id() == "r-" + std::to_string(i));
    events.Clear();
    CHECK(events.empty());
  }
}

}  // namespace
}  // namespace souk
