// An aggregate is a type with three types and up to four families of functions:
//
//   struct Order {
//     static constexpr const char* kName = "order";        // Stable: it is in every event.
//     using Id = StrongId<Order>;
//     using State = v1::OrderState;                        // Protobuf messages; no map fields.
//     using Event = v1::OrderEvent;                        // One oneof, called `kind`.
//
//     static StatusOr<Events> Decide(const State&, const SomeCommand&, absl::Time now);
//     static void Evolve(State& state, const Event& event);            // Total: never fails.
//
//     // Optional:
//     static constexpr std::uint32_t kStateVersion = 2;    // Raise it when State or Index changes.
//     static void Index(const Id&, const State&, IndexRows& rows);     // What queries see.
//     static void React(const Id&, const State&, const Event&, absl::Time now, Reactions&);
//     static std::string PartitionKey(const Id&);          // Who must live together.
//   };
//
// All of it is pure: no I/O, no clock, no randomness, no configuration; what a decision
// needs comes in the command. `now` is the record time of the events it makes.
//
// Index rows are a function of the state: the engine keeps the difference. React tells
// what must happen because of an event, given the state after it: effects (something to
// do outside) and timers (an effect that is due later). Both are stored with the event.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"

namespace souk {

struct IndexRow {
  std::string index;  // Its name, such as "orders_by_seller".
  std::string key;    // Unique within the index; sorts as queries want to read.
  std::string value;  // A serialised message, or nothing.

  friend bool operator==(const IndexRow&, const IndexRow&) = default;
};

class IndexRows {
 public:
  void Add(std::string index, std::string key, std::string value = "") {
    rows_.push_back({std::move(index), std::move(key), std::move(value)});
  }
  const std::vector<IndexRow>& rows() const { return rows_; }
  std::vector<IndexRow> Take() { return std::move(rows_); }

 private:
  std::vector<IndexRow> rows_;
};

// An effect to start. `kind` names the handler, `key` tells several of one kind apart.
struct EffectIntent {
  std::string kind;
  std::string key;
  std::string payload;
  absl::Time due = absl::InfinitePast();  // Not before; a timer has a later one.
};

class Reactions {
 public:
  // Starts an effect; one of the same kind and key that still waits is replaced.
  void Start(EffectIntent intent) { start_.push_back(std::move(intent)); }

  // The effect is done or not needed any more. Nothing happens when there is none.
  void Cancel(std::string kind, std::string key = "") {
    cancel_.push_back({.kind = std::move(kind), .key = std::move(key)});
  }

  const std::vector<EffectIntent>& started() const { return start_; }
  const std::vector<EffectIntent>& cancelled() const { return cancel_; }

 private:
  std::vector<EffectIntent> start_;
  std::vector<EffectIntent> cancel_;
};

template <typename A>
concept Aggregate =
    std::default_initializable<typename A::State> &&
    requires(typename A::State& state, const typename A::Event& event, const typename A::Id& id) {
      A::Evolve(state, event);
      { id.str() } -> std::convertible_to<std::string>;
      { event.kind_case() };
      { std::string_view(A::kName) };
    };

template <typename A>
concept Indexed = requires(const typename A::Id& id, const typename A::State& state, IndexRows& rows) {
  A::Index(id, state, rows);
};

template <typename A>
concept Reactive =
    requires(const typename A::Id& id, const typename A::State& state, const typename A::Event& event,
             Reactions& reactions) { A::React(id, state, event, absl::Time(), reactions); };

// The string whose hash decides in which partition `id` lives. Aggregates that change
// together in one transaction must have the same.
template <Aggregate A>
std::string PartitionKeyOf(const typename A::Id& id) {
  if constexpr (requires { A::PartitionKey(id); }) {
    return A::PartitionKey(id);
  } else {
    return id.str();
  }
}

template <Aggregate A>
constexpr std::uint32_t StateVersionOf() {
  if constexpr (requires { A::kStateVersion; }) {
    return A::kStateVersion;
  } else {
    return 1;
  }
}

}  // namespace souk
