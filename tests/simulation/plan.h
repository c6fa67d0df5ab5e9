// What a seed draws before its world begins: how large it is and how hostile. Every seed
// draws its own rates, many of them zero, so that faults that hide each other meet alone,
// too (swarm testing).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/rpc/sim_network.h"
#include "libs/storage/sim_disk.h"
#include "libs/testing/model_kafka.h"
#include "tests/simulation/mutation.h"

namespace souk::simulation {

enum class FaultLevel { kNone, kLight, kNormal, kHeavy };
StatusOr<FaultLevel> ParseFaultLevel(std::string_view name);

struct Plan {
  std::uint64_t seed = 0;
  Mutant mutant = Mutant::kNone;

  absl::Time start = absl::FromUnixSeconds(1'767'600'000);

  // -- The size --
  int purchases = 20;
  int buyers = 5;
  int sellers = 2;
  int products = 3;  // Of each seller.
  std::map<std::string, std::uint32_t> partitions;
  absl::Duration arrival_span = absl::Hours(72);  // In which the purchases begin.
  std::int64_t stock = 20;                        // Of a product at first.

  // -- The machinery, in the safety phase --
  rpc::NetworkFaults network;
  DiskCondition disk;
  // Messages between two strikes of havoc, on average; 0: none.
  int messages_between_strikes = 0;
  // How often havoc does each of its deeds, as weights.
  double kill = 1, power_failure = 1, pause = 1, cut = 1, disk_full = 1, restart = 1, rebuild = 0,
         broker_down = 1, older = 0, lost_disk = 0;
  absl::Duration outage_max = absl::Seconds(20);

  // -- Kafka: none, for publication, or to take events from, too --
  enum class Broker { kNone, kPublish, kFeeds };
  Broker broker = Broker::kNone;
  bool log_topic = false;
  testing::KafkaFaults kafka;

  // -- The world outside --
  double bank_silence = 0;  // A request or its answer gets lost.
  double webhook_loss = 0;  // A webhook is never sent.
  double webhook_repeat = 0;
  double webhook_stray = 0;  // A webhook about something that is not ours.
  double void_refused = 0;   // An authorisation has lapsed before we give it up.
  absl::Duration webhook_delay_max = absl::Seconds(2);
  double magic_cards = 0;    // A card that is not simply good.
  double mail_refused = 0;   // For now.
  double mail_rejected = 0;  // For good.
  double mail_silence = 0;   // Taken, or not, and no answer.
  bool mail_repeatable = false;

  // -- People --
  double double_click = 0;
  double impatience = 0;  // Gives up waiting for an answer.
  double sign_in = 0;     // Fills a cart as a guest first.
  double abandon = 0;
  double change_mind = 0;  // Changes cart, address or choices on the way.
  double cancel = 0;
  double offline = 0;    // Pays by bank transfer or cash.
  double confirm = 0.5;  // Says when the parcel has come.
  double review = 0.2;
  double seller_eager = 0;  // Looks again within minutes.
  double seller_late = 0;
  double out_of_stock = 0;
  double seller_never = 0;
  double scan_silence = 0;  // The carrier says nothing of a parcel.
  double scan_disorder = 0;
  double price_change = 0;
  double housekeeping = 0;  // Of a shop that somebody tidies while people buy.

  // In one line, for reports.
  std::string Describe() const;
};

Plan DrawPlan(std::uint64_t seed, int purchases, FaultLevel level);

// Something that can be taken out of a plan, to see whether a failure needs it.
struct Ingredient {
  const char* name;
  void (*remove)(Plan& plan);
};
const std::vector<Ingredient>& Ingredients();
// NOT_FOUND for a name that is none.
Status RemoveIngredient(std::string_view name, Plan& plan);

}  // namespace souk::simulation
