// What every implementation of kafka::Broker must do; see libs/kafka/broker.h. A test of an
// implementation gives a world to it, in a test case of its own:
//
//   TEST_CASE("the model of Kafka is a broker") { MyWorld world; CheckBrokerContract(world); }
#pragma once

#include <cstdint>
#include <string>

#include "libs/base/task.h"
#include "libs/kafka/broker.h"

namespace souk::testing {

class BrokerWorld {
 public:
  virtual ~BrokerWorld() = default;
  virtual kafka::Broker& broker() = 0;
  // A topic that nobody else uses.
  virtual std::string MakeTopic(std::uint32_t partitions) = 0;
  // Runs `task` to its end on the scheduler of the broker.
  virtual void Run(Task<> task) = 0;
};

// Sections of one test case.
void CheckBrokerContract(BrokerWorld& world);

}  // namespace souk::testing
