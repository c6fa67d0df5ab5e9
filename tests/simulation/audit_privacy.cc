// Nobody sees what is not hers: orders, shipments, balances of others are not there.
#include "absl/strings/str_format.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"
#include "tests/simulation/audit.h"

namespace souk::simulation {
namespace {

namespace order = souk::order::v1;

// So many orders are tried: more say nothing new.
constexpr int kOrdersMax = 3;

template <typename Response, typename Request>
void ExpectHidden(World& world, const std::string& who, const Request& request) {
  const auto answer = Inquiry(world).Ask<Response>(who, request);
  if (absl::IsNotFound(answer.status()) || absl::IsPermissionDenied(answer.status())) return;
  world.stage().history.Fail(
      "I-48 a seller sees her own orders only",
      absl::StrFormat("%s asked %s: %s", who, Request::descriptor()->name(), answer.status().ToString()));
}

}  // namespace

void AuditPrivacy(World& world, const Orders& orders) {
  int tried = 0;
  for (const auto& [id, one] : orders) {
    if (++tried > kOrdersMax) break;
    order::GetOrderRequest get;
    get.set_order_id(id);
    order::GetOrderJourneyRequest journey;
    journey.set_order_id(id);
    shipping::v1::GetShipmentRequest shipment;
    shipment.set_order_id(id);
    for (const char* const stranger : {"seller/s-99", "buyer/stranger"}) {
      ExpectHidden<order::GetOrderResponse>(world, stranger, get);
      ExpectHidden<order::GetOrderJourneyResponse>(world, stranger, journey);
      ExpectHidden<shipping::v1::GetShipmentResponse>(world, stranger, shipment);
    }
    payment::v1::GetBalanceRequest balance;
    balance.set_seller_id(one.snapshot().seller_id());
    ExpectHidden<payment::v1::GetBalanceResponse>(world, "seller/s-99", balance);
  }
}

}  // namespace souk::simulation
