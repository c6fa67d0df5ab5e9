// Stored events are kept for ever: bytes that were once written must still mean the same.
// Tables of golden bytes only grow; never change a line of them.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "libs/eventsourcing/aggregate.h"
#include "libs/testing/spec.h"

namespace souk::testing {

// An event as an earlier release has written it, in hexadecimal digits, and what it says in
// the text format of protobuf.
struct Golden {
  const char* bytes;
  const char* text;
};

// Every kind of event of A has its line, reads as it did, is written as it was, and folds.
// Returns the state after all of them.
template <Aggregate A>
typename A::State CheckGolden(const std::vector<Golden>& events) {
  CHECK(static_cast<int>(events.size()) == A::Event::descriptor()->field_count());
  typename A::State state;
  for (const Golden& golden : events) {
    INFO(golden.text);
    const std::string bytes = absl::HexStringToBytes(golden.bytes);
    typename A::Event event;
    REQUIRE(event.ParseFromString(bytes));
    CHECK(event.ShortDebugString() == FromText<typename A::Event>(golden.text).ShortDebugString());
    CHECK(event.SerializeAsString() == bytes);
    A::Evolve(state, event);
  }
  return state;
}

}  // namespace souk::testing
