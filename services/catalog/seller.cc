#include "services/catalog/seller.h"

#include "libs/base/proto_time.h"
#include "libs/base/sortable_time.h"
#include "services/catalog/text.h"

namespace souk::catalog {

using Events = Seller::Events;

namespace {

constexpr LengthRange kShopName{1, 80};
constexpr LengthRange kStory{0, 4000};
constexpr LengthRange kShopNote{0, 1000};
constexpr LengthRange kReturnTerms{0, 4000};
constexpr LengthRange kReason{1, 500};
constexpr LengthRange kVacationMessage{0, 500};

bool Exists(const v1::SellerState& seller) { return seller.state() != v1::SellerState::STATE_UNSPECIFIED; }

// The end of a vacation; far away when she will end it herself.
absl::Time EndOf(const v1::Vacation& vacation) {
  return vacation.has_end_time() ? FromProto(vacation.end_time()) : absl::InfiniteFuture();
}

v1::SellerEvent VacationStarted(const v1::SellerState& seller) {
  v1::SellerEvent event;
  event.mutable_vacation_started()->set_seller_id(seller.seller_id());
  return event;
}

v1::SellerEvent VacationEnded(const v1::SellerState& seller) {
  v1::SellerEvent event;
  event.mutable_vacation_ended()->set_seller_id(seller.seller_id());
  event.mutable_vacation_ended()->set_had_started(seller.on_vacation());
  return event;
}

}  // namespace

Status NoSuchSeller(std::string_view seller_id) { return NotFound("no seller %s", seller_id); }

StatusOr<Events> Seller::Decide(const State& seller, const RegisterSeller& command, absl::Time now) {
  if (Exists(seller)) return IllegalTransition("seller %s is registered already", seller.seller_id());
  std::vector<FieldViolation> violations;
  CheckLine(violations, "shop_name", command.shop_name, kShopName);
  CheckLanguage(violations, "language_code", command.language_code);
  RETURN_IF_ERROR(InvalidFields(violations));
  Event event;
  v1::SellerRegistered& registered = *event.mutable_registered();
  registered.set_seller_id(command.seller_id);
  registered.set_shop_name(command.shop_name);
  registered.set_language_code(command.language_code);
  *registered.mutable_contact_name() = command.contact_name;
  *registered.mutable_contact_email() = command.contact_email;
  *registered.mutable_register_time() = ToProto(now);
  return Events{event};
}

StatusOr<Events> Seller::Decide(const State& seller, const ApproveSeller&, absl::Time) {
  if (!Exists(seller)) return NotFound("no such seller");
  if (seller.state() == State::STATE_ACTIVE) return Events{};
  Event event;
  if (seller.state() == State::STATE_SUSPENDED) {
    event.mutable_reinstated()->set_seller_id(seller.seller_id());
  } else {
    event.mutable_approved()->set_seller_id(seller.seller_id());
  }
  return Events{event};
}

StatusOr<Events> Seller::Decide(const State& seller, const SuspendSeller& command, absl::Time) {
  if (!Exists(seller)) return NotFound("no such seller");
  if (seller.state() == State::STATE_SUSPENDED) return Events{};
  if (seller.state() != State::STATE_ACTIVE) return IllegalTransition("seller is not approved yet");
  std::vector<FieldViolation> violations;
  CheckText(violations, "reason", command.reason, kReason);
  RETURN_IF_ERROR(InvalidFields(violations));
  Event event;
  event.mutable_suspended()->set_seller_id(seller.seller_id());
  event.mutable_suspended()->set_reason(command.reason);
  return Events{event};
}

StatusOr<Events> Seller::Decide(const State& seller, const UpdateSeller& command, absl::Time) {
  if (!Exists(seller)) return NotFound("no such seller");
  std::vector<FieldViolation> violations;
  if (command.shop_name) CheckLine(violations, "shop_name", *command.shop_name, kShopName);
  if (command.story) CheckText(violations, "story", *command.story, kStory);
  if (command.shop_note) CheckText(violations, "shop_note", *command.shop_note, kShopNote);
  if (command.return_terms) CheckText(violations, "return_terms", *command.return_terms, kReturnTerms);
  if (command.language_code) CheckLanguage(violations, "language_code", *command.language_code);
  RETURN_IF_ERROR(InvalidFields(violations));

  Event event;
  v1::SellerProfileChanged& changed = *event.mutable_profile_changed();
  const auto differs = [](const std::optional<std::string>& wanted, const std::string& present) {
    return wanted.has_value() && *wanted != present;
  };
  if (differs(command.shop_name, seller.shop_name())) changed.set_shop_name(*command.shop_name);
  if (differs(command.story, seller.story())) changed.set_story(*command.story);
  if (differs(command.shop_note, seller.shop_note())) changed.set_shop_note(*command.shop_note);
  if (differs(command.photo_media_id, seller.photo_media_id())) {
    changed.set_photo_media_id(*command.photo_media_id);
  }
  if (differs(command.return_terms, seller.return_terms())) changed.set_return_terms(*command.return_terms);
  if (differs(command.language_code, seller.language_code())) {
    changed.set_language_code(*command.language_code);
  }
  if (changed.ByteSizeLong() == 0) return Events{};
  changed.set_seller_id(seller.seller_id());
  return Events{event};
}

StatusOr<Events> Seller::Decide(const State& seller, const ScheduleVacation& command, absl::Time now) {
  if (!Exists(seller)) return NotFound("no such seller");
  v1::Vacation vacation = command.vacation;
  if (!vacation.has_start_time() || FromProto(vacation.start_time()) < now) {
    *vacation.mutable_start_time() = ToProto(now);
  }
  std::vector<FieldViolation> violations;
  CheckText(violations, "vacation.message", vacation.message(), kVacationMessage);
  if (EndOf(vacation) <= FromProto(vacation.start_time())) {
    violations.push_back({"vacation.end_time", "must be after the start and in the future"});
  }
  RETURN_IF_ERROR(InvalidFields(violations));
  if (seller.on_vacation()) return IllegalTransition("seller is away; end that vacation first");
  if (seller.has_vacation() && seller.vacation().SerializeAsString() == vacation.SerializeAsString()) {
    return Events{};
  }
  Event event;
  event.mutable_vacation_scheduled()->set_seller_id(seller.seller_id());
  *event.mutable_vacation_scheduled()->mutable_vacation() = vacation;
  if (FromProto(vacation.start_time()) > now) return Events{event};
  return Events{event, VacationStarted(seller)};
}

StatusOr<Events> Seller::Decide(const State& seller, const StartVacation&, absl::Time now) {
  if (!seller.has_vacation() || seller.on_vacation()) return Events{};
  if (FromProto(seller.vacation().start_time()) > now) return Events{};
  return Events{VacationStarted(seller)};
}

StatusOr<Events> Seller::Decide(const State& seller, const EndVacation&, absl::Time) {
  if (!Exists(seller)) return NotFound("no such seller");
  if (!seller.has_vacation()) return Events{};
  return Events{VacationEnded(seller)};
}

StatusOr<Events> Seller::Decide(const State& seller, const FinishVacation&, absl::Time now) {
  if (!seller.has_vacation() || EndOf(seller.vacation()) > now) return Events{};
  return Events{VacationEnded(seller)};
}

StatusOr<Events> Seller::Decide(const State& seller, const RateSeller& command, absl::Time) {
  if (!Exists(seller)) return NotFound("no such seller");
  Event event;
  event.mutable_rated()->set_seller_id(seller.seller_id());
  event.mutable_rated()->set_review_id(command.review_id);
  event.mutable_rated()->set_score(command.score);
  return Events{event};
}

void Seller::Evolve(State& seller, const Event& event) {
  const auto availability_changed = [&seller] {
    seller.set_availability_version(seller.availability_version() + 1);
  };
  switch (event.kind_case()) {
    case Event::kRegistered: {
      const v1::SellerRegistered& registered = event.registered();
      seller.set_state(State::STATE_PENDING_APPROVAL);
      seller.set_seller_id(registered.seller_id());
      seller.set_shop_name(registered.shop_name());
      seller.set_language_code(registered.language_code());
      *seller.mutable_contact_name() = registered.contact_name();
      *seller.mutable_contact_email() = registered.contact_email();
      *seller.mutable_register_time() = registered.register_time();
      break;
    }
    case Event::kApproved:
    case Event::kReinstated:
      seller.set_state(State::STATE_ACTIVE);
      seller.clear_suspend_reason();
      availability_changed();
      break;
    case Event::kSuspended:
      seller.set_state(State::STATE_SUSPENDED);
      seller.set_suspend_reason(event.suspended().reason());
      availability_changed();
      break;
    case Event::kProfileChanged: {
      const v1::SellerProfileChanged& changed = event.profile_changed();
      if (changed.has_shop_name()) seller.set_shop_name(changed.shop_name());
      if (changed.has_story()) seller.set_story(changed.story());
      if (changed.has_shop_note()) seller.set_shop_note(changed.shop_note());
      if (changed.has_photo_media_id()) seller.set_photo_media_id(changed.photo_media_id());
      if (changed.has_return_terms()) seller.set_return_terms(changed.return_terms());
      if (changed.has_language_code()) seller.set_language_code(changed.language_code());
      break;
    }
    case Event::kVacationScheduled:
      *seller.mutable_vacation() = event.vacation_scheduled().vacation();
      break;
    case Event::kVacationStarted:
      seller.set_on_vacation(true);
      availability_changed();
      break;
    case Event::kVacationEnded:
      seller.clear_vacation();
      seller.set_on_vacation(false);
      if (event.vacation_ended().had_started()) availability_changed();
      break;
    case Event::kRated:
      seller.mutable_rating()->set_score_sum(seller.rating().score_sum() + event.rated().score());
      seller.mutable_rating()->set_score_count(seller.rating().score_count() + 1);
      break;
    case Event::KIND_NOT_SET:
      break;  // The engine refuses these.
  }
}

void Seller::React(const Id&, const State&, const Event& event, absl::Time, Reactions& reactions) {
  const auto tell_products = [&reactions] { reactions.Start({.kind = kTellProductsEffect}); };
  switch (event.kind_case()) {
    case Event::kApproved:
    case Event::kReinstated:
    case Event::kSuspended:
      tell_products();
      break;
    case Event::kVacationScheduled: {
      const v1::Vacation& vacation = event.vacation_scheduled().vacation();
      reactions.Start({.kind = kStartVacationTimer, .due = FromProto(vacation.start_time())});
      reactions.Cancel(kFinishVacationTimer);
      if (vacation.has_end_time()) {
        reactions.Start({.kind = kFinishVacationTimer, .due = FromProto(vacation.end_time())});
      }
      break;
    }
    case Event::kVacationStarted:
      reactions.Cancel(kStartVacationTimer);
      tell_products();
      break;
    case Event::kVacationEnded:
      reactions.Cancel(kStartVacationTimer);
      reactions.Cancel(kFinishVacationTimer);
      if (event.vacation_ended().had_started()) tell_products();
      break;
    case Event::kRegistered:
    case Event::kProfileChanged:
    case Event::kRated:
    case Event::KIND_NOT_SET:
      break;
  }
}

void Seller::Index(const Id& id, const State& seller, IndexRows& rows) {
  if (!Exists(seller)) return;
  const std::string key = SortableTime(FromProto(seller.register_time())) + "/" + id.str();
  rows.Add("sellers", key);
  rows.Add("sellers_by_state", absl::StrFormat("%d/%s", static_cast<int>(seller.state()), key));
}

}  // namespace souk::catalog
