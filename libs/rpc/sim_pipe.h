// One server stream through a simulated network: in order, flow-controlled, until it ends
// or breaks.
#pragma once

#include <coroutine>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "libs/rpc/channel.h"
#include "libs/rpc/router.h"
#include "libs/rpc/sim_network.h"

namespace souk::rpc {

// After this time a connection that brings nothing is given up.
inline constexpr absl::Duration kKeepAlive = absl::Seconds(20);

class SimPipe final : public ByteSink, public std::enable_shared_from_this<SimPipe> {
 public:
  SimPipe(SimNetwork& network, std::string client, std::string server, Scheduler& home)
      : network_(network), client_(std::move(client)), server_(std::move(server)), home_(&home) {}

  // The reading side.
  static Task<StatusOr<std::optional<Bytes>>> Read(std::shared_ptr<SimPipe> pipe);
  void CloseReader();
  // The reader's deadline has passed.
  void Expire();

  // The serving side.
  void Serve(Scheduler& process) { process_ = &process; }
  Task<Status> Write(Bytes message) override { return WriteTo(this, std::move(message)); }
  bool cancelled() const override { return reader_gone_ || broken_.has_value(); }
  void End(Status status);
  // The server is gone.
  void Abandon();

  // Both sides learn of it when their machines do.
  void Break(const std::string& why);
  bool Between(const std::string& from, const std::string& to) const {
    return (from == client_ && to == server_) || (from == server_ && to == client_);
  }
  bool open() const { return !broken_.has_value() && !ended_ && !reader_gone_; }

 private:
  // Who waits here may be destroyed meanwhile.
  struct Wait {
    std::coroutine_handle<>& slot;
    explicit Wait(std::coroutine_handle<>& s) : slot(s) {}
    Wait(const Wait&) = delete;
    ~Wait() { slot = nullptr; }
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) noexcept { slot = self; }
    void await_resume() const noexcept {}
  };

  static Task<Status> WriteTo(SimPipe* pipe, Bytes message);
  // Runs `arrive` on the reader's machine, after what was sent before.
  void Send(std::function<void()> arrive);
  void Wake(Scheduler* where, std::coroutine_handle<>& slot);

  SimNetwork& network_;
  const std::string client_;
  const std::string server_;
  Scheduler* home_;               // Null when the reader is gone.
  Scheduler* process_ = nullptr;  // Null when the server is.
  absl::Time last_arrival_ = absl::InfinitePast();
  std::size_t under_way_ = 0;  // Messages that were sent and not read.
  std::deque<Bytes> arrived_;
  std::optional<Status> end_;  // For the reader.
  std::optional<std::string> broken_;
  bool ended_ = false;
  bool stalled_ = false;
  bool reader_gone_ = false;
  std::coroutine_handle<> reader_;
  std::coroutine_handle<> writer_;
};

}  // namespace souk::rpc
