#include "libs/module/personal_data_service.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/principal.h"
#include "libs/runtime/sim_scheduler.h"
#include "libs/storage/memory_store.h"

namespace souk {
namespace {

using eventlog::v1::EraseSubjectRequest;
using eventlog::v1::EraseSubjectResponse;

// Two services that have recorded something of the same people.
class Process {
 public:
  Process() {
    service_.Add("catalog", catalog);
    service_.Add("order", order);
  }

  template <typename Result>
  Result Run(Task<Result> task) {
    std::optional<Result> result;
    TaskScope scope;
    scope.Spawn([](Task<Result> t, std::optional<Result>& out) -> Task<> { out = co_await std::move(t); }(
                                                                   std::move(task), result));
    REQUIRE(result.has_value());
    return *std::move(result);
  }

  type::v1::Sealed Seal(SubjectKeys& keys, const std::string& subject) {
    return Run(keys.Seal(subject, "Ackerstr. 12", "seed")).value();
  }
  StatusOr<EraseSubjectResponse> Erase(const std::string& subject, const std::string& service = "") {
    EraseSubjectRequest request;
    request.set_request_id("erase");
    request.set_subject(subject);
    request.set_service(service);
    return Run(service_.EraseSubject({.principal = {Principal::Kind::kOperator, "olga"}}, request));
  }

 private:
  MemoryStore catalog_store_, order_store_;

 public:
  SubjectKeys catalog{catalog_store_, std::string(32, 'k')};
  SubjectKeys order{order_store_, std::string(32, 'k')};

 private:
  PersonalDataService service_;
};

TEST_CASE("who is erased cannot be read any more, in any service; others can") {
  Process process;
  const auto in_catalog = process.Seal(process.catalog, "buyer/b-1");
  const auto in_order = process.Seal(process.order, "buyer/b-1");
  const auto others = process.Seal(process.order, "seller/b-1");
  const auto erased = process.Erase("buyer/b-1");
  REQUIRE(erased.ok());
  CHECK(std::vector<std::string>(erased->services().begin(), erased->services().end()) ==
        std::vector<std::string>{"catalog", "order"});
  CHECK(Reason(process.catalog.Open(in_catalog).status()) == "SUBJECT_ERASED");
  CHECK(Reason(process.order.Open(in_order).status()) == "SUBJECT_ERASED");
  CHECK(process.order.Open(others).ok());
  CHECK(process.Erase("buyer/b-1").ok());
}

TEST_CASE("a guest is erased by her token, and one service may be enough") {
  Process process;
  const std::string subject = "buyer/" + BuyerIdOf({Principal::Kind::kGuest, "t-1"});
  const auto in_catalog = process.Seal(process.catalog, subject);
  const auto in_order = process.Seal(process.order, subject);
  REQUIRE(process.Erase("guest/t-1", "order").ok());
  CHECK(process.catalog.Open(in_catalog).ok());
  CHECK_FALSE(process.order.Open(in_order).ok());
}

TEST_CASE("who does not know a guest's token erases her by what events and orders say") {
  const Principal guest{Principal::Kind::kGuest, "t-1"};
  for (const std::string& name : {ActorOf(guest), "buyer/" + BuyerIdOf(guest)}) {
    INFO(name);
    Process process;
    const auto sealed = process.Seal(process.order, "buyer/" + BuyerIdOf(guest));
    REQUIRE(process.Erase(name).ok());
    CHECK_FALSE(process.order.Open(sealed).ok());
  }
}

TEST_CASE("the data of a guest of version 0.1.0 are erased, too") {
  Process process;
  const auto sealed = process.Seal(process.order, "buyer/guest:t-1");
  REQUIRE(process.Erase("guest/t-1").ok());
  CHECK_FALSE(process.order.Open(sealed).ok());
}

TEST_CASE("only a person can be erased, and only where she is served") {
  Process process;
  for (const char* subject : {"", "buyer", "buyer/", "operator/o", "service/order", "guest", "b-1"}) {
    INFO(subject);
    CHECK(absl::IsInvalidArgument(process.Erase(subject).status()));
  }
  CHECK(absl::IsInvalidArgument(process.Erase("buyer/b-1", "cart").status()));
}

}  // namespace
}  // namespace souk
