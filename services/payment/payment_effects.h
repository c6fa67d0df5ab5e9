// What happens outside because of events: the provider is asked, its answers are recorded,
// and the sellers' side of the ledger follows the buyers' side. Every handler may run
// again after a crash: the provider does what has the same reference once, and an outcome
// counts once.
#pragma once

#include "libs/eventsourcing/engine.h"
#include "libs/eventstore/subject_keys.h"
#include "services/payment/provider.h"
#include "souk/payment/v1/payment_intent_events.pb.h"
#include "souk/payment/v1/payout_events.pb.h"

namespace souk::payment {

class PaymentEffects {
 public:
  // All references must outlive the object.
  PaymentEffects(Engine& engine, Provider& provider, const SubjectKeys& keys)
      : engine_(engine), provider_(provider), keys_(keys) {}

  // Names the handlers to the engine.
  void Register();

 private:
  // Of an intent: asks the provider to do something, or what became of it.
  Task<Status> Submit(Effect effect);
  Task<Status> Resolve(Effect effect);
  Task<Status> RunExpiry(Effect effect);
  Task<Status> Settle(Effect effect);
  // Of a payout.
  Task<Status> SubmitPayout(Effect effect);
  Task<Status> ResolvePayout(Effect effect);
  // Of a webhook.
  Task<Status> ApplyWebhook(Effect effect);

  Task<ProviderResult> Perform(Shared<v1::PaymentIntentState> state, v1::ProviderOperation operation);
  Task<StatusOr<ProviderResult>> PayOut(Shared<v1::PayoutState> state);
  Task<Status> RecordPayoutResult(std::string payout_id, ProviderResult result, std::int32_t attempts,
                                  CommandMetadata metadata);

  Engine& engine_;
  Provider& provider_;
  const SubjectKeys& keys_;
};

}  // namespace souk::payment
