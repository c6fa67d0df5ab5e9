#include "tests/simulation/post_office.h"

#include <algorithm>
#include <utility>

namespace souk::simulation {

using notification::Mail;
using notification::SendResult;

namespace {

constexpr absl::Duration kAnswerMax = absl::Milliseconds(400);
constexpr absl::Duration kAnswerTimeout = absl::Seconds(30);

}  // namespace

class PostOffice::Adaptor final : public notification::Mailer {
 public:
  Adaptor(PostOffice& office, Scheduler& home) : office_(office), home_(home) {}

  Task<SendResult> Send(Mail mail) override { return SendTo(&office_, &home_, std::move(mail)); }
  bool repeatable() const override { return office_.stage_.plan.mail_repeatable; }

 private:
  static Task<SendResult> SendTo(PostOffice* office, Scheduler* home, Mail mail) {
    using Outcome = SendResult::Outcome;
    Stage& stage = office->stage_;
    const bool healed = office->healed_;
    if (!healed && stage.Chance(stage.plan.mail_refused)) {
      co_await Sleep(*home, stage.Upto(kAnswerMax));
      stage.history.Count("fault", "mail refused");
      co_return SendResult{Outcome::kFailed, "451 try again later"};
    }
    // Who took a mail does not reject it when it comes again.
    const bool taken = std::any_of(office->mails_.begin(), office->mails_.end(),
                                   [&](const Delivered& d) { return d.id == mail.id; });
    if (!healed && !taken && stage.Chance(stage.plan.mail_rejected)) {
      co_await Sleep(*home, stage.Upto(kAnswerMax));
      stage.history.Count("fault", "mail rejected");
      co_return SendResult{Outcome::kRejected, "550 no such mailbox"};
    }
    const bool silent = !healed && stage.Chance(stage.plan.mail_silence);
    const bool forgotten = stage.Has(Mutant::kMailNotSent) && stage.Chance(0.1);
    if (!forgotten && (!silent || stage.Chance(0.5))) {
      // It arrives whether or not the process lives to hear of it.
      const bool repeatable = stage.plan.mail_repeatable;
      if (stage.Has(Mutant::kMailMisdirected)) std::swap(mail.to_address, office->last_address_);
      if (stage.Has(Mutant::kMailTwice))
        office->mails_.push_back({mail.id, mail.template_name, mail.to_address, ""});
      stage.scheduler.PostAt(stage.scheduler.Now() + stage.Upto(kAnswerMax), [office, mail, repeatable] {
        std::vector<Delivered>& mails = office->mails_;
        if (repeatable && !office->stage_.Has(Mutant::kMailTwice))
          std::erase_if(mails, [&](const Delivered& d) { return d.id == mail.id; });
        office->stage_.history.Note("post office", mail.template_name + " " + mail.id);
        mails.push_back({mail.id, mail.template_name, mail.to_address, mail.message});
      });
    }
    if (silent) {
      stage.history.Count("fault", "mail server silent");
      co_await Sleep(*home, kAnswerTimeout);
      const bool guess = stage.Has(Mutant::kMailUnknownIsFailure);
      co_return SendResult{guess ? Outcome::kFailed : Outcome::kUnknown, "connection lost after DATA"};
    }
    co_await Sleep(*home, kAnswerMax + stage.Upto(kAnswerMax));
    co_return SendResult{Outcome::kSent, ""};
  }

  PostOffice& office_;
  Scheduler& home_;
};

notification::OpenMailer PostOffice::Opener() {
  return [this](const ModuleContext& context) -> StatusOr<std::unique_ptr<notification::Mailer>> {
    return std::make_unique<Adaptor>(*this, context.scheduler);
  };
}

}  // namespace souk::simulation
