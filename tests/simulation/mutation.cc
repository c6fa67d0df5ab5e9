#include "tests/simulation/mutation.h"

#include <string>

#include "absl/strings/str_split.h"

namespace souk::simulation {

const std::vector<Mutation>& Mutations() {
  static const auto& mutations = *new std::vector<Mutation>{
      {Mutant::kAcknowledgeBeforeSync, "acknowledge-before-sync", "a write is done before it is synced",
       "L-1 L-2", 20},
      {Mutant::kForgetRequests, "forget-requests", "which requests took effect is not stored", "L-6 I-44",
       20},
      {Mutant::kForgetTimers, "forget-timers", "effects and timers are not stored: a restart loses them",
       "I-18 I-44", 20},
      {Mutant::kStaleSnapshot, "stale-snapshot", "every third snapshot is not written", "I-44", 20},
      {Mutant::kForgetIndexRow, "forget-index-row", "an index row is now and then not written", "I-44", 20},
      {Mutant::kForgetLogRecord, "forget-log-record", "an event is now and then not written", "L-3 L-5", 20},
      {Mutant::kFlipLogBit, "flip-log-bit", "a bit of an event now and then flips", "L-3 L-5", 20},
      {Mutant::kTornBatch, "torn-batch", "a power failure leaves half a batch", "L-3 L-5 I-44", 100},
      {Mutant::kLyingSync, "lying-sync", "a power failure takes what was synced", "L-1", 50},
      {Mutant::kCheckpointAhead, "checkpoint-ahead", "a consumer's checkpoint is stored ahead of its work",
       "I-49", 50},
      {Mutant::kFeedSkips, "feed-skips", "a feed leaves out an event now and then", "L-4", 20},
      {Mutant::kFeedRepeats, "feed-repeats", "a feed brings an event again under another id", "L-4", 20},
      {Mutant::kFeedReorders, "feed-reorders", "a feed swaps neighbours", "L-4", 20},
      {Mutant::kOlderSkips, "older-skips", "an older version passes by what it does not know", "L-9", 50},
      {Mutant::kRestoreForgets, "restore-forgets", "a store that is made again lacks its last event", "L-10",
       100},
      {Mutant::kPublishWithoutFence, "publish-without-fence", "a publisher does not fence the one before it",
       "K-1", 100},
      {Mutant::kPublishWithoutReadBack, "publish-without-read-back",
       "a publisher goes by what it remembers, not by what the topic has", "K-1", 50},
      {Mutant::kPublishTwice, "publish-twice", "a batch is sent to the broker twice", "K-1", 20},
      {Mutant::kCommitHoldDropped, "commit-hold-dropped", "the catalogue is never told that stock was sold",
       "I-5 I-1", 20},
      {Mutant::kHoldInvented, "hold-invented", "stock counts as held without asking", "I-5 I-1 I-18", 20},
      {Mutant::kVoidDropped, "void-dropped", "a failed checkout does not give up its payment", "I-19", 100},
      {Mutant::kChargeMore, "charge-more", "a payment is for a euro more than was agreed", "M-1", 20},
      {Mutant::kForgetSettling, "forget-settling", "a cart is never told that it was ordered", "I-10", 50},
      {Mutant::kConfirmAtAuthorization, "confirm-at-authorization",
       "a card that is authorised counts as paid", "M-3", 20},
      {Mutant::kCaptureTwice, "capture-twice", "a capture is made twice", "I-21 I-23", 20},
      {Mutant::kCaptureUnclaimed, "capture-unclaimed", "money is captured at authorisation, without a claim",
       "I-21 I-23 I-30", 20},
      {Mutant::kRefundTwice, "refund-twice", "a refund is made twice", "I-22 I-30", 50},
      {Mutant::kUnknownIsFailure, "unknown-is-failure", "no answer of the bank counts as a refusal",
       "I-19 I-23 I-30", 50},
      {Mutant::kUnknownIsSuccess, "unknown-is-success", "no answer of the bank counts as success",
       "I-21 I-23 I-30", 50},
      {Mutant::kVoidNotSent, "void-not-sent", "an authorisation is given up without telling the bank", "I-19",
       100},
      {Mutant::kPayoutTwice, "payout-twice", "a seller is paid twice", "I-33 I-30", 50},
      {Mutant::kForgedWebhook, "forged-webhook", "a webhook says that what failed was done", "I-33 I-30",
       100},
      {Mutant::kMailTwice, "mail-twice", "a mail is handed over twice", "I-40", 20},
      {Mutant::kMailNotSent, "mail-not-sent", "a mail counts as sent and is not", "M-2", 20},
      {Mutant::kMailUnknownIsFailure, "mail-unknown-is-failure",
       "no answer of the mail server counts as a refusal", "I-40", 100},
      {Mutant::kMailMisdirected, "mail-misdirected", "a mail goes to whom the last one went", "I-48", 20},
      {Mutant::kSellerIsOperator, "seller-is-operator", "whoever reads may read everything", "I-48", 20},
      {Mutant::kTimersStandStill, "timers-stand-still", "the timers of orders never fire", "I-18", 20},
  };
  return mutations;
}

StatusOr<const Mutation*> FindMutation(std::string_view name) {
  std::string names;
  for (const Mutation& mutation : Mutations()) {
    if (name == mutation.name) return &mutation;
    names += std::string(names.empty() ? "" : ", ") + mutation.name;
  }
  return NotFound("no mutation %s; there are %s", name, names);
}

bool IsMeantFor(const Mutation& mutation, std::string_view invariant) {
  for (const std::string& number : std::vector<std::string>(absl::StrSplit(mutation.auditors, ' '))) {
    if (invariant.starts_with(number + " ")) return true;
  }
  return false;
}

}  // namespace souk::simulation
