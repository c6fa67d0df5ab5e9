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
  // Starts one and waits until it is ready; ends the test when that fails. `version` as
  // tools/kafka knows it.
  explicit RealBroker(std::string version = "3.9.1");
  ~RealBroker();

  // The broker that the tests of this program share, started when first asked for. Version
  // SOUK_TEST_KAFKA_VERSION of the environment if that is set.
  static RealBroker& Shared();

  const std::string& address() const { return address_; }
  kafka::ClientSettings settings() const { return {{"bootstrap.servers", address_}}; }
  // Makes a topic; returns its name.
  std::string MakeTopic(std::string name, std::uint32_t partitions);

  void Pause();  // SIGSTOP.
  void Continue();
  void Kill();  // SIGKILL.
  void Stop();  // SIGTERM, and waits.
  // After Kill or Stop: on the same port and data.
  void Restart();

 private:
  void Start();
  void Await();

  const std::string version_;
  TemporaryFolder folder_;
  std::string address_;
  pid_t pid_ = -1;
};

}  // namespace souk::testing
