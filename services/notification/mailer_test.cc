// The contract of mailers, for every implementation: mails go to a folder, and to a real
// mail server (smtp_server_for_test.py, with Debian's python3-aiosmtpd).
#include "services/notification/mailer.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "libs/runtime/sim_scheduler.h"
#include "libs/testing/run_to_end.h"
#include "libs/testing/spec.h"
#include "services/notification/mail_folder.h"
#include "services/notification/smtp_mailer.h"

namespace souk::notification {
namespace {

using Outcome = SendResult::Outcome;

class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "souk-mail-XXXXXX").string()) {
    REQUIRE(mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  const std::string& path() const { return path_; }
  // The contents of its files, in order of their names.
  std::vector<std::string> Contents() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> contents;
    for (const auto& file : files) {
      std::ostringstream content;
      content << std::ifstream(file, std::ios::binary).rdbuf();
      contents.push_back(content.str());
    }
    return contents;
  }

 private:
  std::string path_;
};

// The mail server's process.
class SmtpServer {
 public:
  explicit SmtpServer(const std::string& folder) {
    int to_server[2];
    int from_server[2];
    REQUIRE((pipe(to_server) == 0 && pipe(from_server) == 0));
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      dup2(to_server[0], STDIN_FILENO);
      dup2(from_server[1], STDOUT_FILENO);
      close(to_server[1]);
      // Debian's own Python, which has Debian's aiosmtpd.
      execl("/usr/bin/python3", "python3", SOUK_SMTP_SERVER_FOR_TEST, folder.c_str(), nullptr);
      _exit(127);
    }
    close(to_server[0]);
    close(from_server[1]);
    stdin_ = to_server[1];
    char digit = 0;
    while (read(from_server[0], &digit, 1) == 1 && digit != '\n') port_ += digit;
    close(from_server[0]);
    INFO("needs python3-aiosmtpd");
    REQUIRE_FALSE(port_.empty());
  }
  ~SmtpServer() { Stop(); }
  SmtpServer(const SmtpServer&) = delete;
  SmtpServer& operator=(const SmtpServer&) = delete;

  void Stop() {
    if (pid_ <= 0) return;
    close(stdin_);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  std::string url() const { return "smtp://127.0.0.1:" + port_; }

 private:
  pid_t pid_ = 0;
  int stdin_ = -1;
  std::string port_;
};

// One mailer, and where its mails arrive.
class Post {
 public:
  virtual ~Post() = default;
  virtual Mailer& mailer() = 0;
  // The messages that arrived, oldest first.
  virtual std::vector<std::string> Arrived() const = 0;
  // Nothing arrives any more.
  virtual void Break() = 0;

  SendResult Send(const Mail& mail) { return testing::RunToEnd(scheduler_, mailer().Send(mail)); }

 protected:
  SimScheduler scheduler_{1};
};

class FolderPost final : public Post {
 public:
  FolderPost() : mailer_(MailFolder::Open(folder_.path() + "/mail", scheduler_, scheduler_)) {
    REQUIRE(mailer_.ok());
  }
  Mailer& mailer() override { return *mailer_; }
  std::vector<std::string> Arrived() const override {
    std::vector<std::string> contents;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() + "/mail")) {
      contents.push_back(entry.path().filename().string());
    }
    std::sort(contents.begin(), contents.end());
    for (std::string& name : contents) {
      std::ostringstream content;
      content << std::ifstream(folder_.path() + "/mail/" + name, std::ios::binary).rdbuf();
      name = content.str();
    }
    return contents;
  }
  void Break() override { std::filesystem::remove_all(folder_.path() + "/mail"); }

 private:
  Folder folder_;
  StatusOr<MailFolder> mailer_;
};

class SmtpPost final : public Post {
 public:
  SmtpPost()
      : server_(folder_.path()),
        mailer_({.url = server_.url(), .timeout = absl::Seconds(10)}, scheduler_, scheduler_) {}
  Mailer& mailer() override { return mailer_; }
  std::vector<std::string> Arrived() const override { return folder_.Contents(); }
  void Break() override { server_.Stop(); }

 private:
  Folder folder_;
  SmtpServer server_;
  SmtpMailer mailer_;
};

Mail Sample(const std::string& id, const std::string& to = "anna@example.org") {
  return {.id = id,
          .template_name = "order_dispatched",
          .date = testing::Noon(),
          .from_address = "post@souk.example",
          .to_address = to,
          .message = "Subject: " + id + "\r\n\r\nOne line.\r\n.\r\n..two dots\r\nLast line.\r\n"};
}

TEMPLATE_TEST_CASE("mailers: a mail arrives as it was sent, byte for byte", "", FolderPost, SmtpPost) {
  TestType post;
  const SendResult result = post.Send(Sample("n-1"));
  INFO(result.detail);
  CHECK(result.outcome == Outcome::kSent);
  CHECK(result.detail.empty());
  CHECK(post.Arrived() == std::vector<std::string>{Sample("n-1").message});
}

TEMPLATE_TEST_CASE("mailers: several mails arrive, each once", "", FolderPost, SmtpPost) {
  TestType post;
  for (const char* id : {"n-1", "n-2", "n-3"}) CHECK(post.Send(Sample(id)).outcome == Outcome::kSent);
  CHECK(post.Arrived().size() == 3);
}

TEMPLATE_TEST_CASE("mailers: a repetition is no second mail where the mailer says so", "", FolderPost,
                   SmtpPost) {
  TestType post;
  CHECK(post.Send(Sample("n-1")).outcome == Outcome::kSent);
  CHECK(post.Send(Sample("n-1")).outcome == Outcome::kSent);
  CHECK(post.Arrived().size() == (post.mailer().repeatable() ? 1U : 2U));
}

TEMPLATE_TEST_CASE("mailers: what cannot be handed over has failed, for now", "", FolderPost, SmtpPost) {
  TestType post;
  post.Break();
  const SendResult result = post.Send(Sample("n-1"));
  CHECK(result.outcome == Outcome::kFailed);
  CHECK_FALSE(result.detail.empty());
  CHECK(result.detail.find("anna") == std::string::npos);
}

TEST_CASE("smtp: a refused recipient is final, a busy server is not") {
  SmtpPost post;
  const SendResult rejected = post.Send(Sample("n-1", "rejected@example.org"));
  CHECK(rejected.outcome == Outcome::kRejected);
  CHECK(rejected.detail.find("550") != std::string::npos);
  CHECK(rejected.detail.find("rejected@") == std::string::npos);
  CHECK(post.Send(Sample("n-2", "busy@example.org")).outcome == Outcome::kFailed);
  CHECK(post.Arrived().empty());
}

TEST_CASE("smtp: when the answer to the message does not come, nobody knows") {
  SmtpPost post;
  CHECK(post.Send(Sample("n-1", "silent@example.org")).outcome == Outcome::kUnknown);
}

TEST_CASE("smtp: the URL names a mail server and no password") {
  CHECK(CheckSmtpUrl("smtp://mail.example:587").ok());
  CHECK(CheckSmtpUrl("smtps://mail.example").ok());
  CHECK_FALSE(CheckSmtpUrl("http://mail.example").ok());
  CHECK_FALSE(CheckSmtpUrl("smtp://anna:secret@mail.example").ok());
}

TEST_CASE("mail folder: file names sort by time and tell what is inside") {
  CHECK(MailFolder::FileName(Sample("n-1")) == "20260302T120000Z-order_dispatched-n-1.eml");
}

TEST_CASE("mail folder: nothing but whole mails lies there") {
  FolderPost post;
  Mail large = Sample("n-1");
  large.message.append(1 << 20, 'x');
  CHECK(post.Send(large).outcome == Outcome::kSent);
  CHECK(post.Send(Sample("n-1")).outcome == Outcome::kSent);
  CHECK(post.Arrived() == std::vector<std::string>{Sample("n-1").message});
}

}  // namespace
}  // namespace souk::notification
