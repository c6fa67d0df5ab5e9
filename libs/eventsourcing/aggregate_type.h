// What the engine needs to know of an aggregate when it does not know its type: events and
// states as protobuf messages. Keeps the engine's own code out of templates.
#pragma once

#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "libs/base/status.h"
#include "libs/eventsourcing/aggregate.h"

namespace souk {

class AggregateType {
 public:
  virtual ~AggregateType() = default;

  virtual std::string_view name() const = 0;
  virtual std::uint32_t state_version() const = 0;
  virtual std::shared_ptr<google::protobuf::Message> NewState() const = 0;
  // Decodes an event. DATA_LOSS when this build does not know its kind: nobody may decide
  // on half a history.
  virtual StatusOr<std::unique_ptr<google::protobuf::Message>> ParseEvent(std::string_view bytes) const = 0;
  // Decodes an event that is needed for nothing else, and evolves `state` with it.
  virtual Status Fold(google::protobuf::Message& state, std::string_view event) const = 0;
  virtual void Evolve(google::protobuf::Message& state, const google::protobuf::Message& event) const = 0;
  virtual void Index(std::string_view id, const google::protobuf::Message& state, IndexRows& rows) const = 0;
  virtual void React(std::string_view id, const google::protobuf::Message& state,
                     const google::protobuf::Message& event, absl::Time now, Reactions& reactions) const = 0;

  // "order.placed": the aggregate and the name of the field that is set in `kind`.
  static std::string EventTypeName(std::string_view aggregate, const google::protobuf::Message& event);
};

template <Aggregate A>
class AggregateTypeOf final : public AggregateType {
 public:
  using Message = google::protobuf::Message;
  using State = typename A::State;
  using Event = typename A::Event;

  std::string_view name() const override { return A::kName; }
  std::uint32_t state_version() const override { return StateVersionOf<A>(); }
  std::shared_ptr<Message> NewState() const override { return std::make_shared<State>(); }

  StatusOr<std::unique_ptr<Message>> ParseEvent(std::string_view bytes) const override {
    auto event = std::make_unique<Event>();
    RETURN_IF_ERROR(Parse(bytes, *event));
    return event;
  }

  Status Fold(Message& state, std::string_view bytes) const override {
    alignas(std::max_align_t) char block[kArenaBlockSize];
    google::protobuf::Arena arena(block, sizeof block);
    Event& event = *google::protobuf::Arena::CreateMessage<Event>(&arena);
    RETURN_IF_ERROR(Parse(bytes, event));
    A::Evolve(static_cast<State&>(state), event);
    return OkStatus();
  }

  void Evolve(Message& state, const Message& event) const override {
    A::Evolve(static_cast<State&>(state), static_cast<const Event&>(event));
  }

  void Index(std::string_view id, const Message& state, IndexRows& rows) const override {
    if constexpr (Indexed<A>) A::Index(A::Id::Of(std::string(id)), static_cast<const State&>(state), rows);
  }

  void React(std::string_view id, const Message& state, const Message& event, absl::Time now,
             Reactions& reactions) const override {
    if constexpr (Reactive<A>) {
      A::React(A::Id::Of(std::string(id)), static_cast<const State&>(state), static_cast<const Event&>(event),
               now, reactions);
    }
  }

 private:
  // Enough for most events.
  static constexpr std::size_t kArenaBlockSize = 2048;

  static Status Parse(std::string_view bytes, Event& event) {
    if (event.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) && event.kind_case() != 0) {
      return OkStatus();
    }
    return DataLoss("an event of %s is of a kind that this build does not know; run a newer one", A::kName);
  }
};

// All aggregates of a service, by name.
class AggregateTypes {
 public:
  void Add(std::unique_ptr<AggregateType> type) {
    std::string name(type->name());
    types_[std::move(name)] = std::move(type);
  }
  // Null when it is not registered.
  const AggregateType* Find(std::string_view name) const {
    const auto it = types_.find(name);
    return it == types_.end() ? nullptr : it->second.get();
  }
  const std::map<std::string, std::unique_ptr<AggregateType>, std::less<>>& all() const { return types_; }

 private:
  std::map<std::string, std::unique_ptr<AggregateType>, std::less<>> types_;
};

}  // namespace souk
