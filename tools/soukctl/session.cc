#include "tools/soukctl/session.h"

#include "absl/time/clock.h"

namespace souk::ctl {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(30);
constexpr absl::Duration kRetryPause = absl::Milliseconds(100);

std::unique_ptr<rpc::BlockingClient> Connect(const std::string& address) {
  return std::make_unique<rpc::BlockingClient>(
      rpc::GrpcChannelOptions{.target = address, .message_bytes_max = 16 << 20, .own_connection = true});
}

}  // namespace

Session::Session(SessionOptions options) : options_(std::move(options)), client_(Connect(options_.address)) {}

rpc::CallOptions Session::OptionsFor(std::string_view principal) const {
  return {.principal = ParsePrincipal(principal).value_or(Principal()),
          .deadline = absl::Now() + kCallTimeout};
}

bool Session::ShouldRetry(const Status& status, absl::Time give_up) {
  // A deadline that passed says nothing about the store, so it is asked again as well.
  const bool passing = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
                       absl::IsResourceExhausted(status) || absl::IsCancelled(status);
  if (!passing || absl::Now() > give_up) return false;
  absl::SleepFor(kRetryPause);
  if (absl::IsUnavailable(status)) client_ = Connect(options_.address);  // Without its growing pauses.
  return true;
}

std::string Explain(const Status& status, const std::string& address) {
  if (absl::IsUnavailable(status) && Reason(status).empty()) {
    return "cannot reach the store at " + address + "; start it with soukd, or give another --address (" +
           std::string(status.message()) + ")";
  }
  std::string text(status.message());
  if (const std::string reason = Reason(status); !reason.empty()) text += " [" + reason + "]";
  for (const auto& [name, value] : ValuesOfReason(status)) text += " " + name + "=" + value;
  return text;
}

}  // namespace souk::ctl
