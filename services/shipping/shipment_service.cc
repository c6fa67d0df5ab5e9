#include "services/shipping/shipment_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "libs/base/proto_time.h"
#include "libs/base/request_field.h"
#include "libs/base/sortable_time.h"
#include "libs/base/uuid.h"
#include "libs/eventsourcing/page.h"

namespace souk::shipping {
namespace {

constexpr std::size_t kCarrierMax = 60;  // Bytes.
constexpr std::size_t kReasonMax = 60;
constexpr std::size_t kTrackingCodeMax = 40;  // Bytes.
constexpr std::size_t kPlaceMax = 120;        // Bytes.
constexpr std::size_t kNoteMax = 1000;        // Characters.
constexpr std::size_t kSharedCodeMax = 20;    // Shipments in one parcel, and earlier uses of its code.

v1::Shipment Render(const v1::ShipmentState& state) {
  v1::Shipment shipment;
  shipment.set_shipment_id(state.shipment_id());
  shipment.set_order_id(state.order_id());
  shipment.set_seller_id(state.seller_id());
  shipment.set_buyer_id(state.buyer_id());
  shipment.set_state(state.state());
  *shipment.mutable_lines() = state.lines();
  *shipment.mutable_promise() = state.promise();
  *shipment.mutable_ship_by_time() = state.ship_by_time();
  shipment.set_ship_by_missed(state.ship_by_missed());
  shipment.set_carrier(state.carrier());
  shipment.set_tracking_code(state.tracking_code());
  if (state.has_dispatch_time()) *shipment.mutable_dispatch_time() = state.dispatch_time();
  shipment.set_note(state.note());
  *shipment.mutable_scans() = state.scans();
  if (state.has_deliver_time()) *shipment.mutable_deliver_time() = state.deliver_time();
  *shipment.mutable_place_time() = state.place_time();
  if (state.has_ready_time()) *shipment.mutable_ready_time() = state.ready_time();
  return shipment;
}

// The one of order_id and shipment_id that is given.
StatusOr<Shipment::Id> IdOf(const std::string& order_id, const std::string& shipment_id) {
  if (order_id.empty() == shipment_id.empty()) {
    return InvalidField("shipment_id", "name the shipment or its order, not both");
  }
  if (!shipment_id.empty()) return Shipment::Id::Parse(shipment_id);
  RETURN_IF_ERROR(CheckId("order_id", order_id));
  return ShipmentOf(order_id);
}

std::string WithoutSpaces(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  return text;
}

bool IsTrackingCode(const std::string& code) {
  return code.size() <= kTrackingCodeMax && std::all_of(code.begin(), code.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
         });
}

// Characters of UTF-8, which proto3 guarantees.
std::size_t Length(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

// Line breaks are fine, other control characters are not.
bool IsPlainText(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return absl::ascii_iscntrl(byte) && c != '\n';
  });
}

Status CheckDispatch(const Dispatch& command) {
  std::vector<FieldViolation> violations;
  if (command.carrier.size() > kCarrierMax || !IsPlainText(command.carrier)) {
    violations.push_back({"carrier", "must be at most 60 characters of plain text"});
  }
  if (!IsTrackingCode(command.tracking_code)) {
    violations.push_back({"tracking_code", "must be at most 40 letters, digits and hyphens"});
  }
  if (!command.tracking_code.empty() && command.carrier.empty()) {
    violations.push_back({"carrier", "is required with a tracking code"});
  }
  if (Length(command.note) > kNoteMax || !IsPlainText(command.note)) {
    violations.push_back({"note", "must be at most 1000 characters of plain text"});
  }
  return InvalidFields(violations);
}

Status CheckScan(const v1::RecordScanRequest& request, const std::string& tracking_code, absl::Time occurred,
                 absl::Time now) {
  std::vector<FieldViolation> violations;
  if (request.carrier().empty() || request.carrier().size() > kCarrierMax) {
    violations.push_back({"carrier", "is required, up to 60 characters"});
  }
  if (tracking_code.empty() || !IsTrackingCode(tracking_code)) {
    violations.push_back({"tracking_code", "is required, up to 40 letters, digits and hyphens"});
  }
  if (request.status() == v1::SCAN_STATUS_UNSPECIFIED || !v1::ScanStatus_IsValid(request.status())) {
    violations.push_back({"status", "is required"});
  }
  if (request.place().size() > kPlaceMax) violations.push_back({"place", "must be at most 120 characters"});
  if (occurred > now) violations.push_back({"occurred_time", "must not be in the future"});
  return InvalidFields(violations);
}

// One request becomes several commands, each with an id of its own.
CommandMetadata Part(CommandMetadata metadata, const std::string& part) {
  metadata.request_id = DerivedUuid("part", metadata.request_id, part);
  return metadata;
}

// Which rows the caller may and wants to see.
StatusOr<IndexQuery> QueryFor(const Principal& principal, const v1::ListShipmentsRequest& request) {
  std::string seller_id = request.seller_id();
  std::string buyer_id = request.buyer_id();
  if (principal.kind == Principal::Kind::kSeller) {
    if (!buyer_id.empty() || (!seller_id.empty() && seller_id != principal.id))
      return NotFound("no such seller");
    seller_id = principal.id;
  } else if (!principal.IsOperator()) {
    const std::string caller = BuyerIdOf(principal);
    if (!seller_id.empty() || caller.empty() || (!buyer_id.empty() && buyer_id != caller)) {
      return NotFound("no such buyer");
    }
    buyer_id = caller;
  }
  if (seller_id.empty() == buyer_id.empty())
    return InvalidField("seller_id", "name a seller or a buyer, not both");
  if (request.to_dispatch() && seller_id.empty()) return InvalidField("to_dispatch", "needs a seller");
  if (request.to_dispatch())
    return IndexQuery{
        .index = "shipments_to_dispatch", .prefix = seller_id + "/", .direction = Direction::kForward};
  if (!seller_id.empty())
    return IndexQuery{
        .index = "shipments_by_seller", .prefix = seller_id + "/", .direction = Direction::kBackward};
  return IndexQuery{
      .index = "shipments_by_buyer", .prefix = buyer_id + "/", .direction = Direction::kBackward};
}

}  // namespace

void ShipmentService::AddTo(rpc::Router& router) {
  constexpr rpc::Callers kParties = rpc::kSellers | rpc::kBuyers | rpc::kGuests | rpc::kOperators;
  router.Add<&ShipmentService::PackShipment>(*this, rpc::kSellers);
  router.Add<&ShipmentService::DispatchShipment>(*this, rpc::kSellers);
  router.Add<&ShipmentService::StopShipment>(*this, rpc::kServices);
  router.Add<&ShipmentService::RecordScan>(*this, rpc::kOperators | rpc::kServices);
  router.Add<&ShipmentService::GetShipment>(*this, kParties | rpc::kServices);
  router.Add<&ShipmentService::ListShipments>(*this, kParties);
}

Task<StatusOr<v1::PackShipmentResponse>> ShipmentService::PackShipment(CallContext call,
                                                                       v1::PackShipmentRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Shipment::Id id = co_await Try(IdOf(request.order_id(), ""));
  Pack command{.seller_id = call.principal.id, .lines = {request.lines().begin(), request.lines().end()}};
  const Shared<v1::ShipmentState> state =
      co_await Try(engine_.Execute<Shipment>(id, std::move(command), std::move(metadata)));
  v1::PackShipmentResponse response;
  *response.mutable_shipment() = Render(*state);
  co_return response;
}

Task<StatusOr<v1::DispatchShipmentResponse>> ShipmentService::DispatchShipment(
    CallContext call, v1::DispatchShipmentRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const Shipment::Id id = co_await Try(IdOf(request.order_id(), request.shipment_id()));
  Dispatch command{.seller_id = call.principal.id,
                   .carrier = request.carrier(),
                   .tracking_code = WithoutSpaces(request.tracking_code()),
                   .dispatch_time = std::nullopt,
                   .note = request.note()};
  if (request.has_occurred_time()) {
    command.dispatch_time = co_await Try(RequestTime("occurred_time", request.occurred_time()));
  }
  co_await Try(CheckDispatch(command));
  co_await Try(CheckTrackingCode(command));
  const Shared<v1::ShipmentState> state =
      co_await Try(engine_.Execute<Shipment>(id, std::move(command), std::move(metadata)));
  v1::DispatchShipmentResponse response;
  *response.mutable_shipment() = Render(*state);
  co_return response;
}

Task<StatusOr<v1::StopShipmentResponse>> ShipmentService::StopShipment(CallContext call,
                                                                       v1::StopShipmentRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  co_await Try(CheckId("order_id", request.order_id()));
  if (request.reason().size() > kReasonMax) co_return InvalidField("reason", "must be at most 60 characters");
  const Shared<v1::ShipmentState> state = co_await Try(engine_.Execute<Shipment>(
      ShipmentOf(request.order_id()), Stop{.reason = request.reason()}, std::move(metadata)));
  v1::StopShipmentResponse response;
  *response.mutable_shipment() = Render(*state);
  co_return response;
}

Task<StatusOr<v1::RecordScanResponse>> ShipmentService::RecordScan(CallContext call,
                                                                   v1::RecordScanRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const absl::Time now = engine_.clock().Now();
  absl::Time occurred = now;
  if (request.has_occurred_time()) {
    occurred = co_await Try(RequestTime("occurred_time", request.occurred_time()));
  }
  const std::string tracking_code = WithoutSpaces(request.tracking_code());
  co_await Try(CheckScan(request, tracking_code, occurred, now));
  v1::Scan scan;
  scan.set_status(request.status());
  *scan.mutable_occur_time() = ToProto(occurred);
  scan.set_place(request.place());

  const Tracker::Id tracker = TrackerOf(request.carrier(), tracking_code);
  std::vector<v1::ShipmentState> shipments = co_await Try(FindByTracking(tracker, occurred));
  if (shipments.empty()) {
    KeepScan command{.carrier = request.carrier(), .tracking_code = tracking_code, .scan = scan};
    co_await Try(engine_.Execute<Tracker>(tracker, std::move(command), Part(metadata, "keep")));
    // The seller may have named the parcel meanwhile, and fetched what was kept before this.
    shipments = co_await Try(FindByTracking(tracker, occurred));
  }
  v1::RecordScanResponse response;
  for (const v1::ShipmentState& shipment : shipments) {
    shipping::RecordScan command{.scan = scan};
    const Shared<v1::ShipmentState> state =
        co_await Try(engine_.Execute<Shipment>(Shipment::Id::Of(shipment.shipment_id()), std::move(command),
                                               Part(metadata, shipment.shipment_id())));
    *response.add_shipments() = Render(*state);
  }
  co_return response;
}

Task<StatusOr<v1::GetShipmentResponse>> ShipmentService::GetShipment(CallContext call,
                                                                     v1::GetShipmentRequest request) {
  const Shipment::Id id = co_await Try(IdOf(request.order_id(), request.shipment_id()));
  const Shared<v1::ShipmentState> state = co_await Try(engine_.Read<Shipment>(id));
  if (state->state() == v1::ShipmentState::STATE_UNSPECIFIED) co_return NoSuchShipment();
  const bool may_read = call.principal.IsOperator() || call.principal.IsService() ||
                        call.principal.IsSeller(state->seller_id()) ||
                        BuyerIdOf(call.principal) == state->buyer_id();
  if (!may_read) co_return NoSuchShipment();
  v1::GetShipmentResponse response;
  *response.mutable_shipment() = Render(*state);
  co_return response;
}

Task<StatusOr<v1::ListShipmentsResponse>> ShipmentService::ListShipments(CallContext call,
                                                                         v1::ListShipmentsRequest request) {
  IndexQuery query = co_await Try(QueryFor(call.principal, request));
  const Page page = co_await Try(QueryPage(engine_, std::move(query), request));
  v1::ListShipmentsResponse response;
  for (const IndexRow& row : page.rows) {
    const Shipment::Id id = Shipment::Id::Of(IdInKey(row.key));
    *response.add_shipments() = Render(*co_await Try(engine_.Read<Shipment>(id)));
  }
  response.set_next_page_token(page.next_page_token);
  co_return response;
}

Task<Status> ShipmentService::ClaimScans(Effect effect) {
  const Shipment::Id id = Shipment::Id::Of(effect.aggregate_id);
  const Shared<v1::ShipmentState> shipment = co_await Try(engine_.Read<Shipment>(id));
  const std::vector<v1::Scan> scans = co_await Try(ScansSoFar(*shipment));
  for (const v1::Scan& scan : scans) {
    // Before the order it was another parcel with the same number.
    if (FromProto(scan.occur_time()) < FromProto(shipment->place_time())) continue;
    shipping::RecordScan command{.scan = scan};
    CommandMetadata metadata = effect.Metadata(scan.SerializeAsString());
    co_await Try(engine_.Execute<Shipment>(id, std::move(command), std::move(metadata)));
  }
  co_return OkStatus();
}

StatusOr<std::vector<v1::Scan>> ShipmentService::ScansSoFar(const v1::ShipmentState& shipment) const {
  const Tracker::Id tracker_id = TrackerOf(shipment.carrier(), shipment.tracking_code());
  ASSIGN_OR_RETURN(const Shared<v1::TrackerState> tracker, engine_.Read<Tracker>(tracker_id));
  std::vector<v1::Scan> scans(tracker->scans().begin(), tracker->scans().end());
  // Other orders in the same parcel may have been dispatched, and tracked, before this one.
  ASSIGN_OR_RETURN(const std::vector<v1::ShipmentState> together,
                   FindByTracking(tracker_id, FromProto(shipment.dispatch_time())));
  for (const v1::ShipmentState& other : together) {
    if (other.shipment_id() == shipment.shipment_id()) continue;
    scans.insert(scans.end(), other.scans().begin(), other.scans().end());
  }
  return scans;
}

StatusOr<std::vector<v1::ShipmentState>> ShipmentService::FindByTracking(const Tracker::Id& tracker,
                                                                         absl::Time time) const {
  ASSIGN_OR_RETURN(const std::vector<IndexRow> rows, engine_.Query({.index = "shipments_by_tracking",
                                                                    .prefix = tracker.str() + "/",
                                                                    .after = "",
                                                                    .limit = kSharedCodeMax,
                                                                    .direction = Direction::kBackward}));
  std::vector<v1::ShipmentState> shipments;
  for (const IndexRow& row : rows) {
    ASSIGN_OR_RETURN(Shared<v1::ShipmentState> state,
                     engine_.Read<Shipment>(Shipment::Id::Of(IdInKey(row.key))));
    const absl::Duration apart = time - FromProto(state->dispatch_time());
    if (absl::AbsDuration(apart) <= kTrackingCodeLifetime) shipments.push_back(*state);
  }
  return shipments;
}

Status ShipmentService::CheckTrackingCode(const Dispatch& command) const {
  if (command.tracking_code.empty()) return OkStatus();
  ASSIGN_OR_RETURN(const std::vector<v1::ShipmentState> shipments,
                   FindByTracking(TrackerOf(command.carrier, command.tracking_code),
                                  command.dispatch_time.value_or(engine_.clock().Now())));
  for (const v1::ShipmentState& shipment : shipments) {
    if (shipment.seller_id() == command.seller_id) continue;  // Several orders in one parcel.
    return Rejected("TRACKING_CODE_IN_USE", {}, "another parcel has this tracking code; check it");
  }
  return OkStatus();
}

}  // namespace souk::shipping
