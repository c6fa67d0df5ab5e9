#include "tests/simulation/plan.h"

#include <algorithm>
#include <random>

#include "absl/strings/str_format.h"

namespace souk::simulation {
namespace {

// Numbers from a source of its own, so that the plan does not depend on the world.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed * 0x9e3779b97f4a7c15 + 1) {}

  std::uint64_t Below(std::uint64_t n) { return random_() % n; }
  int Between(int first, int last) {
    return first + static_cast<int>(Below(static_cast<std::uint64_t>(last - first + 1)));
  }
  double Fraction() { return static_cast<double>(Below(1 << 20)) / (1 << 20); }
  // Zero with probability `none`, otherwise anything up to `most`.
  double Rate(double most, double none = 0.4) {
    const bool zero = Fraction() < none;
    return Fraction() * (zero ? 0 : most);
  }

 private:
  std::mt19937_64 random_;
};

double Severity(FaultLevel level) {
  switch (level) {
    case FaultLevel::kNone:
      return 0;
    case FaultLevel::kLight:
      return 0.3;
    case FaultLevel::kNormal:
      return 1;
    case FaultLevel::kHeavy:
      return 2;
  }
  return 1;
}

}  // namespace

StatusOr<FaultLevel> ParseFaultLevel(std::string_view name) {
  if (name == "none") return FaultLevel::kNone;
  if (name == "light") return FaultLevel::kLight;
  if (name == "normal") return FaultLevel::kNormal;
  if (name == "heavy") return FaultLevel::kHeavy;
  return InvalidArgument("no fault level %s; there are none, light, normal, heavy", name);
}

Plan DrawPlan(std::uint64_t seed, int purchases, FaultLevel level) {
  Dice dice(seed);
  const double severity = Severity(level);
  Plan plan;
  plan.seed = seed;
  plan.purchases = purchases;
  plan.buyers = dice.Between(1, std::max(1, purchases / 2));
  plan.sellers = dice.Between(1, 3);
  plan.products = dice.Between(1, 3);
  for (const char* const service : {"catalog", "cart", "order", "payment", "shipping", "notification"}) {
    plan.partitions[service] = static_cast<std::uint32_t>(dice.Between(1, 3));
  }
  plan.arrival_span = absl::Minutes(1) * std::pow(10, dice.Fraction() * 4);  // A minute to a week.
  plan.stock = dice.Between(1, std::max(2, purchases));

  plan.network.loss = severity * dice.Rate(0.08);
  plan.network.repetition = severity * dice.Rate(0.08);
  plan.network.slow = severity * dice.Rate(0.08);
  plan.network.broken_stream = severity * dice.Rate(0.02);
  plan.network.slow_delay_max = absl::Milliseconds(dice.Between(20, 4000));
  plan.disk.write_error_probability = severity * dice.Rate(0.001, 0.6);
  plan.disk.sync_error_probability = severity * dice.Rate(0.002, 0.6);
  plan.disk.sync_time_max = absl::Microseconds(dice.Between(100, dice.Fraction() < 0.2 ? 200'000 : 4'000));
  if (severity > 0 && dice.Fraction() < 0.9) {
    plan.messages_between_strikes = static_cast<int>(dice.Between(30, 900) / severity);
  }
  for (double* const weight : {&plan.kill, &plan.power_failure, &plan.pause, &plan.cut, &plan.disk_full,
                               &plan.restart, &plan.rebuild, &plan.broker_down}) {
    *weight = dice.Rate(1, 0.3);
  }
  plan.outage_max = absl::Seconds(dice.Between(1, 60));

  constexpr Plan::Broker kBrokers[] = {Plan::Broker::kNone, Plan::Broker::kPublish, Plan::Broker::kFeeds};
  plan.broker = kBrokers[dice.Below(std::size(kBrokers))];
  plan.log_topic = dice.Fraction() < 0.3;
  for (double* const rate : {&plan.kafka.lost_request, &plan.kafka.late_request, &plan.kafka.lost_answer}) {
    *rate = severity * dice.Rate(0.04);
  }

  plan.bank_silence = severity * dice.Rate(0.1);
  plan.webhook_loss = severity * dice.Rate(0.3);
  plan.webhook_repeat = severity * dice.Rate(0.3);
  plan.webhook_delay_max = absl::Seconds(1) * std::pow(10, dice.Fraction() * 5);  // Up to a day.
  plan.magic_cards = dice.Rate(0.6, 0.2);
  plan.mail_refused = severity * dice.Rate(0.1);
  plan.mail_rejected = severity * dice.Rate(0.02, 0.7);
  plan.mail_silence = severity * dice.Rate(0.05);
  plan.mail_repeatable = dice.Fraction() < 0.5;

  plan.double_click = dice.Rate(0.3);
  plan.impatience = dice.Rate(0.1);
  plan.abandon = dice.Rate(0.1);
  plan.change_mind = dice.Rate(0.4);
  plan.cancel = dice.Rate(0.2);
  plan.offline = dice.Rate(0.6);
  plan.confirm = dice.Fraction();
  plan.review = dice.Fraction();
  plan.seller_late = dice.Rate(0.3);
  plan.out_of_stock = dice.Rate(0.15);
  plan.seller_never = dice.Rate(0.1, 0.5);
  plan.scan_silence = dice.Rate(0.5);
  plan.scan_disorder = dice.Rate(0.6);
  plan.price_change = dice.Rate(0.2);
  plan.housekeeping = dice.Rate(1, 0.5);
  plan.sign_in = dice.Rate(0.5);
  plan.void_refused = severity * dice.Rate(0.6);
  plan.webhook_stray = severity * dice.Rate(0.02);
  plan.older = dice.Rate(1, 0.4);
  plan.lost_disk = dice.Rate(1, 0.2);
  if (plan.broker == Plan::Broker::kNone || !plan.log_topic) plan.lost_disk = 0;
  plan.seller_eager = dice.Rate(0.8, 0.5);
  return plan;
}

const std::vector<Ingredient>& Ingredients() {
  static const auto& ingredients = *new std::vector<Ingredient>{
      {"strikes", [](Plan& p) { p.messages_between_strikes = 0; }},
      {"kill", [](Plan& p) { p.kill = 0; }},
      {"power", [](Plan& p) { p.power_failure = 0; }},
      {"pause", [](Plan& p) { p.pause = 0; }},
      {"cut", [](Plan& p) { p.cut = 0; }},
      {"disk-full", [](Plan& p) { p.disk_full = 0; }},
      {"restart", [](Plan& p) { p.restart = 0; }},
      {"rebuild", [](Plan& p) { p.rebuild = 0; }},
      {"lost-disks", [](Plan& p) { p.lost_disk = 0; }},
      {"older-versions", [](Plan& p) { p.older = 0; }},
      {"loss", [](Plan& p) { p.network.loss = 0; }},
      {"repetition", [](Plan& p) { p.network.repetition = 0; }},
      {"slowness", [](Plan& p) { p.network.slow = 0; }},
      {"broken-streams", [](Plan& p) { p.network.broken_stream = 0; }},
      {"disk-errors", [](Plan& p) { p.disk = {}; }},
      {"kafka", [](Plan& p) { p.broker = Plan::Broker::kNone, p.lost_disk = 0; }},
      {"kafka-feeds",
       [](Plan& p) {
         if (p.broker == Plan::Broker::kFeeds) p.broker = Plan::Broker::kPublish;
       }},
      {"log-topic", [](Plan& p) { p.log_topic = false, p.lost_disk = 0; }},
      {"kafka-faults", [](Plan& p) { p.kafka = {}; }},
      {"broker-down", [](Plan& p) { p.broker_down = 0; }},
      {"bank-silence", [](Plan& p) { p.bank_silence = 0; }},
      {"webhook-faults", [](Plan& p) { p.webhook_loss = p.webhook_repeat = p.webhook_stray = 0; }},
      {"refused-voids", [](Plan& p) { p.void_refused = 0; }},
      {"magic-cards", [](Plan& p) { p.magic_cards = 0; }},
      {"mail-faults", [](Plan& p) { p.mail_refused = p.mail_rejected = p.mail_silence = 0; }},
      {"double-clicks", [](Plan& p) { p.double_click = 0; }},
      {"impatience", [](Plan& p) { p.impatience = 0; }},
      {"signing-in", [](Plan& p) { p.sign_in = 0; }},
      {"abandoning", [](Plan& p) { p.abandon = 0; }},
      {"changes", [](Plan& p) { p.change_mind = 0; }},
      {"cancelling", [](Plan& p) { p.cancel = 0; }},
      {"offline-payment", [](Plan& p) { p.offline = 0; }},
      {"receipts", [](Plan& p) { p.confirm = p.review = 0; }},
      {"eager-sellers", [](Plan& p) { p.seller_eager = 0; }},
      {"seller-faults", [](Plan& p) { p.seller_late = p.out_of_stock = p.seller_never = 0; }},
      {"scans", [](Plan& p) { p.scan_silence = 1; }},
      {"housekeeping", [](Plan& p) { p.housekeeping = 0; }},
      {"price-changes", [](Plan& p) { p.price_change = 0; }},
      {"partitions",
       [](Plan& p) {
         for (auto& [service, count] : p.partitions) count = 1;
       }},
      {"scarcity", [](Plan& p) { p.stock = 1000; }},
  };
  return ingredients;
}

Status RemoveIngredient(std::string_view name, Plan& plan) {
  for (const Ingredient& ingredient : Ingredients()) {
    if (name != ingredient.name) continue;
    ingredient.remove(plan);
    return OkStatus();
  }
  std::string names;
  for (const Ingredient& ingredient : Ingredients())
    names += std::string(names.empty() ? "" : ", ") + ingredient.name;
  return NotFound("a plan has no %s; it has %s", name, names);
}

std::string Plan::Describe() const {
  std::string text = absl::StrFormat("%d purchases of %d buyers at %d sellers", purchases, buyers, sellers);
  text += absl::StrFormat("; network loss %.3f repeat %.3f slow %.3f", network.loss, network.repetition,
                          network.slow);
  text +=
      absl::StrFormat("; disk errors %.4f %.4f", disk.write_error_probability, disk.sync_error_probability);
  text += broker == Broker::kNone      ? "; no Kafka"
          : broker == Broker::kPublish ? "; Kafka"
                                       : "; feeds from Kafka";
  text += absl::StrFormat("; a strike every %d messages", messages_between_strikes);
  for (const auto& [service, count] : partitions) text += absl::StrFormat("; %s/%d", service, count);
  return text;
}

}  // namespace souk::simulation
