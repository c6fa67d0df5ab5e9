#include "services/catalog/seller.h"

#include <catch2/catch.hpp>
#include <functional>

#include "libs/base/proto_time.h"
#include "libs/testing/command_table.h"
#include "libs/testing/explore.h"
#include "libs/testing/spec.h"

namespace souk::catalog {
namespace {

using absl::StatusCode;
using testing::FromText;
using testing::Noon;
using testing::Spec;

constexpr char kRegistered[] = R"pb(
  registered {
    seller_id: "s-1"
    shop_name: "Clay"
    language_code: "en"
    contact_name { subject: "seller/s-1" ciphertext: "n" }
    contact_email { subject: "seller/s-1" ciphertext: "e" }
    register_time { seconds: 1772452800 }
  })pb";
constexpr char kApproved[] = R"pb(approved { seller_id: "s-1" })pb";
constexpr char kSuspended[] = R"pb(suspended { seller_id: "s-1" reason: "fakes" })pb";
// Noon + 1 h to noon + 3 h.
constexpr char kScheduled[] = R"pb(
  vacation_scheduled {
    seller_id: "s-1"
    vacation {
      start_time { seconds: 1772456400 }
      end_time { seconds: 1772463600 }
      message: "sea"
    }
  })pb";
constexpr char kStarted[] = R"pb(vacation_started { seller_id: "s-1" })pb";
constexpr char kEnded[] = R"pb(vacation_ended { seller_id: "s-1" had_started: true })pb";
constexpr char kCalledOff[] = R"pb(vacation_ended { seller_id: "s-1" })pb";

RegisterSeller Registration() {
  RegisterSeller command{.seller_id = "s-1", .shop_name = "Clay", .language_code = "en"};
  command.contact_name.set_subject("seller/s-1");
  command.contact_name.set_ciphertext("n");
  command.contact_email.set_subject("seller/s-1");
  command.contact_email.set_ciphertext("e");
  return command;
}

ScheduleVacation VacationOf(absl::Duration from, absl::Duration to) {
  ScheduleVacation command;
  *command.vacation.mutable_start_time() = ToProto(Noon() + from);
  *command.vacation.mutable_end_time() = ToProto(Noon() + to);
  command.vacation.set_message("sea");
  return command;
}

TEST_CASE("a new seller waits for approval") {
  const auto seller = Spec<Seller>().When(Registration()).Then({kRegistered});
  CHECK(seller.state() == v1::SellerState::STATE_PENDING_APPROVAL);
}

TEST_CASE("a shop needs a name and a language") {
  RegisterSeller command = Registration();
  command.shop_name = "";
  command.language_code = "?";
  const Status status = Seller::Decide({}, command, Noon()).status();
  CHECK(status.code() == StatusCode::kInvalidArgument);
  CHECK(FieldViolations(status).size() == 2);
}

TEST_CASE("an approved seller sells, a suspended one does not until she is reinstated") {
  Spec<Seller>().Given({kRegistered}).When(ApproveSeller{}).Then({kApproved});
  Spec<Seller>().Given({kRegistered, kApproved}).When(SuspendSeller{.reason = "fakes"}).Then({kSuspended});
  const auto seller = Spec<Seller>()
                          .Given({kRegistered, kApproved, kSuspended})
                          .When(ApproveSeller{})
                          .Then({R"pb(reinstated { seller_id: "s-1" })pb"});
  CHECK(seller.state() == v1::SellerState::STATE_ACTIVE);
  CHECK(seller.availability_version() == 3);
  CHECK(seller.suspend_reason().empty());
}

TEST_CASE("only what changed about a shop is recorded") {
  const auto seller =
      Spec<Seller>()
          .Given({kRegistered})
          .When(UpdateSeller{.shop_name = "Clay", .story = "I like mud.", .shop_note = "Thanks!"})
          .Then({R"pb(profile_changed { seller_id: "s-1" story: "I like mud." shop_note: "Thanks!" })pb"});
  CHECK(seller.shop_name() == "Clay");
  CHECK(seller.shop_note() == "Thanks!");
}

TEST_CASE("a field can be emptied") {
  Spec<Seller>()
      .Given({kRegistered, R"pb(profile_changed { story: "I like mud." })pb"})
      .When(UpdateSeller{.story = ""})
      .Then({R"pb(profile_changed { seller_id: "s-1" story: "" })pb"});
}

TEST_CASE("a shop note has at most 1000 characters") {
  Spec<Seller>()
      .Given({kRegistered})
      .When(UpdateSeller{.shop_note = std::string(1001, 'x')})
      .ThenFails(StatusCode::kInvalidArgument);
}

TEST_CASE("a vacation begins and ends on its own") {
  Spec<Seller>()
      .Given({kRegistered, kApproved})
      .When(VacationOf(absl::Hours(1), absl::Hours(3)))
      .Then({kScheduled});
  Spec<Seller>().Given({kRegistered, kScheduled}).When(StartVacation{}).Then({});
  Spec<Seller>()
      .At(Noon() + absl::Hours(1))
      .Given({kRegistered, kScheduled})
      .When(StartVacation{})
      .Then({kStarted});
  Spec<Seller>()
      .At(Noon() + absl::Hours(2))
      .Given({kRegistered, kScheduled, kStarted})
      .When(FinishVacation{})
      .Then({});
  const auto seller = Spec<Seller>()
                          .At(Noon() + absl::Hours(3))
                          .Given({kRegistered, kScheduled, kStarted})
                          .When(FinishVacation{})
                          .Then({kEnded});
  CHECK_FALSE(seller.on_vacation());
  CHECK(seller.availability_version() == 2);
}

TEST_CASE("a vacation without a start begins now, and without an end lasts until she is back") {
  const auto seller = Spec<Seller>()
                          .Given({kRegistered})
                          .When(ScheduleVacation{})
                          .Then({R"pb(vacation_scheduled {
                                        seller_id: "s-1"
                                        vacation { start_time { seconds: 1772452800 } }
                                      })pb",
                                 kStarted});
  CHECK(seller.on_vacation());
  CHECK(Seller::Decide(seller, FinishVacation{}, Noon() + absl::Hours(10'000))->empty());
  CHECK(Seller::Decide(seller, EndVacation{}, Noon())->size() == 1);
}

TEST_CASE("a vacation that has not begun can be called off, and nobody was away") {
  const auto seller = Spec<Seller>().Given({kRegistered, kScheduled}).When(EndVacation{}).Then({kCalledOff});
  CHECK(seller.availability_version() == 0);
}

TEST_CASE("a vacation ends after its start and in the future") {
  Spec<Seller>()
      .Given({kRegistered})
      .When(VacationOf(absl::Hours(3), absl::Hours(1)))
      .ThenFails(StatusCode::kInvalidArgument);
  Spec<Seller>()
      .Given({kRegistered})
      .When(VacationOf(absl::Hours(-3), absl::Hours(-1)))
      .ThenFails(StatusCode::kInvalidArgument);
}

TEST_CASE("products are told whenever it changes whether she sells") {
  const auto told = [](const char* text) {
    Reactions reactions;
    Seller::React(SellerId::Of("s-1"), {}, FromText<v1::SellerEvent>(text), Noon(), reactions);
    for (const EffectIntent& intent : reactions.started()) {
      if (intent.kind == kTellProductsEffect) return true;
    }
    return false;
  };
  CHECK(told(kApproved));
  CHECK(told(kSuspended));
  CHECK(told(kStarted));
  CHECK(told(kEnded));
  CHECK_FALSE(told(kCalledOff));
  CHECK_FALSE(told(kScheduled));
  CHECK_FALSE(told(kRegistered));
}

TEST_CASE("each command meets each phase of a seller") {
  const auto table = testing::CommandTable<Seller>(Noon())
                         .Add(Registration())
                         .Add(ApproveSeller{})
                         .Add(SuspendSeller{.reason = "fakes"})
                         .Add(UpdateSeller{.story = "x"})
                         .Add(VacationOf(absl::Hours(1), absl::Hours(2)))
                         .Add(StartVacation{})
                         .Add(EndVacation{})
                         .Add(FinishVacation{})
                         .Add(RateSeller{.review_id = "r", .score = 5});
  struct Phase {
    const char* name;
    std::vector<const char*> history;
    // register, approve, suspend, update, schedule, start, end, finish, rate
    std::string row;
  };
  const std::vector<Phase> phases = {
      {"unknown", {}, "+----=-=-"},
      {"pending", {kRegistered}, "!+!++===+"},
      {"active", {kRegistered, kApproved}, "!=+++===+"},
      {"suspended", {kRegistered, kApproved, kSuspended}, "!+=++===+"},
      {"vacation ahead", {kRegistered, kApproved, kScheduled}, "!=+++=+=+"},
      {"away", {kRegistered, kApproved, kScheduled, kStarted}, "!=++!=+=+"},
  };
  for (const Phase& phase : phases) {
    Seller::State state;
    for (const char* text : phase.history) Seller::Evolve(state, FromText<v1::SellerEvent>(text));
    INFO(phase.name);
    CHECK(table.RowOf(state) == phase.row);
  }
}

TEST_CASE("whatever happens, a seller is away only during a vacation") {
  testing::Explorer<Seller> explorer(Noon());
  explorer.Add("register", Registration());
  explorer.Add("approve", ApproveSeller{});
  explorer.Add("suspend", SuspendSeller{.reason = "fakes"});
  explorer.Add("schedule", VacationOf(absl::Hours(1), absl::Hours(3)));
  explorer.Add("leave", ScheduleVacation{});
  explorer.Add("start", StartVacation{});
  explorer.Add("end", EndVacation{});
  explorer.Add("finish", FinishVacation{});
  explorer.AddWait("two hours", absl::Hours(2));
  explorer.Check([](const v1::SellerState& seller, const std::string& path) {
    INFO(path);
    CHECK((!seller.on_vacation() || seller.has_vacation()));
    IndexRows rows;
    Seller::Index(SellerId::Of("s-1"), seller, rows);
    CHECK(rows.rows().size() == (seller.seller_id().empty() ? 0u : 2u));
  });
  // What products are told has a higher version whenever it says something else.
  explorer.CheckTransition(
      [](const v1::SellerState& before, const v1::SellerState& after, const std::string& path) {
        INFO(path);
        const auto sells = [](const v1::SellerState& seller) {
          return seller.state() == v1::SellerState::STATE_ACTIVE && !seller.on_vacation();
        };
        if (sells(before) != sells(after))
          CHECK(after.availability_version() > before.availability_version());
      });
  CHECK(explorer.Run(5) > 1000);
}

}  // namespace
}  // namespace souk::catalog
