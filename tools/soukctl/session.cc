#include "tools/soukctl/session.h"

#include <optional>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "tools/soukctl/read_ahead.h"

namespace souk::ctl {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(30);
constexpr char kOperator[] = "operator/soukctl";
constexpr absl::Duration kRetryPause = absl::Milliseconds(100);

std::unique_ptr<rpc::BlockingClient> Connect(const std::string& address) {
  return std::make_unique<rpc::BlockingClient>(
      rpc::GrpcChannelOptions{.target = address, .message_bytes_max = 16 << 20, .own_connection = true});
}

}  // namespace

StatusOr<Addresses> ParseAddresses(const std::string& text) {
  Addresses addresses;
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(text, ','))) {
    const std::size_t equals = part.find('=');
    const std::string service = equals == std::string::npos ? "" : part.substr(0, equals);
    const std::string address = equals == std::string::npos ? part : part.substr(equals + 1);
    if (address.rfind(':') == std::string::npos || !addresses.emplace(service, address).second) {
      return InvalidArgument("--address takes HOST:PORT, or catalog=HOST:PORT,cart=HOST:PORT,... not \"%s\"",
                             text);
    }
  }
  return addresses;
}

Session::Session(SessionOptions options, Addresses addresses)
    : options_(std::move(options)), addresses_(std::move(addresses)) {
  for (const auto& [service, address] : addresses_) clients_[service] = Connect(address);
}

std::string Session::ServiceOf(const google::protobuf::Message& request) const {
  // "souk.catalog.v1.GetProductRequest" is for catalog.
  const std::vector<std::string> words = absl::StrSplit(request.GetDescriptor()->full_name(), '.');
  if (words[1] == "admin") return clients_.begin()->first;  // Any coordinates the others.
  if (words[1] != "eventlog") return words[1];
  const auto* const service = request.GetDescriptor()->FindFieldByName("service");
  return request.GetReflection()->GetString(request, service);
}

std::unique_ptr<rpc::BlockingClient>& Session::ClientOf(const std::string& service) {
  const auto found = clients_.find(service);
  return found != clients_.end() ? found->second : clients_.begin()->second;
}

rpc::BlockingClient& Session::ClientFor(const google::protobuf::Message& request) {
  return *ClientOf(ServiceOf(request));
}

rpc::CallOptions Session::OptionsFor(std::string_view principal) const {
  return {.principal = ParsePrincipal(principal).value_or(Principal()),
          .deadline = absl::Now() + kCallTimeout};
}

bool Session::ShouldRetry(const std::string& service, const Status& status, absl::Time give_up) {
  // A deadline that passed says nothing about the store, so it is asked again as well.
  const bool passing = absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
                       absl::IsResourceExhausted(status) || absl::IsCancelled(status);
  if (!passing || absl::Now() > give_up) return false;
  absl::SleepFor(kRetryPause);
  if (absl::IsUnavailable(status)) {  // Without its growing pauses.
    const auto found = addresses_.find(service);
    ClientOf(service) = Connect(found != addresses_.end() ? found->second : addresses_.begin()->second);
  }
  return true;
}

Status Session::ReadEvents(eventlog::v1::ReadEventsRequest request,
                           const std::function<bool(const eventlog::v1::ReadEventsResponse&)>& page) {
  rpc::CallOptions options = OptionsFor(kOperator);
  options.deadline = absl::InfiniteFuture();
  absl::Time give_up = absl::Now() + options_.retry_for;
  for (;;) {
    auto stream = ClientFor(request).OpenStream<eventlog::v1::ReadEventsResponse>(request, options);
    // While `page` deals with one page the next is received.
    Strand reader;
    const auto read = [&] { return Begin(reader, [&stream] { return stream.Read(); }); };
    auto next = read();
    StatusOr<std::optional<eventlog::v1::ReadEventsResponse>> response = next.get();
    for (; response.ok(); response = next.get()) {
      if (!response->has_value()) return OkStatus();
      if (!request.live()) next = read();
      if (!page(**response)) return OkStatus();
      if (request.live()) next = read();  // Which may take long: this page may be the last one wanted.
      request.set_after_position((*response)->checkpoint());
      give_up = absl::Now() + options_.retry_for;
    }
    if (!ShouldRetry(ServiceOf(request), response.status(), give_up)) return response.status();
  }
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
