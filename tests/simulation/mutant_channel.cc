#include "tests/simulation/mutant_channel.h"

#include "souk/catalog/v1/catalog_internal_service.pb.h"
#include "souk/payment/v1/payment_service.pb.h"

namespace souk::simulation {
namespace {

class MutantChannel final : public rpc::Channel {
 public:
  MutantChannel(std::unique_ptr<rpc::Channel> channel, Stage& stage)
      : channel_(std::move(channel)), stage_(stage) {}

  Task<StatusOr<rpc::Bytes>> CallUnary(std::string path, rpc::CallOptions options,
                                       rpc::Bytes request) override {
    const bool swallowed = (stage_.Has(Mutant::kCommitHoldDropped) && path.ends_with("/CommitHold")) ||
                           (stage_.Has(Mutant::kHoldInvented) && path.ends_with("/HoldStock")) ||
                           (stage_.Has(Mutant::kVoidDropped) && path.ends_with("/VoidPayment")) ||
                           (stage_.Has(Mutant::kForgetSettling) && path.ends_with("/CompleteCart"));
    if (swallowed) return Invent();
    if (stage_.Has(Mutant::kChargeMore) && path.ends_with("/CreatePaymentIntent"))
      request = ChargeMore(request);
    if (stage_.Has(Mutant::kConfirmAtAuthorization) && path.ends_with("/AuthorizePayment")) {
      return CountAsPaid(channel_->CallUnary(std::move(path), std::move(options), std::move(request)));
    }
    return channel_->CallUnary(std::move(path), std::move(options), std::move(request));
  }
  std::unique_ptr<rpc::ByteStream> CallServerStream(std::string path, rpc::CallOptions options,
                                                    rpc::Bytes request) override {
    return channel_->CallServerStream(std::move(path), std::move(options), std::move(request));
  }

 private:
  // "Done", without having asked.
  static Task<StatusOr<rpc::Bytes>> Invent() { co_return rpc::Bytes(); }

  static rpc::Bytes ChargeMore(const rpc::Bytes& bytes) {
    payment::v1::CreatePaymentIntentRequest request;
    request.ParseFromString(bytes);
    const auto add = [](type::v1::Money& money) { money.set_minor_units(money.minor_units() + 100); };
    add(*request.mutable_amount());
    add(*request.mutable_shares(0)->mutable_amount());
    add(*request.mutable_shares(0)->mutable_items());
    return request.SerializeAsString();
  }

  static Task<StatusOr<rpc::Bytes>> CountAsPaid(Task<StatusOr<rpc::Bytes>> call) {
    payment::v1::AuthorizePaymentResponse response;
    response.ParseFromString(co_await Try(std::move(call)));
    payment::v1::PaymentIntent& intent = *response.mutable_payment_intent();
    if (intent.state() == payment::v1::PaymentIntent::STATE_AUTHORIZED) {
      intent.set_state(payment::v1::PaymentIntent::STATE_FUNDED);
    }
    co_return response.SerializeAsString();
  }

  const std::unique_ptr<rpc::Channel> channel_;
  Stage& stage_;
};

}  // namespace

std::unique_ptr<rpc::Channel> MutateChannel(std::unique_ptr<rpc::Channel> channel, Stage& stage) {
  for (const Mutant mutant :
       {Mutant::kCommitHoldDropped, Mutant::kHoldInvented, Mutant::kVoidDropped, Mutant::kForgetSettling,
        Mutant::kChargeMore, Mutant::kConfirmAtAuthorization}) {
    if (stage.Has(mutant)) return std::make_unique<MutantChannel>(std::move(channel), stage);
  }
  return channel;
}

}  // namespace souk::simulation
