// What a set of scans says about a shipment: pure, and the same in whatever order the scans
// came in.
//
// In the order of the carrier's times a shipment goes forward only:
//
//   IN_TRANSIT < OUT_FOR_DELIVERY, AVAILABLE_FOR_PICKUP < DELIVERED < RETURNING < RETURNED
//
// ATTEMPT_FAILED, EXCEPTION and LOST may come in between until it is delivered, and whatever
// follows them counts again.
#pragma once

#include "souk/shipping/v1/shipment_events.pb.h"

namespace souk::shipping {

using Scans = google::protobuf::RepeatedPtrField<v1::Scan>;

// Puts `scan` where it belongs by time; scans of one time are in the order of ScanStatus.
void InsertScan(Scans& scans, const v1::Scan& scan);

// Whether the same thing was said before: same status, same time.
bool HasScan(const Scans& scans, const v1::Scan& scan);

// Where a dispatched shipment with these scans, in order, stands.
v1::ShipmentState::State StateAfter(const Scans& scans);

// The scan of these, in order, that brought the shipment to the buyer, whatever was said
// after it; null when none did. What was delivered to the seller as a return does not count.
const v1::Scan* FindDelivery(const Scans& scans);

}  // namespace souk::shipping
