#include "tools/soukctl/story/demo_shops.h"

#include <map>
#include <string>

#include "absl/time/time.h"
#include "libs/base/money.h"
#include "libs/base/proto_time.h"
#include "souk/order/v1/order_service.pb.h"
#include "souk/payment/v1/payment_service.pb.h"
#include "souk/shipping/v1/shipping_service.pb.h"
#include "tools/soukctl/story/shopkeeper.h"

namespace souk::ctl {
namespace {

namespace order = souk::order::v1;
namespace payment = souk::payment::v1;
namespace shipping = souk::shipping::v1;

}  // namespace

Status OpenShops(DemoStage& stage) {
  stage.log.Chapter("The shops open: descriptions, photos, prices, delivery options, stock");
  for (const ShopFileSeller& seller : stage.shop.sellers) {
    Shopkeeper keeper(stage.store, "demo-" + stage.run, seller.seller_id);
    RETURN_IF_ERROR(keeper.Open(seller.shop));
    std::map<std::string, std::string> profiles;
    for (const ProfileSpec& profile : seller.profiles) {
      ASSIGN_OR_RETURN(profiles[profile.name], keeper.DefineProfile(profile));
    }
    for (ProductSpec product : seller.products) {
      if (!profiles.contains(product.profile_id)) {
        return InvalidArgument("shop.json: %s has no profile %s", seller.seller_id, product.profile_id);
      }
      product.profile_id = profiles[product.profile_id];
      ASSIGN_OR_RETURN(stage.products[seller.seller_id + "/" + product.key], keeper.AddProduct(product));
    }
    stage.log.Say(seller.shop.shop_name + ": " + std::to_string(seller.products.size()) + " products");
  }
  return stage.log.PrintEvents();
}

Status PackAndDispatch(DemoStage& stage, const std::string& seller_id, const std::string& note) {
  stage.log.Chapter(seller_id + " packs, adds a note, hands over, and tells the system");
  const std::string seller = "seller/" + seller_id;
  order::ListOrdersRequest list;
  list.set_seller_id(seller_id);
  list.set_state(order::OrderState::STATE_AWAITING_DISPATCH);
  ASSIGN_OR_RETURN(const auto queue, stage.Call<order::ListOrdersResponse>(seller, list));
  for (const order::Order& one : queue.orders()) {
    stage.log.Say("to do: order " + one.order_id() + ", ship by " +
                  absl::FormatTime("%Y-%m-%d %H:%M UTC", FromProto(one.snapshot().delivery().ship_by_time()),
                                   absl::UTCTimeZone()));
  }
  const std::string order_id = stage.OrderOf(seller_id).order_id();
  if (!note.empty()) {
    order::AttachPersonalNoteRequest attach;
    attach.set_request_id(stage.RequestId("note/" + seller_id));
    attach.set_order_id(order_id);
    attach.set_note(note);
    RETURN_IF_ERROR(stage.Call<order::AttachPersonalNoteResponse>(seller, attach).status());
    stage.log.Say("note: \"" + note + "\"");
  }
  shipping::PackShipmentRequest pack;
  pack.set_request_id(stage.RequestId("pack/" + seller_id));
  pack.set_order_id(order_id);
  RETURN_IF_ERROR(stage.Call<shipping::PackShipmentResponse>(seller, pack).status());
  shipping::DispatchShipmentRequest dispatch;
  dispatch.set_request_id(stage.RequestId("dispatch/" + seller_id));
  dispatch.set_order_id(order_id);
  dispatch.set_carrier("Post");
  dispatch.set_tracking_code("DE" + stage.run.substr(0, 8) + seller_id.substr(7));
  RETURN_IF_ERROR(stage.Call<shipping::DispatchShipmentResponse>(seller, dispatch).status());
  stage.log.Say("handed over as " + dispatch.tracking_code() + "; the buyer gets a mail");
  return stage.log.PrintEvents();
}

Status MoveMoney(DemoStage& stage) {
  stage.log.Chapter("The money is in the shop's balance, and moves to her bank account");
  const std::string seller = std::string("seller/") + kPotter;
  payment::GetBalanceRequest get;
  get.set_seller_id(kPotter);
  ASSIGN_OR_RETURN(const auto balance, stage.Call<payment::GetBalanceResponse>(seller, get));
  if (balance.balances().empty()) return Internal("the shop has no balance");
  const Money available{balance.balances(0).available(), balance.balances(0).currency_code()};
  stage.log.Say("available: " + ToString(available));
  payment::AddBankAccountRequest add;
  add.set_request_id(stage.RequestId("bank"));
  add.set_seller_id(kPotter);
  add.set_holder("Mori Keramik");
  add.set_iban("DE89370400440532013000");
  ASSIGN_OR_RETURN(const auto added, stage.Call<payment::AddBankAccountResponse>(seller, add));
  payment::VerifyBankAccountRequest verify;
  verify.set_request_id(stage.RequestId("verify"));
  verify.set_bank_account_id(added.bank_account().bank_account_id());
  RETURN_IF_ERROR(stage.Call<payment::VerifyBankAccountResponse>(kOperator, verify).status());
  payment::RequestPayoutRequest payout;
  payout.set_request_id(stage.RequestId("payout"));
  payout.set_seller_id(kPotter);
  payout.set_bank_account_id(added.bank_account().bank_account_id());
  payout.mutable_amount()->set_currency_code(available.currency_code);
  payout.mutable_amount()->set_minor_units(available.minor_units);
  ASSIGN_OR_RETURN(const auto requested, stage.Call<payment::RequestPayoutResponse>(seller, payout));
  RETURN_IF_ERROR(stage.log.PrintEvents());
  payment::GetPayoutRequest look;
  look.set_payout_id(requested.payout().payout_id());
  ASSIGN_OR_RETURN(const auto done, stage.Call<payment::GetPayoutResponse>(seller, look));
  stage.log.Say("payout of " + Amount(done.payout().amount()) + ": " +
                payment::Payout::State_Name(done.payout().state()).substr(sizeof "STATE_" - 1));
  ASSIGN_OR_RETURN(const auto trial, stage.Call<payment::GetTrialBalanceResponse>(
                                         kOperator, payment::GetTrialBalanceRequest()));
  stage.log.Say("trial balance of the whole ledger: " + std::to_string(trial.difference()));
  stage.log.Say("try: soukctl journey " + stage.OrderOf(kPotter).order_id());
  return OkStatus();
}

}  // namespace souk::ctl
