#include "tests/simulation/client.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace souk::simulation {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(15);
constexpr absl::Duration kPauseMax = absl::Minutes(2);
// Nobody's patience outlasts this many attempts: more than any outage.
constexpr int kAttemptsMax = 30;

}  // namespace

Client::Client(Stage& stage, std::string name, Patience patience)
    : stage_(stage), name_(std::move(name)), principal_(ParsePrincipal(name_).value()), patience_(patience) {}

std::string Client::ServiceOf(std::string_view message) {
  const std::size_t begin = message.find('.') + 1;
  return std::string(message.substr(begin, message.find('.', begin) - begin));
}

rpc::SimChannel& Client::To(const std::string& service) {
  std::unique_ptr<rpc::SimChannel>& channel = channels_[service];
  if (channel == nullptr) {
    channel = std::make_unique<rpc::SimChannel>(stage_.network, "outside", service, stage_.scheduler);
  }
  return *channel;
}

Task<StatusOr<rpc::Bytes>> Client::Attempt(std::string service, std::string path, rpc::Bytes request) {
  rpc::CallOptions options{.principal = principal_, .deadline = stage_.scheduler.Now() + kTimeout};
  const std::string_view method = std::string_view(path).substr(path.rfind('/') + 1);
  const bool reads = method.starts_with("Get") || method.starts_with("List");
  if (stage_.Has(Mutant::kSellerIsOperator) && reads) {
    options.principal = {.kind = Principal::Kind::kOperator, .id = "o-1"};
  }
  return To(service).CallUnary(std::move(path), options, std::move(request));
}

Task<StatusOr<rpc::Bytes>> Client::Insist(std::string service, std::string path, rpc::Bytes request) {
  absl::Duration pause = absl::Milliseconds(100);
  StatusOr<rpc::Bytes> answer = Unavailable("not asked yet");
  for (int i = 0; i < kAttemptsMax; ++i) {
    const auto first = std::make_shared<StatusOr<rpc::Bytes>>(Unavailable("not answered yet"));
    if (stage_.Chance(stage_.plan.double_click)) {
      stage_.history.Count("person", "double click");
      stage_.errands.Spawn(Again(&stage_, principal_, service, path, request, first));
    }
    answer = co_await Attempt(service, path, request);
    *first = answer;
    if (answer.ok() || !IsTransient(answer.status())) break;
    if (patience_ == Patience::kHuman && stage_.Chance(stage_.plan.impatience)) {
      stage_.history.Count("person", "gave up waiting");
      break;
    }
    co_await Sleep(stage_.scheduler, pause + stage_.Upto(pause));
    pause = std::min(2 * pause, kPauseMax);
  }
  stage_.history.Note(
      name_, path.substr(path.rfind('/') + 1) + (answer.ok() ? "" : ": " + answer.status().ToString()));
  co_return answer;
}

// The same request has one result. (An answer of OK shows the present state, so its bytes
// may differ; requests that change nothing, and refusals, are looked at anew.)
Task<> Client::Again(Stage* stage, Principal principal, std::string service, std::string path,
                     rpc::Bytes request, std::shared_ptr<StatusOr<rpc::Bytes>> first) {
  const absl::Duration most = stage->Chance(0.3) ? absl::Seconds(90) : absl::Milliseconds(20);
  co_await Sleep(stage->scheduler, stage->Upto(most));
  rpc::SimChannel channel(stage->network, "outside", std::move(service), stage->scheduler);
  const rpc::CallOptions options{.principal = std::move(principal),
                                 .deadline = stage->scheduler.Now() + kTimeout};
  const StatusOr<rpc::Bytes> second = co_await channel.CallUnary(path, options, std::move(request));
  if (Reason(first->status()) != "REQUEST_ID_REUSED" && Reason(second.status()) != "REQUEST_ID_REUSED")
    co_return;
  stage->history.Fail(
      "I-20 a repeated request has one result",
      absl::StrFormat("%s: %s, then %s", path, first->status().ToString(), second.status().ToString()));
}

Task<StatusOr<rpc::Bytes>> Client::Upload(std::string service, std::string path,
                                          std::vector<rpc::Bytes> messages) {
  absl::Duration pause = absl::Milliseconds(100);
  StatusOr<rpc::Bytes> answer = Unavailable("not asked yet");
  for (int i = 0; i < kAttemptsMax; ++i) {
    const rpc::CallOptions options{.principal = principal_, .deadline = stage_.scheduler.Now() + kTimeout};
    answer = co_await To(service).CallUpload(path, options, messages);
    if (answer.ok() || !IsTransient(answer.status())) break;
    co_await Sleep(stage_.scheduler, pause);
    pause = std::min(2 * pause, kPauseMax);
  }
  co_return answer;
}

}  // namespace souk::simulation
