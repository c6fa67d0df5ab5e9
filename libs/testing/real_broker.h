// A real Kafka broker for the tests of a program: tools/kafka starts it on a free port, with
// its data in a temporary folder. It ends with the process that started it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "libs/kafka/client_settings.h"
#include "libs/storage/temporary_folder.h"

namespace souk::testing {

class RealBroker {
 public:
  // Starts one and waits until it is ready; ends the test when that fails. Its version is
  // that of tools/kafka, or KAFKA_VERSION of the environment.
  RealBroker();
  ~RealBroker();

  // The broker that the tests of this program share, started when first asked for.
  static RealBroker& Shared();

  const std::string& address() const { return address_; }
  kafka::ClientSettings settings() const { return {{"bootstrap.servers", address_}}; }
  // Makes a topic; returns its name.
  std::string MakeTopic(std::string name, std::uint32_t partitions);

  // Where it keeps the records of a topic's first partition.
  std::string LogFile(const std::string& topic) const {
    return folder_.path() + "/data/log/" + topic + "-0/00000000000000000000.log";
  }

  void Pause();  // SIGSTOP.
  void Continue();
  void Kill();  // SIGKILL.
  void Stop();  // SIGTERM, and waits.
  // After Kill or Stop: on the same port and data.
  void Restart();

 private:
  void Start();
  void Await();

  TemporaryFolder folder_;
  std::string address_;
  pid_t pid_ = -1;
};

}  // namespace souk::testing
