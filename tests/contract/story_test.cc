// That the story is complete: every method of every service has its line.
#include "tests/contract/story.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace souk::contract {
namespace {

TEST_CASE("every method of every service has its line in the story") {
  std::set<std::string> told;
  for (const Line& line : Story()) told.insert(line.method);
  for (const Aside& aside : Asides()) told.insert(aside.line.method);
  const WholeStore store;
  std::set<std::string> served;
  for (const auto& [name, rpc] : store.rpcs()) served.insert(name);
  CHECK(told == served);
}

TEST_CASE("every method of the .proto files is served") {
  const WholeStore store;
  for (const auto& [name, rpc] : store.rpcs()) {
    const google::protobuf::FileDescriptor* const file = rpc.descriptor->file();
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        INFO(file->service(i)->method(j)->full_name());
        CHECK(store.rpcs().contains(file->service(i)->method(j)->name()));
      }
    }
  }
}

TEST_CASE("every line of the story works for its caller") {
  Scene::ForEach([](Scene& scene) {
    const auto response = scene.store().Call(scene.rpc(), scene.line().caller, *scene.Request());
    INFO(response.status().ToString());
    CHECK(response.ok() == scene.line().works);
  });
}

}  // namespace
}  // namespace souk::contract
