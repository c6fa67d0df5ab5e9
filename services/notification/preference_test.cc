#include "services/notification/preference.h"

#include <catch2/catch.hpp>

#include "libs/testing/explore.h"
#include "libs/testing/spec.h"

namespace souk::notification {
namespace {

using absl::StatusCode;
using PreferenceSpec = testing::Spec<Preference>;

constexpr char kReviewsOff[] = R"(changed {
  recipient: "buyer/b-1" category: CATEGORY_REVIEWS enabled: false change_time { seconds: 1772452800 } })";
constexpr char kReviewsOn[] = R"(changed {
  recipient: "buyer/b-1" category: CATEGORY_REVIEWS enabled: true change_time { seconds: 1772452800 } })";

Choose Reviews(bool enabled) {
  return {.recipient = "buyer/b-1", .category = v1::CATEGORY_REVIEWS, .enabled = enabled};
}

TEST_CASE("a buyer can opt out of invitations to reviews, and in again") {
  CHECK_FALSE(Wants(PreferenceSpec().When(Reviews(false)).Then({kReviewsOff}), v1::CATEGORY_REVIEWS));
  CHECK(Wants(PreferenceSpec().Given({kReviewsOff}).When(Reviews(true)).Then({kReviewsOn}),
              v1::CATEGORY_REVIEWS));
}

TEST_CASE("the same choice again changes nothing") {
  PreferenceSpec().Given({kReviewsOff}).When(Reviews(false)).Then({});
  PreferenceSpec().When(Reviews(true)).Then({});
}

TEST_CASE("nobody can opt out of mails about orders") {
  PreferenceSpec()
      .When(Choose{.recipient = "buyer/b-1", .category = v1::CATEGORY_TRANSACTIONAL, .enabled = false})
      .ThenFails(StatusCode::kFailedPrecondition, "CATEGORY_REQUIRED");
  PreferenceSpec().When(Choose{.recipient = "buyer/b-1", .category = v1::CATEGORY_TRANSACTIONAL}).Then({});
}

TEST_CASE("a choice names a category") {
  PreferenceSpec().When(Choose{.recipient = "buyer/b-1"}).ThenFails(StatusCode::kInvalidArgument);
}

TEST_CASE("mails about orders come whatever the recipient chose") {
  testing::Explorer<Preference> explorer(testing::Noon());
  for (const v1::Category category :
       {v1::CATEGORY_MARKETING, v1::CATEGORY_REVIEWS, v1::CATEGORY_TRANSACTIONAL}) {
    for (const bool enabled : {true, false}) {
      explorer.Add(v1::Category_Name(category) + (enabled ? " on" : " off"),
                   Choose{.recipient = "buyer/b-1", .category = category, .enabled = enabled});
    }
  }
  explorer.Check([](const Preference::State& state, const std::string& path) {
    INFO(path);
    CHECK(Wants(state, v1::CATEGORY_TRANSACTIONAL));
    CHECK(state.opted_out_size() <= 2);
  });
  explorer.CheckTransition(
      [](const Preference::State& before, const Preference::State& after, const std::string&) {
        CHECK(std::abs(before.opted_out_size() - after.opted_out_size()) == 1);
      });
  CHECK(explorer.Run(4) > 100);
}

TEST_CASE("the id of preferences is a proper id for every recipient") {
  for (const char* recipient : {"buyer/b-1", "buyer/guest:t-1", "seller/s-1"}) {
    CHECK(CheckId("preference_id", PreferenceIdFor(recipient).str()).ok());
  }
}

}  // namespace
}  // namespace souk::notification
