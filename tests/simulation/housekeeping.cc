// What else a shop and its operator do all day, some of it while people buy: hides products,
// goes on vacation, counts stock, is suspended, answers reviews, retries mails.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "libs/base/proto_time.h"
#include "souk/catalog/v1/catalog_service.pb.h"
#include "souk/notification/v1/notification_service.pb.h"
#include "souk/order/v1/order_service.pb.h"
#include "tests/simulation/client.h"
#include "tests/simulation/people.h"
#include "tests/simulation/photos.h"

namespace souk::simulation {
namespace {

namespace catalog = souk::catalog::v1;
namespace notification = souk::notification::v1;
namespace order = souk::order::v1;

constexpr int kChoresMax = 10;

class Housekeeper {
 public:
  Housekeeper(World& world, int number)
      : world_(world),
        stage_(world.stage()),
        id_(absl::StrFormat("s-%d", number)),
        seller_(stage_, "seller/" + id_, Client::Patience::kEndless),
        operator_(stage_, "operator/o-2", Client::Patience::kEndless) {}

  Task<> Run() {
    for (int chores = 0; chores < kChoresMax && !world_.shopping_over();) {
      co_await Sleep(stage_.scheduler, absl::Seconds(10) + stage_.Upto(stage_.plan.arrival_span / 4));
      if (!PickProduct()) continue;
      co_await DoChore();
      ++chores;
    }
    co_await RetryMails();
  }

 private:
  bool PickProduct();
  Task<> DoChore();
  Task<> HideForAWhile();
  Task<> GoOnVacation();
  Task<> BeSuspended();
  Task<> CountStock();
  Task<> Describe();
  Task<> AnswerReviews();
  Task<> TidyPhotos();
  Task<> TakeBack();
  Task<> RetryMails();
  void Tell(const std::string& product_id, std::int64_t quantity, const Status& status);
  Task<> Pause() { return PauseOf(&stage_); }
  static Task<> PauseOf(Stage* stage) {
    co_await Sleep(stage->scheduler, stage->Upto(stage->plan.arrival_span / 10));
  }

  World& world_;
  Stage& stage_;
  const std::string id_;
  Client seller_;
  Client operator_;
  std::string product_id_;  // What the chore is about.
};

bool Housekeeper::PickProduct() {
  std::vector<std::string> mine;
  for (const auto& [product, seller] : world_.testimony().product_seller) {
    if (seller == id_) mine.push_back(product);
  }
  // Nobody tidies a shop that is not open yet.
  if (mine.size() < static_cast<std::size_t>(stage_.plan.products)) return false;
  product_id_ = mine[stage_.Below(mine.size())];
  return true;
}

Task<> Housekeeper::DoChore() {
  switch (stage_.Below(9)) {
    case 0:
      return HideForAWhile();
    case 1:
      return GoOnVacation();
    case 2:
      return BeSuspended();
    case 3:
    case 4:
      return CountStock();
    case 5:
      return Describe();
    case 6:
      return TidyPhotos();
    case 7:
      return TakeBack();
  }
  return AnswerReviews();
}

Task<> Housekeeper::HideForAWhile() {
  catalog::UnpublishProductRequest hide;
  hide.set_product_id(product_id_);
  co_await seller_.Mention<catalog::UnpublishProductResponse>(hide);
  co_await Pause();
  if (stage_.Chance(0.1)) {
    catalog::ArchiveProductRequest archive;
    archive.set_product_id(hide.product_id());
    co_await seller_.Mention<catalog::ArchiveProductResponse>(archive);
    co_return;
  }
  catalog::PublishProductRequest show;
  show.set_product_id(hide.product_id());
  co_await seller_.Mention<catalog::PublishProductResponse>(show);
}

Task<> Housekeeper::GoOnVacation() {
  catalog::ScheduleVacationRequest leave;
  leave.set_seller_id(id_);
  const absl::Time start = stage_.scheduler.Now() + stage_.Upto(stage_.plan.arrival_span / 10);
  *leave.mutable_vacation()->mutable_start_time() = ToProto(start);
  const bool until = stage_.Chance(0.5);
  if (until) {
    const absl::Time end = start + absl::Minutes(1) + stage_.Upto(stage_.plan.arrival_span / 5);
    *leave.mutable_vacation()->mutable_end_time() = ToProto(end);
  }
  leave.mutable_vacation()->set_message("Back soon.");
  co_await seller_.Mention<catalog::ScheduleVacationResponse>(leave);
  if (until && stage_.Chance(0.5)) co_return;
  co_await Pause();
  catalog::EndVacationRequest end;
  end.set_seller_id(id_);
  co_await seller_.Mention<catalog::EndVacationResponse>(end);
}

Task<> Housekeeper::BeSuspended() {
  catalog::SuspendSellerRequest suspend;
  suspend.set_seller_id(id_);
  suspend.set_reason("papers are missing");
  co_await operator_.Mention<catalog::SuspendSellerResponse>(suspend);
  co_await Pause();
  catalog::ApproveSellerRequest approve;
  approve.set_seller_id(id_);
  co_await operator_.Mention<catalog::ApproveSellerResponse>(approve);
}

Task<> Housekeeper::CountStock() {
  if (stage_.Chance(0.3)) {
    catalog::SetLowStockLevelRequest level;
    level.set_product_id(product_id_);
    level.set_low_level(1 + static_cast<std::int64_t>(stage_.Below(5)));
    co_await seller_.Mention<catalog::SetLowStockLevelResponse>(level);
    co_return;
  }
  catalog::AdjustStockRequest adjust;
  adjust.set_product_id(product_id_);
  adjust.set_delta(stage_.Chance(0.5) ? 1 + static_cast<std::int64_t>(stage_.Below(5)) : -1);
  adjust.set_reason("counted");
  const auto adjusted = co_await seller_.Call<catalog::AdjustStockResponse>(adjust);
  Tell(adjust.product_id(), adjust.delta(), adjusted.status());
}

// What is refused may still be done by the second click, when there is stock again: a
// refusal is no effect, so a repetition of the request is looked at anew.
void Housekeeper::Tell(const std::string& product_id, std::int64_t quantity, const Status& status) {
  const bool may_have_been = IsTransient(status) || stage_.plan.double_click > 0;
  if (!status.ok() && !may_have_been) return;
  world_.testimony().stock_received[product_id].Add(quantity, status.ok());
}

Task<> Housekeeper::Describe() {
  catalog::ReviseProductRequest revise;
  revise.set_product_id(product_id_);
  revise.set_weight_grams(200 + static_cast<std::int64_t>(stage_.Below(500)));
  co_await seller_.Mention<catalog::ReviseProductResponse>(revise);
  catalog::UpdateSellerRequest update;
  update.set_seller_id(id_);
  update.set_shop_note("Packed by hand on day " +
                       absl::FormatTime("%d", stage_.scheduler.Now(), absl::UTCTimeZone()));
  co_await seller_.Mention<catalog::UpdateSellerResponse>(update);
}

Task<> Housekeeper::AnswerReviews() {
  catalog::ListReviewsRequest list;
  list.set_seller_id(id_);
  const auto page = co_await seller_.Call<catalog::ListReviewsResponse>(list);
  if (!page.ok() || page->reviews().empty()) co_return;
  catalog::AnswerReviewRequest answer;
  answer.set_review_id(page->reviews(0).review_id());
  answer.set_text("Thank you!");
  co_await seller_.Mention<catalog::AnswerReviewResponse>(answer);
}

// A new photo comes first, and the one that was first goes.
Task<> Housekeeper::TidyPhotos() {
  catalog::AttachMediaRequest attach;
  attach.set_product_id(product_id_);
  attach.set_alt_text("the thing in another light");
  const auto photo =
      co_await UploadPhoto(&seller_, id_, 1000 + static_cast<std::uint32_t>(stage_.Below(1000)));
  if (!photo.ok()) co_return;
  attach.set_media_id(*photo);
  const auto attached = co_await seller_.Call<catalog::AttachMediaResponse>(attach);
  if (!attached.ok()) co_return;
  catalog::ReorderMediaRequest reorder;
  reorder.set_product_id(attach.product_id());
  for (const catalog::ProductMedia& media : attached->product().media())
    reorder.add_media_ids(media.media_id());
  std::reverse(reorder.mutable_media_ids()->begin(), reorder.mutable_media_ids()->end());
  co_await seller_.Mention<catalog::ReorderMediaResponse>(reorder);
  catalog::DetachMediaRequest detach;
  detach.set_product_id(attach.product_id());
  detach.set_media_id(attached->product().media(0).media_id());
  co_await seller_.Mention<catalog::DetachMediaResponse>(detach);
}

// One thing of an order comes back, in the state in which it went.
Task<> Housekeeper::TakeBack() {
  order::ListOrdersRequest list;
  list.set_seller_id(id_);
  list.set_state(order::OrderState::STATE_COMPLETED);
  list.set_page_size(5);
  const auto page = co_await seller_.Call<order::ListOrdersResponse>(list);
  if (!page.ok() || page->orders().empty()) co_return;
  const order::Order& one =
      page->orders(static_cast<int>(stage_.Below(static_cast<std::uint64_t>(page->orders_size()))));
  catalog::ReturnStockRequest back;
  back.set_product_id(one.snapshot().lines(0).product_id());
  back.set_order_id(one.order_id());
  back.set_quantity(1);
  const auto returned = co_await seller_.Call<catalog::ReturnStockResponse>(back);
  Tell(back.product_id(), 1, returned.status());
}

// Only what was given up for certain: a mail of which nobody knows would arrive twice.
Task<> Housekeeper::RetryMails() {
  notification::ListNotificationsRequest list;
  list.set_needs_attention(true);
  const auto page = co_await operator_.Call<notification::ListNotificationsResponse>(list);
  if (!page.ok()) co_return;
  for (const notification::Notification& mail : page->notifications()) {
    if (mail.state() != notification::NotificationState::STATE_DEAD_LETTERED) continue;
    notification::RetryNotificationRequest retry;
    retry.set_notification_id(mail.notification_id());
    co_await operator_.Mention<notification::RetryNotificationResponse>(retry);
  }
}

}  // namespace

Task<> RunHousekeeping(World* world, int number) {
  Housekeeper housekeeper(*world, number);
  co_await housekeeper.Run();
}

}  // namespace souk::simulation
