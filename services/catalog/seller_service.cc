#include "services/catalog/seller_service.h"

#include <utility>

#include "libs/base/form_text.h"
#include "libs/base/request_field.h"
#include "libs/base/uuid.h"
#include "libs/eventsourcing/page.h"
#include "services/catalog/access.h"
#include "services/catalog/media.h"
#include "services/catalog/render.h"
#include "services/catalog/text.h"

namespace souk::catalog {
namespace {

// Who the new seller will be.
StatusOr<SellerId> NewSellerId(const rpc::CallContext& call, const v1::RegisterSellerRequest& request) {
  const bool own_id = call.principal.kind == Principal::Kind::kSeller;
  if (own_id && (request.seller_id().empty() || request.seller_id() == call.principal.id)) {
    return SellerId::Of(call.principal.id);
  }
  if (request.seller_id().empty()) {
    return SellerId::Of(DerivedUuid("seller", request.request_id(), ToString(call.principal)));
  }
  if (!call.principal.IsOperator()) return InvalidField("seller_id", "is for operators to choose");
  return SellerId::Parse(request.seller_id());
}

std::optional<std::string> Present(bool has, const std::string& field) {
  return has ? std::optional<std::string>(field) : std::nullopt;
}

}  // namespace

void SellerService::AddTo(rpc::Router& router) {
  using namespace rpc;
  router.Add<&SellerService::RegisterSeller>(*this, kGuests | kBuyers | kSellers | kOperators);
  router.Add<&SellerService::ApproveSeller>(*this, kOperators);
  router.Add<&SellerService::SuspendSeller>(*this, kOperators);
  router.Add<&SellerService::UpdateSeller>(*this, kSellers);
  router.Add<&SellerService::ScheduleVacation>(*this, kSellers);
  router.Add<&SellerService::EndVacation>(*this, kSellers);
  router.Add<&SellerService::GetSeller>(*this, kAnyone);
  router.Add<&SellerService::ListSellers>(*this, kOperators);
}

Task<StatusOr<v1::RegisterSellerResponse>> SellerService::RegisterSeller(CallContext call,
                                                                         v1::RegisterSellerRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const SellerId id = co_await Try(NewSellerId(call, request));
  std::vector<FieldViolation> violations;
  CheckLine(violations, "contact_name", request.contact_name(), {.min = 1, .max = 200});
  if (!IsMailAddress(request.contact_email())) {
    violations.push_back({"contact_email", "must be a mail address"});
  }
  co_await Try(InvalidFields(violations));

  catalog::RegisterSeller command{.seller_id = id.str(), .shop_name = request.shop_name()};
  command.language_code = request.language_code().empty() ? "en" : request.language_code();
  const std::string seed = request.request_id();
  command.contact_name =
      co_await Try(keys_.Seal(SubjectOf(id.str()), request.contact_name(), seed + "/contact_name"));
  command.contact_email =
      co_await Try(keys_.Seal(SubjectOf(id.str()), request.contact_email(), seed + "/contact_email"));
  const Shared<v1::SellerState> seller =
      co_await Try(engine_.Execute<Seller>(id, std::move(command), std::move(metadata)));
  v1::RegisterSellerResponse response;
  *response.mutable_seller() = RenderFor(call, *seller);
  co_return response;
}

Task<StatusOr<v1::ApproveSellerResponse>> SellerService::ApproveSeller(CallContext call,
                                                                       v1::ApproveSellerRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const SellerId id = co_await Try(SellerId::Parse(request.seller_id()));
  const Shared<v1::SellerState> seller =
      co_await Try(engine_.Execute<Seller>(id, catalog::ApproveSeller{}, std::move(metadata)));
  v1::ApproveSellerResponse response;
  *response.mutable_seller() = RenderFor(call, *seller);
  co_return response;
}

Task<StatusOr<v1::SuspendSellerResponse>> SellerService::SuspendSeller(CallContext call,
                                                                       v1::SuspendSellerRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  const SellerId id = co_await Try(SellerId::Parse(request.seller_id()));
  const Shared<v1::SellerState> seller = co_await Try(
      engine_.Execute<Seller>(id, catalog::SuspendSeller{.reason = request.reason()}, std::move(metadata)));
  v1::SuspendSellerResponse response;
  *response.mutable_seller() = RenderFor(call, *seller);
  co_return response;
}

Task<StatusOr<v1::UpdateSellerResponse>> SellerService::UpdateSeller(CallContext call,
                                                                     v1::UpdateSellerRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  co_await Try(ReadOwnSeller(engine_, call, request.seller_id()));
  if (!request.photo_media_id().empty()) {
    const MediaId media_id = co_await Try(MediaId::Parse(request.photo_media_id()));
    const Shared<v1::MediaState> media = co_await Try(engine_.Read<Media>(media_id));
    if (media->seller_id() != request.seller_id()) co_return NotFound("no photo %s", media_id.str());
  }
  catalog::UpdateSeller command{
      .shop_name = Present(request.has_shop_name(), request.shop_name()),
      .story = Present(request.has_story(), request.story()),
      .shop_note = Present(request.has_shop_note(), request.shop_note()),
      .photo_media_id = Present(request.has_photo_media_id(), request.photo_media_id()),
      .return_terms = Present(request.has_return_terms(), request.return_terms()),
      .language_code = Present(request.has_language_code(), request.language_code()),
  };
  const Shared<v1::SellerState> seller = co_await Try(
      engine_.Execute<Seller>(SellerId::Of(request.seller_id()), std::move(command), std::move(metadata)));
  v1::UpdateSellerResponse response;
  *response.mutable_seller() = RenderFor(call, *seller);
  co_return response;
}

Task<StatusOr<v1::ScheduleVacationResponse>> SellerService::ScheduleVacation(
    CallContext call, v1::ScheduleVacationRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  co_await Try(ReadOwnSeller(engine_, call, request.seller_id()));
  const v1::Vacation& vacation = request.vacation();
  co_await Try(RequestTime("vacation.start_time", vacation.start_time()));
  co_await Try(RequestTime("vacation.end_time", vacation.end_time()));
  const Shared<v1::SellerState> seller = co_await Try(engine_.Execute<Seller>(
      SellerId::Of(request.seller_id()), catalog::ScheduleVacation{.vacation = request.vacation()},
      std::move(metadata)));
  v1::ScheduleVacationResponse response;
  *response.mutable_seller() = RenderFor(call, *seller);
  co_return response;
}

Task<StatusOr<v1::EndVacationResponse>> SellerService::EndVacation(CallContext call,
                                                                   v1::EndVacationRequest request) {
  CommandMetadata metadata = co_await Try(call.Metadata(request.request_id()));
  co_await Try(ReadOwnSeller(engine_, call, request.seller_id()));
  const Shared<v1::SellerState> seller = co_await Try(engine_.Execute<Seller>(
      SellerId::Of(request.seller_id()), catalog::EndVacation{}, std::move(metadata)));
  v1::EndVacationResponse response;
  *response.mutable_seller() = RenderFor(call, *seller);
  co_return response;
}

Task<StatusOr<v1::GetSellerResponse>> SellerService::GetSeller(CallContext call,
                                                               v1::GetSellerRequest request) {
  const SellerId id = co_await Try(SellerId::Parse(request.seller_id()));
  const Shared<v1::SellerState> seller = co_await Try(engine_.Read<Seller>(id));
  const bool known = seller->state() != v1::SellerState::STATE_UNSPECIFIED;
  const bool shown = seller->state() == v1::SellerState::STATE_ACTIVE || MayRead(call, id.str());
  if (!known || !shown) co_return NoSuchSeller(id.str());
  v1::GetSellerResponse response;
  *response.mutable_seller() = RenderFor(call, *seller);
  co_return response;
}

Task<StatusOr<v1::ListSellersResponse>> SellerService::ListSellers(CallContext call,
                                                                   v1::ListSellersRequest request) {
  if (!v1::SellerState::State_IsValid(request.state())) co_return InvalidField("state", "is unknown");
  const bool all = request.state() == v1::SellerState::STATE_UNSPECIFIED;
  IndexQuery query{.index = all ? "sellers" : "sellers_by_state"};
  if (!all) query.prefix = absl::StrFormat("%d/", static_cast<int>(request.state()));
  const Page page = co_await Try(QueryPage(engine_, std::move(query), request));
  v1::ListSellersResponse response;
  for (const IndexRow& row : page.rows) {
    const Shared<v1::SellerState> seller = co_await Try(engine_.Read<Seller>(SellerId::Of(IdInKey(row.key))));
    *response.add_sellers() = RenderFor(call, *seller);
  }
  response.set_next_page_token(page.next_page_token);
  co_return response;
}

v1::Seller SellerService::RenderFor(const CallContext& call, const v1::SellerState& state) const {
  v1::Seller seller = Render(state);
  if (!IsOwner(call, state.seller_id()) && !call.principal.IsOperator()) return seller;
  seller.set_contact_name(keys_.Open(state.contact_name()).value_or(""));
  seller.set_contact_email(keys_.Open(state.contact_email()).value_or(""));
  seller.set_suspend_reason(state.suspend_reason());
  return seller;
}

}  // namespace souk::catalog
