#include "libs/module/admin_service.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "libs/base/proto_time.h"
#include "libs/module/store_clock_fixture.h"

namespace souk {
namespace {

using admin::v1::AdvanceTimeRequest;
using admin::v1::AdvanceTimeResponse;

const Principal kOperator{Principal::Kind::kOperator, "olga"};
const Principal kService{Principal::Kind::kService, "order"};

// Two processes, and an operator who calls the first.
class Office {
 public:
  Office() {
    world.Start();
    REQUIRE(world.Run(b.Open("c")).ok());
  }
  template <typename Response, typename Request>
  StatusOr<Response> Call(Request request, Principal caller = kOperator) {
    return world.Run(rpc::Call<Response>(wire_, {.principal = std::move(caller)}, std::move(request)));
  }

  StoreWorld world;
  StoreProcess& a = world.Add("a");
  StoreProcess& b = world.Add("b");

 private:
  rpc::SimChannel wire_{world.network(), "operator", "a", world.scheduler()};
};

AdvanceTimeRequest By(absl::Duration duration) {
  AdvanceTimeRequest request;
  request.set_seconds(absl::ToInt64Seconds(duration));
  return request;
}

TEST_CASE("an operator sees the time, and when the store's next timer is due") {
  Office office;
  const auto time = office.Call<admin::v1::GetTimeResponse>(admin::v1::GetTimeRequest());
  REQUIRE(time.ok());
  CHECK(FromProto(time->time()) == kStart);
  CHECK(time->manual());
  CHECK(FromProto(time->next_due_time()) == kStart + kDay);
  REQUIRE(office.Call<AdvanceTimeResponse>(By(2 * kDay)).ok());
  CHECK_FALSE(office.Call<admin::v1::GetTimeResponse>(admin::v1::GetTimeRequest())->has_next_due_time());
}

TEST_CASE("an operator moves the time of the store by seconds, to a time, or until nothing is due") {
  Office office;
  AdvanceTimeRequest request = By(absl::Hours(1));
  SECTION("by seconds") {
    const auto moved = office.Call<AdvanceTimeResponse>(request);
    REQUIRE(moved.ok());
    CHECK(FromProto(moved->time()) == kStart + absl::Hours(1));
    CHECK(moved->timers_fired() == 0);
  }
  SECTION("to a time") {
    *request.mutable_time() = ToProto(kStart + 3 * kDay);
    const auto moved = office.Call<AdvanceTimeResponse>(request);
    REQUIRE(moved.ok());
    CHECK(FromProto(moved->time()) == kStart + 3 * kDay);
    CHECK(moved->timers_fired() == 1);
  }
  SECTION("until nothing is due") {
    request.set_until_idle(true);
    const auto moved = office.Call<AdvanceTimeResponse>(request);
    REQUIRE(moved.ok());
    CHECK(FromProto(moved->time()) == kStart + kDay);
    CHECK(moved->timers_fired() == 1);
  }
  SECTION("until nothing is due, but no further than a limit") {
    request.set_until_idle(true);
    *request.mutable_limit_time() = ToProto(kStart + absl::Hours(2));
    const auto moved = office.Call<AdvanceTimeResponse>(request);
    REQUIRE(moved.ok());
    CHECK(FromProto(moved->time()) == kStart);
    CHECK(moved->timers_fired() == 0);
  }
  CHECK(office.a.now() == office.b.now());
}

TEST_CASE("time does not go back, and is told where to go") {
  Office office;
  const Status back = office.Call<AdvanceTimeResponse>(By(-absl::Seconds(1))).status();
  REQUIRE(FieldViolations(back).size() == 1);
  CHECK(FieldViolations(back)[0].field == "seconds");
  const Status nowhere = office.Call<AdvanceTimeResponse>(AdvanceTimeRequest()).status();
  REQUIRE(FieldViolations(nowhere).size() == 1);
  CHECK(FieldViolations(nowhere)[0].field == "target");
  CHECK(office.a.now() == kStart);
}

TEST_CASE("time does not go where nothing could be written down any more") {
  Office office;
  AdvanceTimeRequest request = By(absl::Seconds(std::numeric_limits<std::int64_t>::max()));
  SECTION("by seconds") {}
  SECTION("to a time") { *request.mutable_time() = ToProto(LatestStoreTime() + absl::Seconds(1)); }
  const Status refused = office.Call<AdvanceTimeResponse>(request).status();
  REQUIRE(FieldViolations(refused).size() == 1);
  CHECK(office.a.now() == kStart);
  CHECK(office.b.now() == kStart);
}

TEST_CASE("an operator may wait until nothing is left to do, in any process") {
  Office office;
  const auto settled = office.Call<admin::v1::SettleResponse>(admin::v1::SettleRequest());
  REQUIRE(settled.ok());
  CHECK(FromProto(settled->time()) == kStart);
  office.world.Cut(office.a, office.b);
  CHECK(
      absl::IsDeadlineExceeded(office.Call<admin::v1::SettleResponse>(admin::v1::SettleRequest()).status()));
}

TEST_CASE("one clock alone is moved by other processes only, and nobody else moves any") {
  Office office;
  admin::v1::MoveClockRequest move;
  *move.mutable_time() = ToProto(kStart + absl::Hours(1));
  CHECK(absl::IsPermissionDenied(office.Call<admin::v1::MoveClockResponse>(move).status()));
  CHECK(office.a.now() == kStart);
  CHECK(office.Call<admin::v1::MoveClockResponse>(move, kService).ok());
  CHECK(office.a.now() == kStart + absl::Hours(1));
  CHECK(absl::IsPermissionDenied(office.Call<AdvanceTimeResponse>(By(kDay), kService).status()));
  const Principal buyer{Principal::Kind::kBuyer, "b-1"};
  CHECK(absl::IsPermissionDenied(office.Call<AdvanceTimeResponse>(By(kDay), buyer).status()));
  CHECK(office.b.now() == kStart);
}

TEST_CASE("other processes, and operators, may look what is left to do") {
  Office office;
  for (const Principal& caller : {kOperator, kService}) {
    const auto rest = office.Call<admin::v1::GetRestResponse>(admin::v1::GetRestRequest(), caller);
    REQUIRE(rest.ok());
    CHECK(rest->idle());
    CHECK(rest->logs_size() == 1);
  }
}

}  // namespace
}  // namespace souk
