// What an aggregate answers to each of its commands in a state, as a row of letters:
//
//   +  events                     !  FAILED_PRECONDITION     ?  INVALID_ARGUMENT
//   =  nothing to do              -  NOT_FOUND               A  ABORTED
//                                                            E  any other error
//
//   const auto table = CommandTable<Order>(Noon()).Add(PlaceOrder()).Add(Cancel{});
//   CHECK(table.RowOf(placed) == "=+");
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/eventsourcing/aggregate.h"

namespace souk::testing {

template <Aggregate A>
class CommandTable {
 public:
  using State = typename A::State;

  // All commands are given at this time.
  explicit CommandTable(absl::Time now) : now_(now) {}

  template <typename Command>
  CommandTable& Add(Command command) {
    answers_.push_back([command = std::move(command), now = now_](const State& state) {
      const auto events = A::Decide(state, command, now);
      return events.ok() ? (events->empty() ? '=' : '+') : LetterOf(events.status());
    });
    return *this;
  }

  // In the order in which the commands were added.
  std::string RowOf(const State& state) const {
    std::string row;
    for (const auto& answer : answers_) row += answer(state);
    return row;
  }

 private:
  static char LetterOf(const Status& error) {
    if (absl::IsFailedPrecondition(error)) return '!';
    if (absl::IsNotFound(error)) return '-';
    if (absl::IsInvalidArgument(error)) return '?';
    return absl::IsAborted(error) ? 'A' : 'E';
  }

  const absl::Time now_;
  std::vector<std::function<char(const State&)>> answers_;
};

}  // namespace souk::testing
