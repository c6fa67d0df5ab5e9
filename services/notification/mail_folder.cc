#include "services/notification/mail_folder.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "services/notification/hop.h"

namespace souk::notification {

StatusOr<MailFolder> MailFolder::Open(std::string folder, Scheduler& blocking, Scheduler& home) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return FailedPrecondition("cannot make the mail folder %s: %s", folder, error.message());
  return MailFolder(std::move(folder), blocking, home);
}

Task<SendResult> MailFolder::Send(Mail mail) {
  co_await HopTo(blocking_);
  SendResult result = Write(mail);
  co_await HopTo(home_);
  co_return result;
}

std::string MailFolder::FileName(const Mail& mail) {
  return absl::StrFormat("%s-%s-%s.eml", absl::FormatTime("%Y%m%dT%H%M%SZ", mail.date, absl::UTCTimeZone()),
                         mail.template_name, mail.id);
}

SendResult MailFolder::Write(const Mail& mail) const {
  const std::filesystem::path path = std::filesystem::path(folder_) / FileName(mail);
  // Hidden until it is whole; left over by a crash, it is overwritten by the next attempt.
  const std::filesystem::path unfinished = std::filesystem::path(folder_) / ("." + mail.id + ".unfinished");
  std::ofstream file(unfinished, std::ios::binary | std::ios::trunc);
  file << mail.message;
  file.close();
  std::error_code error;
  if (!file) {
    std::filesystem::remove(unfinished, error);
    return {SendResult::Outcome::kFailed, "cannot write to the mail folder"};
  }
  std::filesystem::rename(unfinished, path, error);
  if (error) return {SendResult::Outcome::kFailed, "cannot rename in the mail folder: " + error.message()};
  return {SendResult::Outcome::kSent, ""};
}

}  // namespace souk::notification
