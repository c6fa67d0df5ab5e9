#include "services/notification/mail_sender.h"

#include <utility>
#include <variant>

#include "libs/base/hash.h"
#include "libs/base/proto_time.h"
#include "libs/telemetry/log.h"
#include "services/notification/mail_content.h"
#include "services/notification/preference.h"

namespace souk::notification {
namespace {

using State = Notification::State;

constexpr char kCutShort[] = "the service stopped while it was sending";

void WarnOperator(const Notification::Id& id, const v1::NotificationFacts& facts, const std::string& cause) {
  telemetry::Log(telemetry::Level::kWarning, "a mail was not sent and needs an operator",
                 {{"notification", id.str()}, {"template", facts.template_name()}, {"cause", cause}});
}

}  // namespace

Task<Status> MailSender::Send(Effect effect) {
  const Notification::Id id = Notification::Id::Of(effect.aggregate_id);
  const Shared<State> state = co_await Try(engine_.Read<Notification>(id));
  const bool waits = state->state() == State::STATE_REQUESTED || state->state() == State::STATE_FAILED;
  const bool cut_short = state->state() == State::STATE_SENDING;
  if (!waits && !cut_short) co_return OkStatus();
  if (cut_short && !mailer_.repeatable()) {
    WarnOperator(id, state->facts(), kCutShort);
    co_return co_await Record(std::move(effect), id, RecordUnknown{kCutShort}, "cut-short");
  }
  const Shared<Preference::State> preference =
      co_await Try(engine_.Read<Preference>(PreferenceIdFor(state->facts().recipient())));
  if (!Wants(*preference, state->facts().category())) {
    const Suppress suppress{v1::SUPPRESS_REASON_OPTED_OUT};
    co_return co_await Forgo(std::move(effect), id, cut_short, suppress, "suppress");
  }

  const auto gathered = co_await GatherLetter(&channels_, options_.store_name, state->facts());
  if (IsTransient(gathered.status())) co_return gathered.status();
  if (gathered.ok() && std::holds_alternative<v1::SuppressReason>(*gathered)) {
    const Suppress suppress{std::get<v1::SuppressReason>(*gathered)};
    co_return co_await Forgo(std::move(effect), id, cut_short, suppress, "suppress");
  }
  Status problem = gathered.status();
  StatusOr<MailText> text = Internal("not made");
  if (problem.ok()) {
    const Letter& letter = std::get<Letter>(*gathered);
    problem = CheckMailAddress(letter.to.address);
    text = Render(*TemplateOf(state->facts().template_name()), letter.content);
    problem.Update(text.status());
  }
  if (!problem.ok()) {
    const std::string cause = "cannot be made: " + std::string(problem.message());
    WarnOperator(id, state->facts(), cause);
    co_return co_await Forgo(std::move(effect), id, cut_short, GiveUp{cause}, "give-up");
  }
  co_return co_await HandOver(std::move(effect), id, std::get<Letter>(*gathered).to, *std::move(text),
                              state->facts());
}

Task<Status> MailSender::HandOver(Effect effect, Notification::Id id, Mailbox to, MailText text,
                                  v1::NotificationFacts facts) {
  const std::string hash = ToHex(Sha256(text.subject + "\n" + text.text + "\n" + text.html));
  // What is asked of the state after the start.
  struct Started {
    bool sending;
    absl::Time message_time;
    std::int32_t attempts;
  };
  const auto select = [](const State& state) {
    return Started{.sending = state.state() == State::STATE_SENDING,
                   .message_time = FromProto(state.message_time()),
                   .attempts = state.attempts()};
  };
  const StatusOr<Started> started =
      co_await engine_.Execute<Notification>(id, StartSending{hash}, effect.Metadata("start"), select);
  if (absl::IsFailedPrecondition(started.status())) co_return OkStatus();  // Suppressed in the meantime.
  if (!started.ok()) co_return started.status();
  if (!started->sending) co_return OkStatus();

  const absl::Time date = started->message_time;
  const std::string message = Compose({.from = options_.from,
                                       .to = to,
                                       .subject = text.subject,
                                       .text = text.text,
                                       .html = text.html,
                                       .id = id.str(),
                                       .date = date,
                                       .unsubscribable = facts.category() != v1::CATEGORY_TRANSACTIONAL});
  const SendResult result = co_await mailer_.Send({.id = id.str(),
                                                   .template_name = facts.template_name(),
                                                   .date = date,
                                                   .from_address = options_.from.address,
                                                   .to_address = to.address,
                                                   .message = message});
  switch (result.outcome) {
    case SendResult::Outcome::kSent:
      co_return co_await Record(std::move(effect), id, RecordSent{hash}, "outcome");
    case SendResult::Outcome::kUnknown:
      WarnOperator(id, facts, result.detail);
      co_return co_await Record(std::move(effect), id, RecordUnknown{result.detail}, "outcome");
    case SendResult::Outcome::kRejected:
      WarnOperator(id, facts, result.detail);
      co_return co_await Record(std::move(effect), id, GiveUp{result.detail}, "outcome");
    case SendResult::Outcome::kFailed:
      if (started->attempts >= kSendAttemptsMax) WarnOperator(id, facts, result.detail);
      co_return co_await Record(std::move(effect), id, RecordFailure{result.detail}, "outcome");
  }
  co_return Internal("a mailer's outcome is none");
}

template <typename Command>
Task<Status> MailSender::Forgo(Effect effect, Notification::Id id, bool cut_short, Command command,
                               std::string step) {
  if (!cut_short) co_return co_await Record(std::move(effect), id, std::move(command), std::move(step));
  co_return co_await Record(std::move(effect), id, RecordUnknown{kCutShort}, "cut-short");
}

template <typename Command>
Task<Status> MailSender::Record(Effect effect, Notification::Id id, Command command, std::string step) {
  const StatusOr<Shared<State>> state =
      co_await engine_.Execute<Notification>(id, std::move(command), effect.Metadata(step));
  if (absl::IsFailedPrecondition(state.status())) co_return OkStatus();
  co_return state.status();
}

}  // namespace souk::notification
