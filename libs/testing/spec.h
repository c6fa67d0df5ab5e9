#pragma once

#include <google/protobuf/text_format.h>

#include <catch2/catch.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/eventsourcing/aggregate.h"

namespace souk::testing {

// The moment at which scenarios take place unless they say otherwise: a Monday, at noon UTC.
inline absl::Time Noon() {
  return absl::FromCivil(absl::CivilSecond(2026, 3, 2, 12, 0, 0), absl::UTCTimeZone());
}

// A protobuf message from its text format.
template <typename Message>
Message FromText(std::string_view text) {
  Message message;
  INFO(text);
  REQUIRE(google::protobuf::TextFormat::ParseFromString(std::string(text), &message));
  return message;
}

// One scenario of an aggregate, in the form
//
//   Spec<Order>().At(time).Given({events}).When(command).Then({events});
//
// Events are protobuf text. Then compares the complete list, and every success is checked
// for idempotence: the same command on the new state fails or adds nothing. A command that
// is meant to add each time says Repeatable().
template <Aggregate A>
class Spec {
 public:
  using Event = typename A::Event;
  using State = typename A::State;

  explicit Spec(const char* file = __builtin_FILE(), int line = __builtin_LINE())
      : file_(file), line_(line) {}

  Spec& At(absl::Time now) {
    now_ = now;
    return *this;
  }
  Spec& Repeatable() {
    repeatable_ = true;
    return *this;
  }

  Spec& Given(std::initializer_list<std::string_view> history) {
    for (const std::string_view text : history) A::Evolve(state_, FromText<Event>(text));
    return *this;
  }
  Spec& Given(const std::vector<Event>& history) {
    for (const Event& event : history) A::Evolve(state_, event);
    return *this;
  }

  template <typename Command>
  Spec& When(const Command& command) {
    result_ = A::Decide(std::as_const(state_), command, now_);
    if (!result_.ok()) return *this;
    for (const Event& event : *result_) A::Evolve(state_, event);
    again_ = A::Decide(std::as_const(state_), command, now_);
    return *this;
  }

  // Returns the state afterwards, for further checks.
  const State& Then(std::initializer_list<std::string_view> expected) {
    INFO(file_ << ":" << line_);
    INFO(result_.status().ToString());
    REQUIRE(result_.ok());
    std::string want, got;
    for (const std::string_view text : expected) want += FromText<Event>(text).ShortDebugString() + "\n";
    for (const Event& event : *result_) got += event.ShortDebugString() + "\n";
    CHECK(got == want);
    if (!repeatable_) CHECK((!again_.ok() || again_->empty()));
    return state_;
  }

  void ThenFails(absl::StatusCode code, std::string_view reason = "") {
    INFO(file_ << ":" << line_);
    INFO(result_.status().ToString());
    CHECK(result_.status().code() == code);
    if (!reason.empty()) CHECK(Reason(result_.status()) == reason);
  }

  const State& state() const { return state_; }

 private:
  const char* file_;
  int line_;
  absl::Time now_ = Noon();
  bool repeatable_ = false;
  State state_;
  StatusOr<std::vector<Event>> result_;
  StatusOr<std::vector<Event>> again_;
};

}  // namespace souk::testing
