#include "tests/simulation/audit.h"

namespace souk::simulation {

int Audit(World& world) {
  AuditLogs(world);
  return static_cast<int>(world.testimony().orders.size());
}

}  // namespace souk::simulation
