// The order module among fake services, and a buyer who uses it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "services/order/fake_services_fixture.h"
#include "souk/order/v1/checkout_service.pb.h"
#include "souk/order/v1/order_service.pb.h"

namespace souk::order {

class FakeWorld : public FakeServices {
 public:
  explicit FakeWorld(std::vector<std::pair<std::string, std::string>> settings = {});

  // Starts the checkout and fills it in.
  std::string FillCheckout(v1::PaymentMethod method = v1::PAYMENT_METHOD_CARD);
  StatusOr<v1::Checkout> PlaceOrder(const std::string& checkout_id, const std::string& request_id,
                                    std::int64_t expected_total = kTotal);
  // Without waiting for the answer.
  void BeginPlaceOrder(const std::string& checkout_id, const std::string& request_id);
  v1::Checkout GetCheckout(const std::string& checkout_id);
  v1::Order GetOrder(const std::string& order_id);
  // Groups and orders, as all events of the service tell.
  std::string Placed();
};

}  // namespace souk::order
