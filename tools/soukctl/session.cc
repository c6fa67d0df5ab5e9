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

// Any process coordinates the clocks of the others.
std::string Session::ProcessOf(const google::protobuf::Message& request) const {
  const std::string service = ServiceOf(request);
  return service == "admin" ? clients_.begin()->first : service;
}

std::unique_ptr<rpc::BlockingClient>& Session::ClientOf(const std::string& service) {
  const auto found = clients_.find(service);
  return found != clients_.end() ? found->second : clients_.begin()->second;
}

rpc::BlockingClient& Session::ClientFor(const google::protobuf::Message& request) {
  return *ClientOf(ProcessOf(request));
}

rpc::CallOptions Session::OptionsFor(std::string_view principal) const {
  return {.principal = ParsePrincipal(principal).value_or(Principal()),
          .deadline = absl::Now() + kCallTimeout};
}

StatusOr<rpc::Bytes> Session::Ask(std::string_view principal, const std::string& path,
                                  const google::protobuf::Message& request) {
  const rpc::Bytes bytes = request.SerializeAsString();
  const std::string service = ProcessOf(request);
  if (!service.empty() || !has_several()) return AskService(service, principal, path, bytes);
  rpc::Bytes all;
  for (const auto& [name, address] : addresses_) {
    ASSIGN_OR_RETURN(const rpc::Bytes one, AskService(name, principal, path, bytes));
    all += one;
  }
  return all;
}

StatusOr<rpc::Bytes> Session::AskService(const std::string& service, std::string_view principal,
                                         const std::string& path, const rpc::Bytes& request) {
  const absl::Time give_up = absl::Now() + options_.retry_for;
  for (;;) {
    rpc::BlockingClient& client = *ClientOf(service);
    StatusOr<rpc::Bytes> response =
        client.loop().Wait(client.channel().CallUnary(path, OptionsFor(principal), request));
    ++calls_;
    if (response.ok() || !ShouldRetry(service, response.status(), give_up)) return response;
  }
}

StatusOr<rpc::Bytes> Session::Send(std::string_view principal, const std::string& path,
                                   const google::protobuf::Message& first,
                                   const std::vector<rpc::Bytes>& messages) {
  const std::string service = ProcessOf(first);
  const absl::Time give_up = absl::Now() + options_.retry_for;
  for (;;) {
    StatusOr<rpc::Bytes> response = SendOnce(service, principal, path, messages);
    if (response.ok() || !ShouldRetry(service, response.status(), give_up)) return response;
  }
}

StatusOr<rpc::Bytes> Session::SendOnce(const std::string& service, std::string_view principal,
                                       const std::string& path, const std::vector<rpc::Bytes>& messages) {
  rpc::BlockingClient& client = *ClientOf(service);
  const std::unique_ptr<rpc::ByteUpload> upload =
      client.channel().CallClientStream(path, OptionsFor(principal));
  for (const rpc::Bytes& message : messages) {
    if (!client.loop().Wait(upload->Write(message)).ok()) break;  // The end tells why.
  }
  return client.loop().Wait(upload->Finish());
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
    if (!ShouldRetry(ProcessOf(request), response.status(), give_up)) return response.status();
  }
}

}  // namespace souk::ctl
