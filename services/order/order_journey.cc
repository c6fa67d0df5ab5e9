#include "services/order/order_journey.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/proto_time.h"

namespace souk::order {
namespace {

using Step = v1::JourneyStep;
using State = v1::OrderState;

// Which stored events make the steps done, in the order in which a buyer lives them.
struct Chapter {
  const char* name;
  Step::Lane lane;
};
constexpr Chapter kPlaced = {"placed", Step::LANE_BUYER};
constexpr Chapter kPaid = {"paid", Step::LANE_BUYER};
constexpr Chapter kDispatched = {"packed_and_dispatched", Step::LANE_SELLER};
constexpr Chapter kDelivered = {"delivered", Step::LANE_SELLER};
constexpr Chapter kReceived = {"received", Step::LANE_BUYER};
constexpr Chapter kCompleted = {"completed", Step::LANE_SELLER};

class Story {
 public:
  Story(const State& order, std::span<const event::v1::EventRecord> events) : order_(order) {
    journey_.set_order_id(order.snapshot().order_id());
    journey_.set_state(order.state());
    for (const event::v1::EventRecord& record : events) {
      v1::OrderEvent event;
      event.ParseFromString(record.payload());
      told_.emplace_back(&record, std::move(event));
    }
  }

  v1::OrderJourney Tell() {
    const bool cash = order_.snapshot().payment_method() == v1::PAYMENT_METHOD_CASH_ON_DELIVERY;
    Add(kPlaced, {v1::OrderEvent::kPlaced});
    if (!cash) AddPaid();
    Add(kDispatched, {v1::OrderEvent::kDispatched});
    // Who has it already will not wait for the carrier's word.
    if (order_.state() != State::STATE_COMPLETED || Happened(v1::OrderEvent::kDelivered)) {
      Add(kDelivered, {v1::OrderEvent::kDelivered});
    }
    Add(kReceived, {v1::OrderEvent::kReceived});
    if (cash) AddPaid();
    Add(kCompleted, {v1::OrderEvent::kCompleted});
    if (order_.state() == State::STATE_CANCELLED) {
      EndWithCancellation();
    } else {
      MarkCurrent();
    }
    return std::move(journey_);
  }

 private:
  using Kind = v1::OrderEvent::KindCase;

  bool by_card() const { return order_.snapshot().payment_method() == v1::PAYMENT_METHOD_CARD; }

  bool Happened(Kind kind) const {
    return std::any_of(told_.begin(), told_.end(),
                       [&](const auto& t) { return t.second.kind_case() == kind; });
  }

  void Add(const Chapter& chapter, std::initializer_list<Kind> kinds) {
    AddIf(chapter, [&](const v1::OrderEvent& event) {
      return std::find(kinds.begin(), kinds.end(), event.kind_case()) != kinds.end();
    });
  }

  void AddPaid() {
    AddIf(kPaid, [](const v1::OrderEvent& event) {
      return event.kind_case() == v1::OrderEvent::kPaid || event.confirmed().paid();
    });
  }

  template <typename Belongs>
  void AddIf(const Chapter& chapter, const Belongs& belongs) {
    Step& step = *journey_.add_steps();
    step.set_name(chapter.name);
    step.set_lane(chapter.lane);
    step.set_progress(Step::PROGRESS_UPCOMING);
    for (const auto& [record, event] : told_) {
      if (!belongs(event)) continue;
      step.add_event_ids(record->event_id());
      step.set_actor(record->actor());
      *step.mutable_time() = record->occur_time();
      step.set_progress(Step::PROGRESS_DONE);
    }
  }

  // The call-off ends the story; what had not happened will not.
  void EndWithCancellation() {
    auto& steps = *journey_.mutable_steps();
    steps.erase(std::remove_if(steps.begin(), steps.end(),
                               [](const Step& step) { return step.progress() != Step::PROGRESS_DONE; }),
                steps.end());
    const bool by_buyer = order_.cancelled_by() == v1::PARTY_BUYER ||
                          order_.cancel_reason() == v1::CANCEL_REASON_UNPAID ||
                          order_.cancel_reason() == v1::CANCEL_REASON_PAYMENT_FAILED;
    Add({"cancelled", by_buyer ? Step::LANE_BUYER : Step::LANE_SELLER}, {v1::OrderEvent::kCancelled});
  }

  // When the last event of a kind was recorded: what timers count from.
  absl::Time Recorded(Kind kind) const {
    absl::Time time = absl::InfinitePast();
    for (const auto& [record, event] : told_) {
      if (event.kind_case() == kind) time = FromProto(record->record_time());
    }
    return time;
  }

  void MarkCurrent() {
    switch (order_.state()) {
      case State::STATE_PLACED:
        // A card's money is for us to fetch: the buyer has done what she can.
        return Wait("paid", by_card() ? v1::PARTY_SYSTEM : v1::PARTY_BUYER, Recorded(v1::OrderEvent::kPlaced),
                    order_.policy().unpaid_cancel_after());
      case State::STATE_AWAITING_DISPATCH: {
        const absl::Time ship_by = FromProto(order_.snapshot().delivery().ship_by_time());
        return Wait("packed_and_dispatched", v1::PARTY_SELLER,
                    std::max(ship_by, Recorded(v1::OrderEvent::kConfirmed)),
                    order_.policy().auto_cancel_after_ship_by());
      }
      case State::STATE_DISPATCHED:
        if (Happened(v1::OrderEvent::kDelivered)) {
          return Wait("received", v1::PARTY_BUYER, Recorded(v1::OrderEvent::kDelivered),
                      order_.policy().receive_after_delivery());
        }
        return Wait("delivered", v1::PARTY_CARRIER, Recorded(v1::OrderEvent::kDispatched),
                    order_.policy().receive_after_dispatch());
      case State::STATE_UNSPECIFIED:
      case State::STATE_RECEIVED:
      case State::STATE_COMPLETED:
      case State::STATE_CANCELLED:
      case v1::OrderState_State_OrderState_State_INT_MIN_SENTINEL_DO_NOT_USE_:
      case v1::OrderState_State_OrderState_State_INT_MAX_SENTINEL_DO_NOT_USE_:
        return;
    }
  }

  void Wait(std::string_view name, v1::Party party, absl::Time from,
            const google::protobuf::Duration& patience) {
    for (Step& step : *journey_.mutable_steps()) {
      if (step.name() != name) continue;
      step.set_progress(Step::PROGRESS_CURRENT);
      step.set_waiting_on(party);
      *step.mutable_waiting_until_time() = ToProto(from + absl::Seconds(patience.seconds()));
    }
  }

  const State& order_;
  std::vector<std::pair<const event::v1::EventRecord*, v1::OrderEvent>> told_;
  v1::OrderJourney journey_;
};

}  // namespace

v1::OrderJourney JourneyOf(const v1::OrderState& order, std::span<const event::v1::EventRecord> events) {
  return Story(order, events).Tell();
}

}  // namespace souk::order
