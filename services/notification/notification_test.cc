#include "services/notification/notification.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "libs/base/proto_time.h"
#include "libs/testing/explore.h"
#include "libs/testing/spec.h"

namespace souk::notification {
namespace {

using absl::StatusCode;
using testing::FromText;
using testing::Noon;
using State = Notification::State;
using Events = Notification::Events;
using NotificationSpec = testing::Spec<Notification>;

// Noon is 1772452800 seconds after 1970.
constexpr char kRequested[] = R"(requested {
  facts { template_name: "order_dispatched" category: CATEGORY_TRANSACTIONAL recipient: "buyer/b-1" order_id: "g.1" }
  request_time { seconds: 1772452800 } send_time { seconds: 1772452800 } })";
constexpr char kInvitationRequested[] = R"(requested {
  facts { template_name: "review_invitation" category: CATEGORY_REVIEWS recipient: "buyer/b-1" order_id: "g.1" }
  request_time { seconds: 1772452800 } send_time { seconds: 1772712000 } })";
constexpr char kRendered[] = R"(rendered { content_hash: "abc" })";
constexpr char kStarted[] = R"(sending_started { attempt: 1 message_time { seconds: 1772452800 } })";
constexpr char kSent[] = R"(sent {
  facts { template_name: "order_dispatched" category: CATEGORY_TRANSACTIONAL recipient: "buyer/b-1" order_id: "g.1" }
  sent_time { seconds: 1772452800 } content_hash: "abc" })";
constexpr char kUnknown[] = R"(outcome_unknown { cause: "no answer" })";
constexpr char kFailed[] = R"(failed { cause: "busy" retry_time { seconds: 1772452860 } })";
constexpr char kDeadLettered[] = R"(dead_lettered {
  facts { template_name: "order_dispatched" category: CATEGORY_TRANSACTIONAL recipient: "buyer/b-1" order_id: "g.1" }
  cause: "no such mailbox" })";
constexpr char kSuppressed[] = R"(suppressed { reason: SUPPRESS_REASON_OPTED_OUT })";

v1::NotificationFacts Facts() { return FromText<v1::NotificationEvent>(kRequested).requested().facts(); }
Request Ask() { return {.facts = Facts()}; }

TEST_CASE("an event asks for a mail") { NotificationSpec().Given({}).When(Ask()).Then({kRequested}); }

TEST_CASE("an event that is read again asks for no second mail") {
  NotificationSpec().Given({kRequested}).When(Ask()).Then({});
  NotificationSpec().Given({kRequested, kRendered, kStarted, kSent}).When(Ask()).Then({});
  NotificationSpec().Given({kRequested, kSuppressed}).When(Ask()).Then({});
}

TEST_CASE("an invitation waits for its time") {
  Request request{.facts = FromText<v1::NotificationEvent>(kInvitationRequested).requested().facts(),
                  .send_time = Noon() + absl::Hours(72)};
  const State state = NotificationSpec().Given({}).When(request).Then({kInvitationRequested});
  Reactions reactions;
  Notification::React(Notification::Id::Of("n"), state, FromText<v1::NotificationEvent>(kInvitationRequested),
                      Noon(), reactions);
  REQUIRE(reactions.started().size() == 1);
  CHECK(reactions.started()[0].kind == kSendEffect);
  CHECK(reactions.started()[0].due == Noon() + absl::Hours(72));
}

TEST_CASE("a mail that is asked for later than it is due is sent at once") {
  Request request = Ask();
  request.send_time = Noon() - absl::Hours(1);
  NotificationSpec().Given({}).When(request).Then({kRequested});
}

TEST_CASE("a mail is recorded before it is sent") {
  NotificationSpec().Given({kRequested}).When(StartSending{"abc"}).Then({kRendered, kStarted});
}

TEST_CASE("an attempt that a crash cut short goes on with the same date") {
  const State state = NotificationSpec()
                          .At(Noon() + absl::Hours(1))
                          .Given({kRequested, kRendered, kStarted})
                          .When(StartSending{"abc"})
                          .Then({});
  CHECK(FromProto(state.message_time()) == Noon());
}

TEST_CASE("a mail that was handed over is sent") {
  NotificationSpec().Given({kRequested, kRendered, kStarted}).When(RecordSent{"abc"}).Then({kSent});
}

TEST_CASE("an invitation that was sent says so in an event of its own") {
  const State state =
      NotificationSpec()
          .Given({kInvitationRequested, kRendered, kStarted})
          .When(RecordSent{"abc"})
          .Then({R"(sent { facts { template_name: "review_invitation" category: CATEGORY_REVIEWS
                                    recipient: "buyer/b-1" order_id: "g.1" }
                                    sent_time { seconds: 1772452800 } content_hash: "abc" })",
                 R"(review_invited { facts { template_name: "review_invitation"
                                    category: CATEGORY_REVIEWS recipient: "buyer/b-1" order_id: "g.1" } })"});
  CHECK(state.state() == State::STATE_SENT);
}

TEST_CASE("a mail that the server does not take now is tried again after a minute") {
  NotificationSpec().Given({kRequested, kRendered, kStarted}).When(RecordFailure{"busy"}).Then({kFailed});
}

TEST_CASE("a mail that the server never takes is given up") {
  NotificationSpec()
      .Given({kRequested, kRendered, kStarted})
      .When(GiveUp{"no such mailbox"})
      .Then({kDeadLettered});
}

TEST_CASE("a mail whose outcome is unknown is not sent again by itself") {
  const State state = NotificationSpec()
                          .Given({kRequested, kRendered, kStarted})
                          .When(RecordUnknown{"no answer"})
                          .Then({kUnknown});
  Reactions reactions;
  Notification::React(Notification::Id::Of("n"), state, FromText<v1::NotificationEvent>(kUnknown), Noon(),
                      reactions);
  CHECK(reactions.started().empty());
  CHECK(reactions.cancelled().size() == 1);
}

TEST_CASE("an operator has a mail that was given up tried again") {
  NotificationSpec()
      .Given({kRequested, kRendered, kStarted, kDeadLettered})
      .When(Retry{})
      .Then({"retried { retry_time { seconds: 1772452800 } }"});
}

TEST_CASE("a mail is given up after the last pause") {
  State state;
  absl::Time now = Noon();
  const auto apply = [&](const auto& command) {
    const StatusOr<Events> events = Notification::Decide(state, command, now);
    REQUIRE(events.ok());
    for (const auto& event : *events) Notification::Evolve(state, event);
  };
  apply(Ask());
  for (const absl::Duration pause : kSendPauses) {
    apply(StartSending{"abc"});
    apply(RecordFailure{"busy"});
    REQUIRE(state.state() == State::STATE_FAILED);
    CHECK(FromProto(state.send_time()) == now + pause);
    now += pause;
  }
  apply(StartSending{"abc"});
  CHECK(state.attempts() == kSendAttemptsMax);
  apply(RecordFailure{"busy"});
  CHECK(state.state() == State::STATE_DEAD_LETTERED);
}

TEST_CASE("ids: one mail per event, template and recipient") {
  v1::NotificationFacts facts = Facts();
  facts.set_cause_event_id("e-1");
  const auto id = NotificationIdFor(facts);
  CHECK(NotificationIdFor(facts) == id);
  facts.set_cause_event_id("e-2");
  CHECK(NotificationIdFor(facts) != id);
  facts.set_cause_event_id("e-1");
  facts.set_recipient("seller/s-1");
  CHECK(NotificationIdFor(facts) != id);
  facts.set_recipient("buyer/b-1");
  facts.set_template_name("order_received");
  CHECK(NotificationIdFor(facts) != id);
}

TEST_CASE("ids: one invitation per order, whatever the event") {
  v1::NotificationFacts facts = FromText<v1::NotificationEvent>(kInvitationRequested).requested().facts();
  facts.set_cause_event_id("e-1");
  const auto id = NotificationIdFor(facts);
  facts.set_cause_event_id("e-2");
  CHECK(NotificationIdFor(facts) == id);
}

// Phase x command: '+' adds events, '.' changes nothing, 'X' is FAILED_PRECONDITION
// ILLEGAL_TRANSITION, '?' is NOT_FOUND.
TEST_CASE("every command in every state") {
  struct Row {
    const char* name;
    std::vector<std::string_view> history;
    const char*
        expected;  // Request Suppress StartSending RecordSent RecordUnknown RecordFailure GiveUp Retry
  };
  const std::vector<Row> rows = {
      {"nothing", {}, "+.??????"},
      {"requested", {kRequested}, ".++XXX+X"},
      {"suppressed", {kRequested, kSuppressed}, "..XXXXXX"},
      {"sending", {kRequested, kRendered, kStarted}, "...++++X"},
      {"sent", {kRequested, kRendered, kStarted, kSent}, "..X.XXXX"},
      {"unknown", {kRequested, kRendered, kStarted, kUnknown}, "..XX.XX+"},
      {"failed", {kRequested, kRendered, kStarted, kFailed}, ".++XXX+X"},
      {"dead-lettered", {kRequested, kRendered, kStarted, kDeadLettered}, "..XXXX.+"},
  };
  for (const Row& row : rows) {
    State state;
    for (const std::string_view text : row.history)
      Notification::Evolve(state, FromText<v1::NotificationEvent>(text));
    const StatusOr<Events> results[] = {
        Notification::Decide(state, Ask(), Noon()),
        Notification::Decide(state, Suppress{v1::SUPPRESS_REASON_OPTED_OUT}, Noon()),
        Notification::Decide(state, StartSending{"abc"}, Noon()),
        Notification::Decide(state, RecordSent{"abc"}, Noon()),
        Notification::Decide(state, RecordUnknown{"no answer"}, Noon()),
        Notification::Decide(state, RecordFailure{"busy"}, Noon()),
        Notification::Decide(state, GiveUp{"no such mailbox"}, Noon()),
        Notification::Decide(state, Retry{}, Noon())};
    std::string got;
    for (const StatusOr<Events>& result : results) {
      if (result.ok()) {
        got += result->empty() ? '.' : '+';
      } else if (absl::IsNotFound(result.status())) {
        got += '?';
      } else {
        got += absl::IsFailedPrecondition(result.status()) && Reason(result.status()) == "ILLEGAL_TRANSITION"
                   ? 'X'
                   : '!';
      }
    }
    INFO(row.name);
    CHECK(got == row.expected);
  }
}

TEST_CASE("in every sequence of commands a mail is sent at most once unless an operator insists") {
  testing::Explorer<Notification> explorer(Noon());
  explorer.Add("request", Ask());
  explorer.Add("suppress", Suppress{v1::SUPPRESS_REASON_REVIEWED});
  explorer.Add("start", StartSending{"abc"});
  explorer.Add("sent", RecordSent{"abc"});
  explorer.Add("unknown", RecordUnknown{"no answer"});
  explorer.Add("failure", RecordFailure{"busy"});
  explorer.Add("give up", GiveUp{"no such mailbox"});
  explorer.Add("retry", Retry{});
  explorer.Check([](const State& state, const std::string& path) {
    INFO(path);
    CHECK(state.state() != State::STATE_RENDERED);  // Made and started in one step.
    CHECK(state.attempts() <= kSendAttemptsMax);
    CHECK((state.state() == State::STATE_SENT) == state.has_sent_time());
    if (state.state() != State::STATE_UNSPECIFIED) CHECK(state.facts().recipient() == "buyer/b-1");
  });
  explorer.CheckTransition([](const State& before, const State& after, const std::string& path) {
    INFO(path);
    // Sent and suppressed are final; sending begins only where nothing was handed over.
    CHECK(before.state() != State::STATE_SENT);
    CHECK(before.state() != State::STATE_SUPPRESSED);
    if (after.state() == State::STATE_SENDING) {
      CHECK((before.state() == State::STATE_REQUESTED || before.state() == State::STATE_FAILED));
    }
    if (after.state() == State::STATE_SENT) CHECK(before.state() == State::STATE_SENDING);
  });
  CHECK(explorer.Run(6) > 1000);
}

}  // namespace
}  // namespace souk::notification
