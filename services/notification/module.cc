#include "services/notification/module.h"

#include <memory>
#include <utility>

#include "services/notification/causes.h"
#include "services/notification/mail_folder.h"
#include "services/notification/mail_sender.h"
#include "services/notification/notification.h"
#include "services/notification/notification_service.h"
#include "services/notification/preference.h"
#include "services/notification/smtp_mailer.h"
#include "services/notification/topics.h"

namespace souk::notification {
namespace {

class ServiceModule final : public Module {
 public:
  ServiceModule(const ModuleContext& context, MailSender::Options options, std::unique_ptr<Mailer> mailer)
      : engine_(context.engine_options, context.scheduler, context.clock, context.store, context.writer_of),
        mailer_(std::move(mailer)),
        service_(engine_, options.store_name),
        sender_(engine_, context.channels, *mailer_, std::move(options)),
        causes_(engine_) {
    engine_.Register<Notification>();
    engine_.Register<Preference>();
    engine_.SetPublicMapping(&ToPublic);
    engine_.OnEffect<Notification>(kSendEffect,
                                   [this](Effect effect) { return sender_.Send(std::move(effect)); });
  }

  Engine& engine() override { return engine_; }
  void AddTo(rpc::Router& router) override { service_.AddTo(router); }
  std::vector<Subscription*> subscriptions() override { return causes_.subscriptions(); }

 private:
  Engine engine_;
  const std::unique_ptr<Mailer> mailer_;
  NotificationService service_;
  MailSender sender_;
  Causes causes_;
};

std::vector<config::Setting> Settings() {
  return {
      {.key = "notification.smtp_url",
       .help =
           "The mail server, smtp://host:port or smtps://host:port; empty: mails become files in mail_dir.",
       .check = [](std::string_view value) { return value.empty() ? OkStatus() : CheckSmtpUrl(value); }},
      {.key = "notification.smtp_user", .help = "The user name at the mail server; empty: none."},
      {.key = "notification.smtp_password",
       .help = "The password at the mail server; only sent with TLS, except to this machine."},
      {.key = "notification.mail_dir",
       .help = "The folder for mails when there is no mail server; empty: notification/files/mail in the "
               "data folder."},
      {.key = "notification.from",
       .default_value = "Souk <post@souk.example>",
       .help = "The sender of all mails, `Name <address>`; answers go there.",
       .check = [](std::string_view value) { return ParseMailbox(value).status(); }},
      {.key = "notification.store_name", .default_value = "Souk", .help = "The name of the store in mails."},
  };
}

StatusOr<std::unique_ptr<Mailer>> OpenMailerOfSettings(const ModuleContext& context) {
  const std::string url = context.settings.GetString("notification.smtp_url");
  if (!url.empty()) {
    return std::make_unique<SmtpMailer>(
        SmtpOptions{.url = url,
                    .user = context.settings.GetString("notification.smtp_user"),
                    .password = context.settings.GetString("notification.smtp_password")},
        context.blocking, context.scheduler);
  }
  std::string folder = context.settings.GetString("notification.mail_dir");
  if (folder.empty()) folder = context.data_dir + "/mail";
  ASSIGN_OR_RETURN(MailFolder opened,
                   MailFolder::Open(std::move(folder), context.blocking, context.scheduler));
  return std::make_unique<MailFolder>(std::move(opened));
}

StatusOr<std::unique_ptr<Module>> Open(const OpenMailer& open_mailer, ModuleContext context) {
  ASSIGN_OR_RETURN(Mailbox from, ParseMailbox(context.settings.GetString("notification.from")));
  ASSIGN_OR_RETURN(std::unique_ptr<Mailer> mailer, open_mailer(context));
  MailSender::Options options{.store_name = context.settings.GetString("notification.store_name"),
                              .from = std::move(from)};
  return std::make_unique<ServiceModule>(context, std::move(options), std::move(mailer));
}

}  // namespace

ModuleFactory NotificationModule(OpenMailer open_mailer) {
  if (open_mailer == nullptr) open_mailer = OpenMailerOfSettings;
  return {.service = "notification",
          .settings = Settings(),
          .open = [open_mailer = std::move(open_mailer)](ModuleContext context) {
            return Open(open_mailer, std::move(context));
          }};
}

}  // namespace souk::notification
