// The payment provider and the buyers' banks: outside of Souk, with a memory of their own
// that no crash of ours touches. What is in here is the truth about money; the auditors
// compare our ledger with it.
//
// Cards behave as their tokens say (services/payment/README.md has the table). Answers get
// lost, webhooks come late, twice or never.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "services/payment/module.h"
#include "services/payment/provider.h"
#include "tests/simulation/stage.h"

namespace souk::simulation {

class Bank {
 public:
  enum class Kind { kAuthorize, kCapture, kVoid, kRefund, kPayout };
  enum class State { kOpen, kNeedsBuyer, kDone, kRefused, kFreed };

  struct Operation {
    Kind kind = Kind::kAuthorize;
    std::string about;  // Of a capture or void: the authorisation; of a refund: the capture.
    std::string token;
    Money amount;
    State state = State::kOpen;
    std::string code;  // Why it was refused.
    int times_asked = 0;
    std::int64_t used = 0;  // Of an authorisation: captured; of a capture: refunded.
  };

  explicit Bank(Stage& stage) : stage_(stage) {}

  // The adaptor of one payment process: see services/payment/module.h.
  payment::OpenProvider Opener();

  // The buyer confirms an authorisation that waits for her.
  void Confirm(const std::string& intent_id);
  // Money that a buyer sent to our account, with a payment reference.
  void ReceiveTransfer(const std::string& reference, std::int64_t amount) { transfers_[reference] += amount; }

  // What was captured for an order.
  std::int64_t CapturedFor(const std::string& order_id) const;
  const std::map<std::string, Operation>& operations() const { return operations_; }
  const std::map<std::string, std::int64_t>& transfers() const { return transfers_; }
  // What we have at the bank: captured and received, less what was refunded and paid out.
  std::int64_t Balance() const;
  // No webhook is due or on its way.
  bool idle() const { return under_way_ == 0; }
  // In the liveness phase nothing is lost any more.
  void Heal() { healed_ = true; }

 private:
  class Adaptor;

  // Does what has this reference once; says what became of it.
  payment::ProviderResult Perform(const std::string& reference, Operation wanted);
  void Overdo(const std::string& reference, Operation operation, const payment::ProviderResult& answer);
  void Decide(const std::string& reference, Operation& operation);
  payment::ProviderResult Answer(const Operation& operation) const;
  void SendWebhook(const std::string& reference);
  Task<> DeliverStray();
  Task<> Deliver(std::string reference, std::string event_id);
  Task<> DeliverAtLast(std::string reference, std::string event_id);
  bool Silent() { return !healed_ && stage_.Chance(stage_.plan.bank_silence); }

  Stage& stage_;
  std::map<std::string, Operation> operations_;  // By reference.
  std::map<std::string, std::int64_t> transfers_;
  std::map<std::string, std::int64_t> transfers_refunded_;
  bool healed_ = false;
  int under_way_ = 0;
  rpc::SimChannel channel_{stage_.network, "bank", "payment", stage_.scheduler};
  TaskScope tasks_;
};

}  // namespace souk::simulation
