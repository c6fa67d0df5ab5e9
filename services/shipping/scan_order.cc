#include "services/shipping/scan_order.h"

#include <algorithm>
#include <tuple>

#include "libs/base/proto_time.h"

namespace souk::shipping {
namespace {

using State = v1::ShipmentState;

bool Before(const v1::Scan& a, const v1::Scan& b) {
  return std::make_tuple(FromProto(a.occur_time()), a.status()) <
         std::make_tuple(FromProto(b.occur_time()), b.status());
}

struct Meaning {
  State::State state;
  int rank;              // 0: says nothing of where it is.
  bool passing = false;  // What follows it counts, however low its rank.
};

constexpr int kDeliveredRank = 3;

Meaning MeaningOf(v1::ScanStatus status) {
  switch (status) {
    case v1::SCAN_STATUS_IN_TRANSIT:
      return {State::STATE_IN_TRANSIT, 1};
    case v1::SCAN_STATUS_OUT_FOR_DELIVERY:
      return {State::STATE_OUT_FOR_DELIVERY, 2};
    case v1::SCAN_STATUS_AVAILABLE_FOR_PICKUP:
      return {State::STATE_AVAILABLE_FOR_PICKUP, 2};
    case v1::SCAN_STATUS_DELIVERY_ATTEMPT_FAILED:
      return {State::STATE_ATTEMPT_FAILED, 2, true};
    case v1::SCAN_STATUS_EXCEPTION:
      return {State::STATE_EXCEPTION, 1, true};
    case v1::SCAN_STATUS_LOST:
      return {State::STATE_LOST, 1, true};
    case v1::SCAN_STATUS_DELIVERED:
      return {State::STATE_DELIVERED, kDeliveredRank};
    case v1::SCAN_STATUS_RETURNING:
      return {State::STATE_RETURNING, 4};
    case v1::SCAN_STATUS_RETURNED:
      return {State::STATE_RETURNED, 5};
    case v1::SCAN_STATUS_UNSPECIFIED:
    case v1::SCAN_STATUS_LABEL_CREATED:
    case v1::ScanStatus_INT_MIN_SENTINEL_DO_NOT_USE_:
    case v1::ScanStatus_INT_MAX_SENTINEL_DO_NOT_USE_:
      break;
  }
  return {State::STATE_DISPATCHED, 0};
}

// Goes through scans in order.
class Walk {
 public:
  void Take(const v1::Scan& scan) {
    const Meaning next = MeaningOf(scan.status());
    if (next.rank == 0) return;
    const bool forward = next.rank >= reached_;
    const bool resumed = reached_ < kDeliveredRank && (next.passing || now_.passing);
    if (!forward && !resumed) return;
    now_ = next;
    reached_ = std::max(reached_, next.rank);
  }

  State::State state() const { return now_.state; }

 private:
  Meaning now_{State::STATE_DISPATCHED, 0};
  int reached_ = 0;  // The highest rank so far.
};

}  // namespace

void InsertScan(Scans& scans, const v1::Scan& scan) {
  *scans.Add() = scan;
  for (int i = scans.size() - 1; i > 0 && Before(scans[i], scans[i - 1]); --i) scans.SwapElements(i, i - 1);
}

bool HasScan(const Scans& scans, const v1::Scan& scan) {
  return std::any_of(scans.begin(), scans.end(), [&](const v1::Scan& other) {
    return other.status() == scan.status() && FromProto(other.occur_time()) == FromProto(scan.occur_time());
  });
}

v1::ShipmentState::State StateAfter(const Scans& scans) {
  Walk walk;
  for (const v1::Scan& scan : scans) walk.Take(scan);
  return walk.state();
}

const v1::Scan* FindDelivery(const Scans& scans) {
  Walk walk;
  for (const v1::Scan& scan : scans) {
    walk.Take(scan);
    if (walk.state() == State::STATE_DELIVERED) return &scan;
  }
  return nullptr;
}

}  // namespace souk::shipping
