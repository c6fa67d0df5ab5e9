#include "services/notification/smtp_mailer.h"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>

#include "services/notification/hop.h"

namespace souk::notification {
namespace {

// The message as libcurl reads it.
struct Upload {
  std::string_view rest;
  bool complete = false;  // All of it was taken: the end of DATA may have been sent.
};

std::size_t ReadUpload(char* buffer, std::size_t size, std::size_t count, void* user) {
  Upload& upload = *static_cast<Upload*>(user);
  const std::size_t bytes = std::min(size * count, upload.rest.size());
  std::memcpy(buffer, upload.rest.data(), bytes);
  upload.rest.remove_prefix(bytes);
  upload.complete = upload.rest.empty();
  return bytes;
}

void InitCurl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(once);
}

bool IsThisMachine(std::string_view url) {
  std::string_view host = url.substr(std::min(url.find("://"), url.size() - 3) + 3);
  if (host.starts_with("[::1]")) return true;
  host = host.substr(0, host.find_first_of(":/"));
  return host == "localhost" || host.starts_with("127.");
}

SendResult Judge(CURLcode code, long response, bool complete) {
  using Outcome = SendResult::Outcome;
  if (code == CURLE_OK) return {Outcome::kSent, ""};
  // The server's own words may repeat the address; its code tells enough.
  std::string detail = curl_easy_strerror(code);
  if (response > 0) detail += absl::StrFormat("; the mail server's last answer was %d", response);
  if (code == CURLE_LOGIN_DENIED)
    return {Outcome::kFailed, detail};  // The settings are to blame, not the mail.
  if (response >= 500) return {Outcome::kRejected, detail};
  if (response >= 400) return {Outcome::kFailed, detail};
  return {complete ? Outcome::kUnknown : Outcome::kFailed, detail};
}

}  // namespace

Status CheckSmtpUrl(std::string_view url) {
  if (!url.starts_with("smtp://") && !url.starts_with("smtps://")) {
    return InvalidArgument("expected smtp://host:port or smtps://host:port");
  }
  if (url.find('@') != std::string_view::npos) {
    return InvalidArgument("user and password have settings of their own");
  }
  return OkStatus();
}

Task<SendResult> SmtpMailer::Send(Mail mail) {
  co_await HopTo(blocking_);
  SendResult result = Talk(mail);
  co_await HopTo(home_);
  co_return result;
}

SendResult SmtpMailer::Talk(const Mail& mail) const {
  InitCurl();
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
  const std::string to = "<" + mail.to_address + ">";
  const std::string from = "<" + mail.from_address + ">";
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients(
      curl_slist_append(nullptr, to.c_str()), &curl_slist_free_all);
  if (curl == nullptr || recipients == nullptr) return {SendResult::Outcome::kFailed, "out of memory"};
  Upload upload{.rest = mail.message};
  const bool password = !options_.user.empty();
  const long tls = password && !IsThisMachine(options_.url) ? CURLUSESSL_ALL : CURLUSESSL_TRY;
  curl_easy_setopt(curl.get(), CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(curl.get(), CURLOPT_USE_SSL, tls);
  if (password) {
    curl_easy_setopt(curl.get(), CURLOPT_USERNAME, options_.user.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PASSWORD, options_.password.c_str());
  }
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_FROM, from.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(curl.get(), CURLOPT_READFUNCTION, &ReadUpload);
  curl_easy_setopt(curl.get(), CURLOPT_READDATA, &upload);
  curl_easy_setopt(curl.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(options_.connect_timeout)));
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(options_.timeout)));
  const CURLcode code = curl_easy_perform(curl.get());
  long response = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &response);
  return Judge(code, response, upload.complete);
}

}  // namespace souk::notification
