#include "tools/load_generator/workload.h"

#include <utility>

#include "libs/base/uuid.h"
#include "souk/admin/v1/admin_service.pb.h"
#include "souk/cart/v1/cart_service.pb.h"
#include "souk/order/v1/checkout_service.pb.h"
#include "tools/soukctl/story/shopkeeper.h"

namespace souk::load {
namespace {

namespace cart = souk::cart::v1;
namespace order = souk::order::v1;

constexpr char kOption[] = "standard";
constexpr std::int64_t kPrice = 1000;
constexpr std::int64_t kDelivery = 500;
// A cart takes at most 999 of a product.
constexpr int kAdditionsPerCart = 900;
constexpr std::int64_t kStock = 100'000'000;

rpc::CallOptions Options(Principal::Kind kind, std::string id) {
  return {.principal = {.kind = kind, .id = std::move(id)}, .deadline = absl::Now() + absl::Seconds(20)};
}

// A call whose answer is not looked at: who makes the load shares the machine with the store.
template <typename Response, typename Request>
Task<Status> CallOnly(rpc::Channel& channel, rpc::CallOptions options, Request request) {
  static const std::string path = rpc::MethodPath(*Request::descriptor(), *Response::descriptor());
  co_return (co_await channel.CallUnary(path, std::move(options), request.SerializeAsString())).status();
}

// -- empty --

class EmptySlot final : public Slot {
 public:
  explicit EmptySlot(rpc::Channel& channel) : channel_(channel) {}
  Task<Status> Next() override {
    return CallOnly<admin::v1::GetTimeResponse>(channel_, Options(Principal::Kind::kOperator, "load"),
                                                admin::v1::GetTimeRequest());
  }

 private:
  rpc::Channel& channel_;
};

class EmptyWorkload final : public Workload {
 public:
  Status Prepare(ctl::Session&) override { return OkStatus(); }
  std::unique_ptr<Slot> MakeSlot(int, rpc::Channel& channel, OnAnswer) override {
    return std::make_unique<EmptySlot>(channel);
  }
};

// -- What carts need --

class ShopWorkload : public Workload {
 public:
  explicit ShopWorkload(std::string run) : run_(std::move(run)) {}

  Status Prepare(ctl::Session& session) override {
    ctl::Shopkeeper shop(session, "load-" + run_, "seller-" + run_);
    RETURN_IF_ERROR(
        shop.Open({.shop_name = "Load", .contact_name = "Load", .email = "load@sellers.example"}));
    ASSIGN_OR_RETURN(
        const std::string profile_id,
        shop.DefineProfile({.name = "everywhere",
                            .currency_code = "EUR",
                            .region_codes = {"DE"},
                            .options = {{.option_id = kOption, .name = "Standard", .flat = kDelivery}}}));
    ASSIGN_OR_RETURN(
        product_id_,
        shop.AddProduct({.key = "p",
                         .texts = {{.language_code = "en", .title = "Cup", .description = "A cup."}},
                         .category = "cups",
                         .weight_grams = 300,
                         .price = {kPrice, "EUR"},
                         .profile_id = profile_id,
                         .stock = kStock,
                         .pictures = {{.alt_text = "A cup"}}}));
    return shop.Settle();
  }

 protected:
  const std::string run_;
  std::string product_id_;
};

// -- additem --

class AddItemSlot final : public Slot {
 public:
  AddItemSlot(std::string name, std::string product_id, rpc::Channel& channel, OnAnswer on_answer)
      : name_(std::move(name)),
        product_id_(std::move(product_id)),
        channel_(channel),
        on_answer_(std::move(on_answer)) {}

  Task<Status> Next() override {
    if (count_ % kAdditionsPerCart == 0) co_await Try(NewCart());
    cart::AddItemRequest request;
    request.set_request_id(name_ + "-" + std::to_string(++count_));
    request.set_cart_id(cart_id_);
    request.set_product_id(product_id_);
    request.set_quantity(1);
    Status status = co_await CallOnly<cart::AddItemResponse>(
        channel_, Options(Principal::Kind::kBuyer, name_), std::move(request));
    ++revision_;
    if (status.ok() && on_answer_) on_answer_(cart_id_, revision_);
    co_return status;
  }

 private:
  Task<Status> NewCart() {
    cart::CreateCartRequest request;
    request.set_request_id(name_ + "-cart-" + std::to_string(count_));
    const auto response = co_await Try(rpc::Call<cart::CreateCartResponse>(
        channel_, Options(Principal::Kind::kBuyer, name_), std::move(request)));
    cart_id_ = response.cart().cart_id();
    revision_ = 1;
    co_return OkStatus();
  }

  const std::string name_;
  const std::string product_id_;
  rpc::Channel& channel_;
  const OnAnswer on_answer_;
  std::string cart_id_;
  std::uint64_t revision_ = 0;  // Of the cart.
  int count_ = 0;
};

class AddItemWorkload final : public ShopWorkload {
 public:
  using ShopWorkload::ShopWorkload;
  std::string watched_service() const override { return "cart"; }
  std::unique_ptr<Slot> MakeSlot(int number, rpc::Channel& channel, OnAnswer on_answer) override {
    return std::make_unique<AddItemSlot>(run_ + "-" + std::to_string(number), product_id_, channel,
                                         std::move(on_answer));
  }
};

// -- checkout --

class CheckoutSlot final : public Slot {
 public:
  CheckoutSlot(std::string name, std::string product_id, std::string seller_id, rpc::Channel& channel)
      : name_(std::move(name)),
        product_id_(std::move(product_id)),
        seller_id_(std::move(seller_id)),
        channel_(channel) {}

  Task<Status> Next() override {
    const std::string id = name_ + "-" + std::to_string(++count_);
    cart::CreateCartRequest create;
    create.set_request_id(id + "-cart");
    const auto created = co_await Try(Call<cart::CreateCartResponse>(std::move(create)));
    cart::AddItemRequest add;
    add.set_request_id(id + "-item");
    add.set_cart_id(created.cart().cart_id());
    add.set_product_id(product_id_);
    add.set_quantity(1);
    co_await Try(Call<cart::AddItemResponse>(std::move(add)));

    order::StartCheckoutRequest start;
    start.set_request_id(id + "-start");
    start.set_cart_id(created.cart().cart_id());
    const auto started = co_await Try(Call<order::StartCheckoutResponse>(std::move(start)));
    const std::string checkout_id = started.checkout().checkout_id();
    order::SetAddressRequest address;
    address.set_request_id(id + "-address");
    address.set_checkout_id(checkout_id);
    order::Contact& contact = *address.mutable_contact();
    contact.set_contact_name("Load");
    contact.set_email("load@buyers.example");
    contact.mutable_address()->set_region_code("DE");
    contact.mutable_address()->set_postal_code("10115");
    contact.mutable_address()->set_locality("Berlin");
    contact.mutable_address()->add_address_lines("Road 1");
    co_await Try(Call<order::SetAddressResponse>(std::move(address)));
    order::SelectDeliveryRequest delivery;
    delivery.set_request_id(id + "-delivery");
    delivery.set_checkout_id(checkout_id);
    delivery.set_seller_id(seller_id_);
    delivery.set_option_id(kOption);
    co_await Try(Call<order::SelectDeliveryResponse>(std::move(delivery)));
    order::SelectPaymentMethodRequest method;
    method.set_request_id(id + "-method");
    method.set_checkout_id(checkout_id);
    method.set_method(order::PAYMENT_METHOD_CARD);
    method.set_card_token("tok_ok");
    co_await Try(Call<order::SelectPaymentMethodResponse>(std::move(method)));

    order::PlaceOrderRequest place;
    place.set_request_id(id + "-place");
    place.set_checkout_id(checkout_id);
    place.mutable_expected_total()->set_currency_code("EUR");
    place.mutable_expected_total()->set_minor_units(kPrice + kDelivery);
    const auto placed = co_await Try(Call<order::PlaceOrderResponse>(std::move(place)));
    const bool done = placed.checkout().state() == order::CheckoutState::STATE_PLACED;
    co_return done ? OkStatus() : Internal("the checkout was not placed");
  }

 private:
  template <typename Response, typename Request>
  Task<StatusOr<Response>> Call(Request request) {
    return rpc::Call<Response>(channel_, Options(Principal::Kind::kBuyer, name_), std::move(request));
  }

  const std::string name_;
  const std::string product_id_;
  const std::string seller_id_;
  rpc::Channel& channel_;
  int count_ = 0;
};

class CheckoutWorkload final : public ShopWorkload {
 public:
  using ShopWorkload::ShopWorkload;
  std::unique_ptr<Slot> MakeSlot(int number, rpc::Channel& channel, OnAnswer) override {
    return std::make_unique<CheckoutSlot>(run_ + "-" + std::to_string(number), product_id_, "seller-" + run_,
                                          channel);
  }
};

}  // namespace

StatusOr<std::unique_ptr<Workload>> MakeWorkload(const std::string& name, const std::string& run) {
  std::unique_ptr<Workload> workload;
  if (name == "empty") workload = std::make_unique<EmptyWorkload>();
  if (name == "additem") workload = std::make_unique<AddItemWorkload>(run);
  if (name == "checkout") workload = std::make_unique<CheckoutWorkload>(run);
  if (workload == nullptr) return NotFound("no workload \"%s\": take empty, additem or checkout", name);
  return workload;
}

}  // namespace souk::load
