// Stored events are kept for ever: bytes that were once written must still fold to the
// same state. Add to this table; never change a line of it.
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "libs/testing/spec.h"
#include "services/notification/notification.h"
#include "services/notification/preference.h"

namespace souk::notification {
namespace {

template <typename A>
std::string Fold(std::initializer_list<const char*> history) {
  typename A::State state;
  for (const char* hex : history) {
    typename A::Event event;
    REQUIRE(event.ParseFromString(absl::HexStringToBytes(hex)));
    REQUIRE(event.kind_case() != A::Event::KIND_NOT_SET);
    A::Evolve(state, event);
  }
  return state.ShortDebugString();
}

std::string Expected(const char* text) {
  return testing::FromText<v1::NotificationState>(text).ShortDebugString();
}

constexpr char kRequested[] =
    "0a560a4c0a0f6f726465725f63616e63656c6c656410011a0962757965722f622d312201652a03672e313203732d313a01684201"
    "694a190a"
    "06756e70616964120673797374656d1a070a034555521005120208011a020802";
constexpr char kSuppressed[] = "12020803";
constexpr char kRendered[] = "1a050a03616263";
constexpr char kSendingStarted[] = "2206080212020803";
constexpr char kSent[] = "2a160a0b1a0962757965722f622d31120208041a03616264";
constexpr char kOutcomeUnknown[] = "32030a0178";
constexpr char kFailed[] = "3a070a017912020805";
constexpr char kDeadLettered[] = "42100a0b1a0962757965722f622d3112017a";
constexpr char kRetried[] = "4a040a020806";
constexpr char kReviewInvited[] = "520d0a0b1a0962757965722f622d31";

constexpr char kFacts[] = R"(facts {
  template_name: "order_cancelled" category: CATEGORY_TRANSACTIONAL recipient: "buyer/b-1" cause_event_id: "e"
  order_id: "g.1" seller_id: "s-1" shipment_id: "h" payment_intent_id: "i"
  cancellation { reason: "unpaid" cancelled_by: "system" refund { currency_code: "EUR" minor_units: 5 } } }
  request_time { seconds: 1 } )";

TEST_CASE("notifications recorded by earlier releases fold to the same state") {
  const std::string facts = kFacts;
  CHECK(Fold<Notification>({kRequested, kSuppressed}) ==
        Expected((facts + R"(state: STATE_SUPPRESSED send_time { seconds: 2 }
                             suppress_reason: SUPPRESS_REASON_REVIEWED)")
                     .c_str()));
  CHECK(Fold<Notification>({kRequested, kRendered, kSendingStarted, kFailed}) ==
        Expected((facts + R"(state: STATE_FAILED send_time { seconds: 5 } attempts: 2 content_hash: "abc"
                             failure: "y" message_time { seconds: 3 })")
                     .c_str()));
  CHECK(Fold<Notification>({kRequested, kRendered, kSendingStarted, kOutcomeUnknown}) ==
        Expected((facts + R"(state: STATE_UNKNOWN send_time { seconds: 2 } attempts: 2 content_hash: "abc"
                             failure: "x" message_time { seconds: 3 })")
                     .c_str()));
  CHECK(Fold<Notification>(
            {kRequested, kDeadLettered, kRetried, kRendered, kSendingStarted, kSent, kReviewInvited}) ==
        Expected((facts + R"(state: STATE_SENT send_time { seconds: 6 } attempts: 2 content_hash: "abd"
                             sent_time { seconds: 4 } message_time { seconds: 3 })")
                     .c_str()));
}

TEST_CASE("preferences recorded by earlier releases fold to the same state") {
  CHECK(Fold<Preference>({"0a110a0962757965722f622d31100322020807"}) ==
        testing::FromText<v1::PreferenceState>(
            R"(recipient: "buyer/b-1" opted_out: CATEGORY_REVIEWS change_time { seconds: 7 })")
            .ShortDebugString());
}

}  // namespace
}  // namespace souk::notification
