// The carrier: scans that come late, twice, out of order, or never.
#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "libs/base/proto_time.h"
#include "souk/shipping/v1/shipping_service.pb.h"
#include "tests/simulation/client.h"
#include "tests/simulation/people.h"

namespace souk::simulation {
namespace {

namespace shipping = souk::shipping::v1;

// What happens to a parcel, in the order in which it happens.
std::vector<shipping::ScanStatus> Journey(Stage& stage) {
  std::vector<shipping::ScanStatus> scans = {shipping::SCAN_STATUS_IN_TRANSIT};
  if (stage.Chance(0.2)) scans.push_back(shipping::SCAN_STATUS_EXCEPTION);
  scans.push_back(shipping::SCAN_STATUS_OUT_FOR_DELIVERY);
  if (stage.Chance(0.2)) scans.push_back(shipping::SCAN_STATUS_DELIVERY_ATTEMPT_FAILED);
  if (stage.Chance(0.05)) {
    scans.push_back(shipping::SCAN_STATUS_LOST);
  } else if (stage.Chance(0.05)) {
    scans.push_back(shipping::SCAN_STATUS_RETURNING);
    scans.push_back(shipping::SCAN_STATUS_RETURNED);
  } else {
    scans.push_back(shipping::SCAN_STATUS_DELIVERED);
  }
  return scans;
}

}  // namespace

Task<> RunParcel(World* world, std::string carrier, std::string tracking_code) {
  Stage& stage = world->stage();
  Client client(stage, "service/carrier");
  if (stage.Chance(stage.plan.scan_silence)) co_return;
  struct Scan {
    shipping::ScanStatus status;
    absl::Time happened;
    absl::Time told;
  };
  std::vector<Scan> scans;
  absl::Time time = stage.scheduler.Now();
  const std::vector<shipping::ScanStatus> journey = Journey(stage);
  for (const shipping::ScanStatus status : journey) {
    time += stage.Upto(absl::Hours(36));
    const bool late = stage.Chance(stage.plan.scan_disorder);
    scans.push_back({status, time, late ? time + stage.Upto(absl::Hours(72)) : time});
  }
  std::sort(scans.begin(), scans.end(), [](const Scan& a, const Scan& b) {
    return std::tie(a.told, a.happened) < std::tie(b.told, b.happened);
  });
  for (const Scan& scan : scans) {
    co_await Sleep(stage.scheduler, std::max(scan.told - stage.scheduler.Now(), absl::ZeroDuration()));
    shipping::RecordScanRequest record;
    record.set_carrier(carrier);
    record.set_tracking_code(tracking_code);
    record.set_status(scan.status);
    *record.mutable_occurred_time() = ToProto(scan.happened);
    record.set_place("Leipzig");
    co_await client.Mention<shipping::RecordScanResponse>(record);
  }
}

Task<> ScanEarly(World* world, std::string carrier, std::string tracking_code) {
  Client client(world->stage(), "service/carrier");
  shipping::RecordScanRequest record;
  record.set_carrier(std::move(carrier));
  record.set_tracking_code(std::move(tracking_code));
  record.set_status(shipping::SCAN_STATUS_IN_TRANSIT);
  *record.mutable_occurred_time() = ToProto(world->stage().scheduler.Now());
  record.set_place("Berlin");
  co_await client.Mention<shipping::RecordScanResponse>(record);
}

}  // namespace souk::simulation
