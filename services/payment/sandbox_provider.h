// A payment provider for development and tests: a component of its own behind the same
// interface as a real one, with its own memory and its own webhooks. What a card does is
// in its token; README.md has the table.
//
// It keeps what it was asked in a file of its own, so that it remembers across restarts,
// and does what has the same reference once. Holders and account numbers are not kept.
#pragma once

#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/node_hash_map.h"
#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/runtime/scheduler.h"
#include "services/payment/provider.h"

namespace souk::payment {

// Payouts to this account come back with "account_closed".
inline constexpr char kClosedAccountIban[] = "DE62370400440532013001";

class SandboxProvider final : public Provider {
 public:
  // `scheduler` must outlive the provider.
  SandboxProvider(Scheduler& scheduler, DeliverWebhook deliver)
      : scheduler_(scheduler), deliver_(std::move(deliver)) {}

  // Remembers what is in `folder`, which is made when it is missing. To be called first.
  Status Open(const std::string& folder);
  // Sends the webhooks that nobody has acknowledged yet.
  void Start() override;
  // True when no webhook is on its way.
  bool Idle() const override { return webhooks_under_way_ == 0; }

  Task<ProviderResult> Authorize(Authorization authorization) override;
  Task<ProviderResult> CaptureMoney(Capture capture) override;
  Task<ProviderResult> VoidAuthorization(Void request) override;
  Task<ProviderResult> RefundMoney(Refund refund) override;
  Task<ProviderResult> PayOut(Payout payout) override;
  Task<std::optional<ProviderResult>> Query(std::string reference) override;

  // How many different operations it was asked for.
  std::size_t operations() const { return records_.size(); }

 private:
  enum class Operation { kAuthorize, kCapture, kVoid, kRefund, kPayout };

  // How an operation goes with a token.
  struct Script {
    ProviderResult answer;  // To the first call.
    ProviderResult end;     // What became of it.
    int webhooks = 0;       // How often the end is reported.
    bool webhook_first = false;
  };
  struct Record {
    Operation operation = Operation::kAuthorize;
    std::string token;
    Script script;
    bool reported = false;
    bool freed = false;
  };

  static Script ScriptOf(Operation operation, std::string_view token);
  static const char* NameOf(Operation operation);

  void Read(const std::string& path);
  void Write(const std::string& line);
  // Makes a record; what is `about` another one has its token and, if it is a void, frees it.
  Record& Remember(Operation operation, const std::string& reference, const std::string& about,
                   std::string token);
  Task<ProviderResult> Perform(Operation operation, std::string reference, std::string about,
                               std::string token);
  Task<> Report(std::string reference);

  Scheduler& scheduler_;
  const DeliverWebhook deliver_;
  std::ofstream file_;
  absl::node_hash_map<std::string, Record> records_;  // By reference.
  int webhooks_under_way_ = 0;
  TaskScope tasks_;
};

}  // namespace souk::payment
