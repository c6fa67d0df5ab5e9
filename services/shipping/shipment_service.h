// The RPCs about shipments and what carriers say of them: parse, execute, render. Rules are
// in shipment.cc and scan_order.cc.
#pragma once

#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/effect.h"
#include "libs/eventsourcing/engine.h"
#include "libs/rpc/call_context.h"
#include "libs/rpc/router.h"
#include "services/shipping/shipment.h"
#include "services/shipping/tracker.h"
#include "souk/shipping/v1/shipping_service.pb.h"

namespace souk::shipping {

class ShipmentService {
 public:
  // `engine` must outlive the service.
  explicit ShipmentService(Engine& engine) : engine_(engine) {}

  void AddTo(rpc::Router& router);

  // The handler of kClaimScansEffect.
  Task<Status> ClaimScans(Effect effect);

 private:
  using CallContext = rpc::CallContext;

  Task<StatusOr<v1::PackShipmentResponse>> PackShipment(CallContext call, v1::PackShipmentRequest request);
  Task<StatusOr<v1::DispatchShipmentResponse>> DispatchShipment(CallContext call,
                                                                v1::DispatchShipmentRequest request);
  Task<StatusOr<v1::StopShipmentResponse>> StopShipment(CallContext call, v1::StopShipmentRequest request);
  Task<StatusOr<v1::RecordScanResponse>> RecordScan(CallContext call, v1::RecordScanRequest request);
  Task<StatusOr<v1::GetShipmentResponse>> GetShipment(CallContext call, v1::GetShipmentRequest request);
  Task<StatusOr<v1::ListShipmentsResponse>> ListShipments(CallContext call, v1::ListShipmentsRequest request);

  // Shipments that were sent with this code about that time.
  StatusOr<std::vector<v1::ShipmentState>> FindByTracking(const Tracker::Id& tracker, absl::Time time) const;
  // What the carrier has said so far of the parcel that this dispatched shipment is in.
  StatusOr<std::vector<v1::Scan>> ScansSoFar(const v1::ShipmentState& shipment) const;
  // FAILED_PRECONDITION TRACKING_CODE_IN_USE when another seller's parcel has the code.
  Status CheckTrackingCode(const Dispatch& command) const;

  Engine& engine_;
};

}  // namespace souk::shipping
