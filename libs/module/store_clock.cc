#include "libs/module/store_clock.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "libs/base/proto_time.h"

namespace souk {
namespace {

using admin::v1::FeedRest;
using admin::v1::GetRestRequest;
using admin::v1::GetRestResponse;
using admin::v1::LogRest;
using admin::v1::MoveClockRequest;
using admin::v1::MoveClockResponse;

// One process is asked for so long; it may be about to end.
constexpr absl::Duration kAnswerWithin = absl::Seconds(5);
constexpr absl::Duration kPauseMin = absl::Milliseconds(1);
constexpr absl::Duration kPauseMax = absl::Milliseconds(50);

absl::Time DueOf(const GetRestResponse& rest) {
  return rest.has_next_due_time() ? FromProto(rest.next_due_time()) : absl::InfiniteFuture();
}

absl::Time FirstDue(const std::vector<GetRestResponse>& rests) {
  absl::Time due = absl::InfiniteFuture();
  for (const GetRestResponse& rest : rests) due = std::min(due, DueOf(rest));
  return due;
}

bool HasSeenAll(const FeedRest& feed, const std::vector<GetRestResponse>& rests) {
  for (const GetRestResponse& rest : rests) {
    for (const LogRest& log : rest.logs()) {
      if (log.service() != feed.source() || log.partition() != feed.partition()) continue;
      return log.has_last_position() && log.last_position() <= feed.checkpoint();
    }
  }
  return false;
}

bool AllAtRest(const std::vector<GetRestResponse>& rests) {
  return std::all_of(rests.begin(), rests.end(), [&](const GetRestResponse& rest) {
    return rest.idle() && std::all_of(rest.feeds().begin(), rest.feeds().end(),
                                      [&](const FeedRest& feed) { return HasSeenAll(feed, rests); });
  });
}

absl::Time LatestTime(const std::vector<GetRestResponse>& rests) {
  absl::Time latest = absl::InfinitePast();
  for (const GetRestResponse& rest : rests) latest = std::max(latest, FromProto(rest.time()));
  return latest;
}

// Whether something is due that nobody may have been told to begin.
bool MayBeHalfMoved(const std::vector<GetRestResponse>& rests) {
  return std::all_of(rests.begin(), rests.end(), [](const auto& rest) { return rest.manual(); }) &&
         std::any_of(rests.begin(), rests.end(),
                     [](const auto& rest) { return DueOf(rest) <= FromProto(rest.time()); });
}

std::string Digest(const std::vector<GetRestResponse>& rests) {
  std::string digest;
  for (const GetRestResponse& rest : rests) digest += rest.SerializeAsString() + "\n";
  return digest;
}

template <typename Response, typename Request>
Task<> Ask(rpc::Channel* channel, rpc::CallOptions options, Request request,
           std::shared_ptr<Completion<StatusOr<Response>>> answer) {
  answer->Set(co_await rpc::Call<Response>(*channel, std::move(options), std::move(request)));
}

}  // namespace

Task<StatusOr<StoreClock::Rests>> StoreClock::Look(absl::Time deadline) {
  using Answer = Completion<StatusOr<GetRestResponse>>;
  const rpc::CallOptions options{.deadline = std::min(deadline, scheduler_.Now() + kAnswerWithin)};
  std::vector<std::shared_ptr<Answer>> answers;
  for (const Peer& peer : peers_) {
    answers.push_back(std::make_shared<Answer>());
    calls_.Spawn(Ask<GetRestResponse>(peer.channel, options, GetRestRequest(), answers.back()));
  }
  Rests rests;
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    StatusOr<GetRestResponse> rest = co_await *answers[i];
    if (!rest.ok()) {
      co_return Unavailable("%s cannot be asked: %s", peers_[i].service,
                            std::string(rest.status().message()));
    }
    rests.push_back(*std::move(rest));
  }
  rests.push_back(keeper_.Rest());
  co_return rests;
}

Task<StatusOr<StoreClock::Rests>> StoreClock::LookForRest(absl::Time deadline) {
  std::string before, trouble;
  absl::Duration pause = kPauseMin;
  for (;;) {
    // Shortly before the deadline nobody has the time to answer: that says nothing.
    const bool in_a_hurry = scheduler_.Now() + kAnswerWithin > deadline;
    StatusOr<Rests> rests = co_await Look(deadline);
    const bool at_rest = rests.ok() && AllAtRest(*rests);
    std::string now = rests.ok() ? Digest(*rests) : "";
    const bool unchanged = !now.empty() && now == before;
    if (unchanged && at_rest) co_return rests;
    if (rests.ok()) {
      trouble.clear();
    } else if (!in_a_hurry || trouble.empty()) {
      trouble = ": " + std::string(rests.status().message());
    }
    if (scheduler_.Now() > deadline) {
      co_return absl::DeadlineExceededError("the store has not come to rest yet" + trouble);
    }
    // Whoever moved the clocks last may have died, or given up, before all were told to go on.
    if (unchanged && MayBeHalfMoved(*rests)) co_await Try(MoveAll(LatestTime(*rests), deadline));
    before = std::move(now);
    if (at_rest) continue;
    co_await Sleep(scheduler_, pause);
    pause = std::min(pause * 2, kPauseMax);
  }
}

Task<Status> StoreClock::Settle(absl::Time deadline) {
  if (peers_.empty()) co_return co_await keeper_.Settle(deadline);
  co_await Try(LookForRest(deadline));
  co_return OkStatus();
}

Task<StatusOr<absl::Time>> StoreClock::NextDue(absl::Time deadline) {
  if (peers_.empty()) co_return keeper_.NextDue();
  const Rests rests = co_await Try(Look(deadline));
  co_return FirstDue(rests);
}

Task<Status> StoreClock::TellAll(MoveClockRequest request, absl::Time deadline) {
  using Answer = Completion<StatusOr<MoveClockResponse>>;
  std::vector<Peer> left = peers_;
  for (;;) {
    const rpc::CallOptions options{.deadline = std::min(deadline, scheduler_.Now() + kAnswerWithin)};
    std::vector<std::shared_ptr<Answer>> answers;
    for (const Peer& peer : left) {
      answers.push_back(std::make_shared<Answer>());
      calls_.Spawn(Ask<MoveClockResponse>(peer.channel, options, request, answers.back()));
    }
    std::vector<Peer> silent;
    Status trouble;
    for (std::size_t i = 0; i < left.size(); ++i) {
      const StatusOr<MoveClockResponse> answer = co_await *answers[i];
      if (answer.ok()) continue;
      trouble =
          Status(answer.status().code(), left[i].service + ": " + std::string(answer.status().message()));
      if (!IsTransient(answer.status()) || scheduler_.Now() > deadline) co_return trouble;
      silent.push_back(left[i]);
    }
    if (silent.empty()) co_return OkStatus();
    left = std::move(silent);
    co_await Sleep(scheduler_, kPauseMax);
  }
}

Task<Status> StoreClock::MoveAll(absl::Time time, absl::Time deadline) {
  MoveClockRequest request;
  *request.mutable_time() = ToProto(time);
  co_await Try(TellAll(request, deadline));
  co_await Try(keeper_.Prepare(time));
  request.set_go(true);
  co_await Try(TellAll(request, deadline));
  keeper_.Go();
  co_return OkStatus();
}

Task<StatusOr<std::uint64_t>> StoreClock::FireUntil(absl::Time limit, absl::Time deadline) {
  Rests rests = co_await Try(LookForRest(deadline));
  const absl::Time latest = LatestTime(rests);
  bool together = true;
  for (const GetRestResponse& rest : rests) {
    if (!rest.manual()) {
      co_return FailedPrecondition("a process of the store runs on real time; start all with --clock manual");
    }
    together = together && FromProto(rest.time()) == latest;
  }
  if (!together) {  // One was started later than the others, or crashed while clocks moved.
    co_await Try(MoveAll(latest, deadline));
    rests = co_await Try(LookForRest(deadline));
  }
  std::uint64_t stops = 0;
  for (absl::Time due = FirstDue(rests); due <= limit && due < absl::InfiniteFuture();
       due = FirstDue(rests)) {
    co_await Try(MoveAll(due, deadline));
    ++stops;
    rests = co_await Try(LookForRest(deadline));
  }
  co_return stops;
}

Task<StatusOr<std::uint64_t>> StoreClock::AdvanceTo(absl::Time time, absl::Time deadline) {
  if (peers_.empty()) co_return co_await keeper_.AdvanceTo(time, deadline);
  const std::uint64_t stops = co_await Try(FireUntil(time, deadline));
  if (time > keeper_.clock().Now()) {
    co_await Try(MoveAll(time, deadline));
    co_await Try(LookForRest(deadline));
  }
  co_return stops;
}

Task<StatusOr<std::uint64_t>> StoreClock::AdvanceUntilIdle(absl::Time limit, absl::Time deadline) {
  if (peers_.empty()) co_return co_await keeper_.AdvanceUntilIdle(limit, deadline);
  co_return co_await FireUntil(limit, deadline);
}

}  // namespace souk
