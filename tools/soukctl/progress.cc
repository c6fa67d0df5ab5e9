#include "tools/soukctl/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/time/clock.h"

namespace souk::ctl {

namespace {

constexpr std::int64_t kBarWidth = 20;  // Characters.
constexpr char kClearLine[] = "\r\x1b[K";

// [######              ]
std::string Bar(std::int64_t done, std::int64_t total) {
  const auto full =
      static_cast<std::size_t>(std::clamp<std::int64_t>(done * kBarWidth / total, 0, kBarWidth));
  return "[" + std::string(full, '#') + std::string(kBarWidth - full, ' ') + "]";
}

}  // namespace

Progress::Progress(std::string task, std::string unit, std::int64_t total)
    : task_(std::move(task)),
      unit_(std::move(unit)),
      total_(std::max<std::int64_t>(total, 1)),
      terminal_(isatty(STDERR_FILENO) != 0),
      start_(absl::Now()) {}

Progress::~Progress() {
  if (terminal_) std::fputc('\n', stderr);
}

void Progress::Update(std::int64_t done, const std::string& note) {
  const int tenth = static_cast<int>(done * 10 / total_);
  const bool draw =
      terminal_ ? absl::Now() - drawn_ > absl::Milliseconds(100) || done == total_ : tenth > tenth_;
  if (!draw) return;
  tenth_ = tenth;
  drawn_ = absl::Now();
  Draw(done, note);
}

void Progress::Draw(std::int64_t done, const std::string& note) {
  const double seconds = std::max(absl::ToDoubleSeconds(absl::Now() - start_), 0.001);
  const double rate = static_cast<double>(done) / seconds;
  const std::string left =
      done > 0 && done < total_
          ? absl::FormatDuration(
                absl::Ceil(absl::Seconds(static_cast<double>(total_ - done) / rate), absl::Seconds(1))) +
                " left  "
          : "";
  const std::string start = terminal_ ? kClearLine + task_ + " " + Bar(done, total_) : task_;
  std::fprintf(stderr, "%s %3d %%  %lld of %lld %s  %.0f/s  %s%s%s", start.c_str(),
               static_cast<int>(done * 100 / total_), static_cast<long long>(done),
               static_cast<long long>(total_), unit_.c_str(), rate, left.c_str(), note.c_str(),
               terminal_ ? "" : "\n");
  std::fflush(stderr);
}

}  // namespace souk::ctl
