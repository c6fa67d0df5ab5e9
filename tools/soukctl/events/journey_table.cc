#include "tools/soukctl/events/journey_table.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "tools/soukctl/table.h"
#include "tools/soukctl/time_text.h"

namespace souk::ctl {
void PrintJourney(const order::v1::OrderJourney& journey, bool json) {
  nlohmann::ordered_json steps = nlohmann::json::array();
  Table table({"", "BUYER", "SELLER", "TIME", "WHO", "WAITING"});
  for (const order::v1::JourneyStep& step : journey.steps()) {
    const bool buyer = step.lane() == order::v1::JourneyStep::LANE_BUYER;
    const bool done = step.progress() == order::v1::JourneyStep::PROGRESS_DONE;
    const bool current = step.progress() == order::v1::JourneyStep::PROGRESS_CURRENT;
    std::string waiting;
    if (current) {
      waiting = order::v1::Party_Name(step.waiting_on()).substr(sizeof "PARTY_" - 1);
      if (step.has_waiting_until_time()) waiting += " until " + TimeText(step.waiting_until_time());
    }
    table.Add({done      ? "x"
               : current ? ">"
                         : " ",
               buyer ? step.name() : "", buyer ? "" : step.name(),
               step.has_time() ? TimeText(step.time()) : "", step.actor(), waiting});
    steps.push_back(
        {{"name", step.name()},
         {"lane", buyer ? "buyer" : "seller"},
         {"done", done},
         {"current", current},
         {"time", step.has_time() ? TimeText(step.time()) : ""},
         {"actor", step.actor()},
         {"waiting", waiting},
         {"event_ids", std::vector<std::string>(step.event_ids().begin(), step.event_ids().end())}});
  }
  if (json) {
    std::puts(steps.dump(2).c_str());
    return;
  }
  std::printf("order %s: %s\n", journey.order_id().c_str(),
              order::v1::OrderState::State_Name(journey.state()).substr(sizeof "STATE_" - 1).c_str());
  table.Print();
}

}  // namespace souk::ctl
