#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tools/soukctl/olist/csv.h"
#include "tools/soukctl/olist/olist_data.h"
#include "tools/soukctl/olist/olist_plan.h"

namespace souk::ctl {
namespace {

// A folder of files for one test.
class Folder {
 public:
  Folder() {
    path_ = (std::filesystem::temp_directory_path() / "souk-olist-XXXXXX").string();
    REQUIRE(mkdtemp(path_.data()) != nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name) << text;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  REQUIRE(absl::ParseTime("%Y-%m-%d %H:%M", text, absl::UTCTimeZone(), &time, &error));
  return time;
}

OlistOrder Order(std::string status) {
  OlistOrder order{.order_id = "o-1", .status = std::move(status), .purchased = At("2017-01-01 10:00")};
  order.items.push_back({.product_id = "p-1", .seller_id = "s-1", .price = 1000, .freight = 500});
  return order;
}

OlistPlan PlanOf(OlistOrder order) {
  static OlistData data;  // Steps point into it.
  data = {};
  data.orders.emplace(order.order_id, std::move(order));
  return PlanOlist(data, /*transfer_days=*/5, /*dispatch_days=*/20);
}

std::string Actions(const OlistPlan& plan) {
  std::string letters;
  for (const OlistStep& step : plan.steps) letters += "PYCDLR"[static_cast<int>(step.action)];
  return letters;
}

TEST_CASE("fields may be quoted, and then contain commas, quotes and lines") {
  const Folder folder;
  folder.Write("a.csv", "x,y\r\n\"1,2\",\"a \"\"b\"\"\nc\"\r\n3,4\r\n");
  std::vector<std::string> seen, malformed;
  REQUIRE(ReadCsv(
              folder.path() + "/a.csv", {"x", "y"},
              [&](const CsvRow& row) {
                seen.push_back(row["x"] + "|" + row["y"]);
                return OkStatus();
              },
              malformed)
              .ok());
  CHECK(seen == std::vector<std::string>{"1,2|a \"b\"\nc", "3|4"});
  CHECK(malformed.empty());
}

TEST_CASE("a malformed row is reported with file and line, and the rest goes on") {
  const Folder folder;
  folder.Write("a.csv", "x,y\n1,2\n3\n\"4\n5\",6\nbad,7\n8,9\n");
  std::vector<std::string> malformed;
  int good = 0;
  REQUIRE(ReadCsv(
              folder.path() + "/a.csv", {"x", "y"},
              [&](const CsvRow& row) {
                if (row["x"] == "bad") return InvalidArgument("x is bad");
                ++good;
                return OkStatus();
              },
              malformed)
              .ok());
  CHECK(good == 3);
  REQUIRE(malformed.size() == 2);
  CHECK(malformed[0].ends_with("a.csv:3: has 1 fields instead of 2"));
  CHECK(malformed[1].ends_with("a.csv:6: x is bad"));
}

TEST_CASE("a file without a column that is needed is refused") {
  const Folder folder;
  folder.Write("a.csv", "x\n1\n");
  std::vector<std::string> malformed;
  const auto ignore = [](const CsvRow&) { return OkStatus(); };
  CHECK(absl::IsInvalidArgument(ReadCsv(folder.path() + "/a.csv", {"y"}, ignore, malformed)));
  CHECK(absl::IsNotFound(ReadCsv(folder.path() + "/b.csv", {"y"}, ignore, malformed)));
}

TEST_CASE("amounts are read to the cent") {
  CHECK(ParseCents("12.34").value() == 1234);
  CHECK(ParseCents("12.3").value() == 1230);
  CHECK(ParseCents("12").value() == 1200);
  for (const char* bad : {"", "-1", "1.234", "a", "1e3", "1.2.3"}) {
    INFO(bad);
    CHECK_FALSE(ParseCents(bad).ok());
  }
}

TEST_CASE("a delivered order is placed, dispatched, delivered and reviewed at its recorded times") {
  OlistOrder order = Order("delivered");
  order.handed_over = At("2017-01-03 10:00");
  order.delivered = At("2017-01-09 10:00");
  order.estimated = At("2017-01-08 03:00");
  order.reviews.push_back({.score = 4, .time = At("2017-01-10 00:00")});
  const OlistPlan plan = PlanOf(order);
  CHECK(Actions(plan) == "PDLR");
  CHECK(plan.anomalies.empty());
  CHECK(plan.late_deliveries == 1);
}

TEST_CASE("a bank slip is paid when it was approved, within the deadline") {
  OlistOrder order = Order("processing");
  order.boleto = true;
  order.approved = At("2017-01-03 10:00");
  CHECK(Actions(PlanOf(order)) == "PY");
  order.approved = At("2017-02-03 10:00");
  const OlistPlan late = PlanOf(order);
  CHECK(late.steps[1].time == At("2017-01-05 10:00"));
  CHECK(late.anomalies.at("approved_after_deadline") == 1);
  order.approved.reset();
  CHECK(Actions(PlanOf(order)) == "P");
}

TEST_CASE("times out of order are resolved, and counted") {
  OlistOrder order = Order("delivered");
  order.boleto = true;
  order.approved = At("2017-01-03 10:00");
  order.handed_over = At("2017-01-02 10:00");
  order.delivered = At("2017-01-01 12:00");
  order.reviews.push_back({.score = 1, .time = At("2017-01-02 00:00")});
  order.reviews.push_back({.score = 2, .time = At("2017-01-20 00:00")});
  const OlistPlan plan = PlanOf(order);
  CHECK(Actions(plan) == "PYDLR");
  CHECK(plan.steps[2].time == At("2017-01-03 10:00"));
  CHECK(plan.steps[3].time == At("2017-01-03 10:01"));
  CHECK(plan.anomalies == std::map<std::string, std::int64_t>{{"delivered_before_handed_over", 1},
                                                              {"handed_over_before_approved", 1},
                                                              {"review_before_delivery", 1},
                                                              {"review_repeated", 1}});
}

TEST_CASE("a cancelled order is never dispatched") {
  OlistOrder order = Order("canceled");
  order.handed_over = At("2017-01-03 10:00");
  order.reviews.push_back({.score = 1, .time = At("2017-01-20 00:00")});
  const OlistPlan plan = PlanOf(order);
  CHECK(Actions(plan) == "PC");
  CHECK(plan.anomalies.at("cancelled_after_handed_over") == 1);
  CHECK(plan.anomalies.at("review_without_delivery") == 1);
}

TEST_CASE("an order without items is skipped") {
  OlistOrder order = Order("canceled");
  order.items.clear();
  CHECK(PlanOf(order).orders_skipped == 1);
}

}  // namespace
}  // namespace souk::ctl
