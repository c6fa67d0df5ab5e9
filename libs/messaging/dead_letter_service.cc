#include "libs/messaging/dead_letter_service.h"

#include <optional>

#include "libs/base/big_endian.h"
#include "libs/base/page_token.h"

namespace souk {

using eventlog::v1::DeadLetterName;
using eventlog::v1::GetDeadLetterRequest;
using eventlog::v1::GetDeadLetterResponse;
using eventlog::v1::ListDeadLettersRequest;
using eventlog::v1::ListDeadLettersResponse;
using eventlog::v1::RetryDeadLettersRequest;
using eventlog::v1::RetryDeadLettersResponse;
using eventlog::v1::SkipDeadLetterRequest;
using eventlog::v1::SkipDeadLetterResponse;

namespace {

eventlog::v1::DeadLetter Render(const std::string& service, const std::string& source,
                                engine::v1::SetAsideEvent letter) {
  eventlog::v1::DeadLetter rendered;
  rendered.set_service(service);
  rendered.set_source(source);
  *rendered.mutable_event() = std::move(*letter.mutable_event());
  rendered.set_cause(letter.cause());
  rendered.set_reason(letter.reason());
  rendered.set_attempts(letter.attempts());
  *rendered.mutable_set_aside_time() = letter.set_aside_time();
  return rendered;
}

// By which lists are in order.
std::string OrderKey(const std::string& service, const std::string& source, const EventPlace& place) {
  std::string key = service + '\0' + source + '\0';
  AppendBigEndian(key, place.partition);
  AppendBigEndian(key, place.position);
  return key;
}

}  // namespace

void DeadLetterService::Add(const std::string& service, std::vector<Consumer*> consumers) {
  for (Consumer* const consumer : consumers) consumers_[{service, consumer->source()}] = consumer;
}

void DeadLetterService::AddTo(rpc::Router& router) {
  router.Add<&DeadLetterService::ListDeadLetters>(*this, rpc::kOperators);
  router.Add<&DeadLetterService::GetDeadLetter>(*this, rpc::kOperators);
  router.Add<&DeadLetterService::RetryDeadLetters>(*this, rpc::kOperators);
  router.Add<&DeadLetterService::SkipDeadLetter>(*this, rpc::kOperators);
}

StatusOr<DeadLetterService::Found> DeadLetterService::Find(const DeadLetterName& name) const {
  const auto consumer = consumers_.find({name.service(), name.source()});
  if (consumer == consumers_.end()) {
    return NotFound("no service %s here takes events from %s", name.service(), name.source());
  }
  const EventPlace place{.partition = name.partition(), .position = name.position()};
  const auto& entries = consumer->second->letters().entries();
  const auto entry = entries.find(place);
  if (entry == entries.end()) {
    return NotFound("%s has no dead letter %s/%d/%d", name.service(), name.source(), name.partition(),
                    name.position());
  }
  return Found{.consumer = consumer->second, .place = place, .aggregate = entry->second.aggregate};
}

Task<StatusOr<ListDeadLettersResponse>> DeadLetterService::ListDeadLetters(rpc::CallContext /*call*/,
                                                                           ListDeadLettersRequest request) {
  const std::string query = "dead_letters/" + request.service() + "/" + request.source();
  const std::string after = co_await Try(DecodePageToken(query, request.page_token()));
  const std::int32_t wanted = co_await Try(PageSize(request.page_size()));
  ListDeadLettersResponse response;
  std::string last;
  for (const auto& [names, consumer] : consumers_) {
    const auto& [service, source] = names;
    if (!request.service().empty() && request.service() != service) continue;
    if (!request.source().empty() && request.source() != source) continue;
    response.set_total_size(response.total_size() + consumer->dead_letters());
    for (const auto& [place, entry] : consumer->letters().entries()) {
      std::string key = OrderKey(service, source, place);
      if (key <= after) continue;
      if (response.dead_letters_size() == wanted) {
        response.set_next_page_token(EncodePageToken(query, last));
        break;
      }
      std::optional<engine::v1::SetAsideEvent> letter = co_await Try(consumer->letters().Read(place));
      if (!letter.has_value()) continue;  // About to be set aside.
      letter->mutable_event()->clear_payload();
      *response.add_dead_letters() = Render(service, source, *std::move(letter));
      last = std::move(key);
    }
  }
  co_return response;
}

Task<StatusOr<GetDeadLetterResponse>> DeadLetterService::GetDeadLetter(rpc::CallContext /*call*/,
                                                                       GetDeadLetterRequest request) {
  const DeadLetterName& name = request.name();
  const Found found = co_await Try(Find(name));
  std::optional<engine::v1::SetAsideEvent> letter = co_await Try(found.consumer->letters().Read(found.place));
  if (!letter.has_value()) co_return NotFound("the event is about to be set aside; ask again");
  GetDeadLetterResponse response;
  *response.mutable_dead_letter() = Render(name.service(), name.source(), *std::move(letter));
  for (const auto& [place, entry] : found.consumer->letters().entries()) {
    const bool waits = entry.aggregate == found.aggregate && place > found.place;
    if (waits) response.set_waiting(response.waiting() + 1);
  }
  co_return response;
}

Task<StatusOr<RetryDeadLettersResponse>> DeadLetterService::RetryDeadLetters(
    rpc::CallContext /*call*/, RetryDeadLettersRequest request) {
  const DeadLetterName& name = request.name();
  const Found found = co_await Try(Find(name));
  Consumer::RetryOutcome outcome = co_await Try(found.consumer->Retry(found.aggregate));
  RetryDeadLettersResponse response;
  response.set_handled(outcome.handled);
  response.set_left(found.consumer->letters().CountOf(found.aggregate));
  if (outcome.failed.has_value()) {
    *response.mutable_failed() = Render(name.service(), name.source(), *std::move(outcome.failed));
  }
  co_return response;
}

Task<StatusOr<SkipDeadLetterResponse>> DeadLetterService::SkipDeadLetter(rpc::CallContext /*call*/,
                                                                         SkipDeadLetterRequest request) {
  const Found found = co_await Try(Find(request.name()));
  co_await Try(found.consumer->Skip(found.place));
  SkipDeadLetterResponse response;
  response.set_left(found.consumer->letters().CountOf(found.aggregate));
  co_return response;
}

}  // namespace souk
