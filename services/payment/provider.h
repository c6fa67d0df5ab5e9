// What we need of a payment provider. Everything is asked with a reference of ours, and
// the provider does what has the same reference once: asking again gives the answer of
// the first time. So an effect may repeat a call after a crash.
//
// Every call has one of three ends: it succeeded, it failed for good, or nobody knows.
// "Nobody knows" is never taken for a failure: Query finds out later.
//
// Results that come late arrive as webhooks, at ReceiveProviderEvent.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "libs/base/money.h"
#include "libs/base/task.h"
#include "souk/payment/v1/payment_service.pb.h"

namespace souk::payment {

struct ProviderResult {
  enum class Kind {
    kSucceeded,
    kFailed,          // Not done, and will not be; `code` says why.
    kPending,         // Accepted: the result follows.
    kUnknown,         // No answer, or none that can be understood.
    kActionRequired,  // The buyer has to confirm at `url`.
  };
  Kind kind = Kind::kUnknown;
  std::string code;        // Such as "insufficient_funds".
  bool retryable = false;  // Whether another try, or another card, may work.
  std::string url;

  friend bool operator==(const ProviderResult&, const ProviderResult&) = default;
};

class Provider {
 public:
  virtual ~Provider() = default;

  struct Authorization {
    std::string reference;
    std::string card_token;
    Money amount;
  };
  virtual Task<ProviderResult> Authorize(Authorization authorization) = 0;

  // `about` is the reference of the authorisation.
  struct Capture {
    std::string reference;
    std::string about;
    Money amount;
  };
  virtual Task<ProviderResult> CaptureMoney(Capture capture) = 0;

  // Frees what an authorisation keeps, also one that waits for the buyer. Once this has
  // succeeded the authorisation never does.
  struct Void {
    std::string reference;
    std::string about;
  };
  virtual Task<ProviderResult> VoidAuthorization(Void request) = 0;

  // Gives money back to where it came from. `about` is the reference of the capture, or
  // what a bank transfer said.
  struct Refund {
    std::string reference;
    std::string about;
    Money amount;
  };
  virtual Task<ProviderResult> RefundMoney(Refund refund) = 0;

  struct Payout {
    std::string reference;
    std::string holder;
    std::string iban;
    Money amount;
  };
  virtual Task<ProviderResult> PayOut(Payout payout) = 0;

  // What became of an operation. Nothing when the provider never heard of it.
  virtual Task<std::optional<ProviderResult>> Query(std::string reference) = 0;

  // Called once, when the service is ready for webhooks.
  virtual void Start() {}
  // True when nothing that was started here is on its way.
  virtual bool Idle() const { return true; }
};

// Delivers a webhook to the service; OK when it was acknowledged. For providers that run
// in the same process.
using DeliverWebhook = std::function<Task<Status>(v1::ReceiveProviderEventRequest)>;

}  // namespace souk::payment
