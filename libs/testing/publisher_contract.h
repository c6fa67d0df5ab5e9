// What TopicPublisher must do against every broker, a model or a real one: each event once
// and in order, whatever becomes of writers, commits and processes.
#pragma once

#include <string>

#include "libs/base/task.h"
#include "libs/kafka/broker.h"
#include "libs/runtime/scheduler.h"
#include "libs/testing/scripted_broker.h"

namespace souk::testing {

class PublisherWorld {
 public:
  virtual ~PublisherWorld() = default;
  virtual Scheduler& scheduler() = 0;
  virtual kafka::Broker& broker() = 0;
  virtual void MakeTopic(std::string name) = 0;
  virtual void DeleteTopic(std::string name) = 0;
  // Remembers how far a topic goes; takes away what came after that, as when a broker loses
  // power that had not yet written it to its disk.
  virtual void MarkEnd(std::string topic) = 0;
  virtual void LoseWhatFollowed(std::string topic) = 0;
  // The name of a service that nobody else uses.
  virtual std::string NewService() = 0;
  // Runs `task` to its end on the scheduler.
  virtual void Run(Task<> task) = 0;
};

// Sections of one test case. Those about the fence and the read back run once more without
// them, and demand that the topic is then wrong: a test that could not tell proves nothing.
void CheckPublisherContract(PublisherWorld& world);

// Processes that follow each other in the midst of their work, in a world where requests and
// answers get lost. OK when the topic is right in the end; DATA_LOSS when it is not.
Task<Status> PublishRestlessly(PublisherWorld& world, Without without);

}  // namespace souk::testing
