// Marketplaces that are broken on purpose, to see that an auditor notices. They are broken
// from outside, where the simulator stands between a service and its disk, feeds, channels,
// bank and mail server: the services themselves have no such flags.
#pragma once

#include <string_view>
#include <vector>

#include "libs/base/status.h"

namespace souk::simulation {

enum class Mutant {
  kNone,
  // Disks.
  kAcknowledgeBeforeSync,
  kForgetRequests,
  kForgetTimers,
  kStaleSnapshot,
  kForgetIndexRow,
  kForgetLogRecord,
  kFlipLogBit,
  kTornBatch,
  kLyingSync,
  kCheckpointAhead,
  // Feeds.
  kFeedSkips,
  kFeedRepeats,
  kFeedReorders,
  kOlderSkips,
  // Operators.
  kRestoreForgets,
  // The broker.
  kPublishWithoutFence,
  kPublishWithoutReadBack,
  kPublishTwice,
  // Calls between services.
  kCommitHoldDropped,
  kHoldInvented,
  kVoidDropped,
  kChargeMore,
  kForgetSettling,
  kConfirmAtAuthorization,
  // The payment provider's adaptor.
  kCaptureTwice,
  kCaptureUnclaimed,
  kRefundTwice,
  kUnknownIsFailure,
  kUnknownIsSuccess,
  kVoidNotSent,
  kPayoutTwice,
  kForgedWebhook,
  // The mail server's adaptor.
  kMailTwice,
  kMailNotSent,
  kMailUnknownIsFailure,
  kMailMisdirected,
  // Access and time.
  kSellerIsOperator,
  kTimersStandStill,
};

struct Mutation {
  Mutant mutant;
  const char* name;      // On the command line.
  const char* story;     // What is broken.
  const char* auditors;  // The invariants meant to notice, such as "L-1", with spaces.
  int seeds_max;         // Within so many seeds.
};

const std::vector<Mutation>& Mutations();
// NOT_FOUND, with all names, when there is none of that name.
StatusOr<const Mutation*> FindMutation(std::string_view name);
// True when `invariant` ("L-1 ...") is one that is meant to notice.
bool IsMeantFor(const Mutation& mutation, std::string_view invariant);

}  // namespace souk::simulation
