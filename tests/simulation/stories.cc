#include "tests/simulation/stories.h"

#include "tests/simulation/world_client.h"
#include "tools/soukctl/olist/import_olist.h"
#include "tools/soukctl/story/demo.h"

namespace souk::simulation {

Status CheckStory(const std::string& name) {
  return name == "quickstart" ? OkStatus() : NotFound("no story %s; there is quickstart", name);
}

Story QuickStart(std::uint64_t seed) {
  return [seed](World& world, std::ostream& told) {
    WorldClient store(world);
    return ctl::PlayDemo(store, {.run = absl::StrFormat("%012d", seed), .out = &told});
  };
}

Story RecordedOrders(std::string folder, std::size_t orders_max) {
  return [folder = std::move(folder), orders_max](World& world, std::ostream& told) {
    WorldClient store(world);
    return ctl::ImportOlist(store, {.folder = folder, .quiet = true, .orders_max = orders_max, .out = &told});
  };
}

}  // namespace souk::simulation
