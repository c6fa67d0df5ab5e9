// A client that asks for a photo over HTTP/2 and never reads a byte of what comes. The clients
// of gRPC do not do for that: they read ahead, whether their caller reads or not.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace souk::catalog {

// What a client grants that says nothing else (RFC 9113, 6.9.2).
inline constexpr std::int64_t kHttp2WindowBytes = 65'535;

class SilentReader {
 public:
  // Sends `request` to a server-streaming method of the server on this machine.
  SilentReader(int port, const std::string& path, const std::string& request)
      : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);

    std::string headers;
    for (const auto& [name, value] : {std::pair<std::string_view, std::string_view>{":method", "POST"},
                                      {":scheme", "http"},
                                      {":path", path},
                                      {":authority", "localhost"},
                                      {"te", "trailers"},
                                      {"content-type", "application/grpc"}}) {
      headers += '\0';  // A literal that is not indexed, with its name (RFC 7541, 6.2.2).
      for (const std::string_view text : {name, value}) {
        REQUIRE(text.size() < 127);
        headers += static_cast<char>(text.size());
        headers += text;
      }
    }
    const std::string message = '\0' + BigEndian(request.size(), 4) + request;
    const std::string all = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(kSettings, 0, 0, "") +
                            Frame(kHeaders, kEndHeaders, 1, headers) + Frame(kData, kEndStream, 1, message);
    REQUIRE(send(socket_, all.data(), all.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(all.size()));
  }
  ~SilentReader() { close(socket_); }
  SilentReader(const SilentReader&) = delete;

 private:
  static constexpr int kData = 0, kHeaders = 1, kSettings = 4;
  static constexpr int kEndStream = 1, kEndHeaders = 4;

  static std::string BigEndian(std::size_t number, int bytes) {
    std::string text;
    for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(number >> (8 * i));
    return text;
  }
  static std::string Frame(int type, int flags, std::size_t stream, const std::string& payload) {
    return BigEndian(payload.size(), 3) + static_cast<char>(type) + static_cast<char>(flags) +
           BigEndian(stream, 4) + payload;
  }

  const int socket_;
};

}  // namespace souk::catalog
