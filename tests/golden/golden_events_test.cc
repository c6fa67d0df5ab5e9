// What a release has written, later ones must read: every kind of event that any service
// stores or publishes has its bytes here, with every field set, and no byte of them changes.
//
// A new kind or field: golden_events_test "[.add]" adds what is missing.
#include "tests/golden/golden_events.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "absl/strings/escaping.h"

namespace souk::golden {
namespace {

using google::protobuf::Message;

// The fields that are set in the samples of one kind.
std::set<std::string> CoveredBy(const Kind& kind, const std::vector<Sample>& samples) {
  std::set<std::string> covered;
  for (const Sample& sample : samples) {
    const std::unique_ptr<Message> event = NewMessage(kind.message);
    event->ParseFromString(absl::HexStringToBytes(sample.bytes));
    covered.merge(FieldsIn(*event));
  }
  return covered;
}

std::set<std::string> Missing(const Kind& kind, const std::set<std::string>& covered) {
  std::set<std::string> missing = FieldsOf(kind);
  for (const std::string& field : covered) missing.erase(field);
  return missing;
}

TEST_CASE("bytes of events that were ever written read and write as they did") {
  auto samples = ReadSamples(SOUK_GOLDEN_FOLDER);
  for (auto& [name, of_kind] : ReadSamples(SOUK_GOLDEN_FOLDER "/histories")) {
    samples[name].insert(samples[name].end(), of_kind.begin(), of_kind.end());
  }
  std::map<std::string, std::string> messages;
  for (const Kind& kind : AllKinds()) messages[kind.name] = kind.message;
  for (const auto& [name, of_kind] : samples) {
    INFO(name);
    REQUIRE(messages.contains(name));  // Otherwise an event was removed that logs still have.
    for (const Sample& sample : of_kind) {
      const std::string bytes = absl::HexStringToBytes(sample.bytes);
      const std::unique_ptr<Message> event = NewMessage(messages[name]);
      REQUIRE(event->ParseFromString(bytes));
      CHECK(event->ShortDebugString() == sample.text);
      CHECK(absl::BytesToHexString(event->SerializeAsString()) == sample.bytes);
    }
  }
}

TEST_CASE("every kind of event, stored or public, has golden bytes with each of its fields") {
  const auto samples = ReadSamples(SOUK_GOLDEN_FOLDER);
  const std::vector<Kind> kinds = AllKinds();
  CHECK(kinds.size() > 150);
  for (const Kind& kind : kinds) {
    INFO(kind.name);
    const auto found = samples.find(kind.name);
    if (found == samples.end()) {
      FAIL_CHECK("has no golden bytes: run golden_events_test \"[.add]\" and commit what it adds");
      continue;
    }
    for (const std::string& field : Missing(kind, CoveredBy(kind, found->second))) {
      INFO(field);
      FAIL_CHECK("is in no golden bytes: run golden_events_test \"[.add]\" and commit what it adds");
    }
  }
}

TEST_CASE("golden bytes are added for what has none", "[.add]") {
  auto samples = ReadSamples(SOUK_GOLDEN_FOLDER);
  for (const Kind& kind : AllKinds()) {
    const std::string package = kind.message.substr(0, kind.message.rfind('.'));
    for (int round = 0; round < 50; ++round) {
      std::vector<Sample>& of_kind = samples[kind.name];
      const std::set<std::string> covered = CoveredBy(kind, of_kind);
      if (!of_kind.empty() && Missing(kind, covered).empty()) break;
      const std::unique_ptr<Message> event = Fill(kind, covered);
      of_kind.push_back({absl::BytesToHexString(event->SerializeAsString()), event->ShortDebugString()});
      std::ofstream file(SOUK_GOLDEN_FOLDER "/" + package + ".txt", std::ios::app);
      file << kind.name << '\n' << of_kind.back().bytes << '\n' << of_kind.back().text << "\n\n";
      CHECK(file.good());
    }
  }
}

}  // namespace
}  // namespace souk::golden
