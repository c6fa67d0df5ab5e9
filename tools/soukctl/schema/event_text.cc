// How strings and times are written by event_plan.h.
#include <array>
#include <charconv>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "tools/soukctl/schema/event_plan.h"

namespace souk::ctl {
namespace {

constexpr std::int64_t kSecondsPerDay = 24 * 60 * 60;

// Whether a byte of a JSON string must be escaped.
constexpr std::array<bool, 256> kEscaped = [] {
  std::array<bool, 256> escaped{};
  for (std::size_t c = 0; c < 0x20; ++c) escaped[c] = true;
  escaped['"'] = escaped['\\'] = true;
  return escaped;
}();

void AppendEscape(char c, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  if (c == '"' || c == '\\') {
    out.push_back('\\');
    out.push_back(c);
  } else if (c == '\n') {
    out.append("\\n");
  } else {
    out.append("\\u00");
    out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
}

void PutTwoDigits(std::int64_t value, char* at) {
  at[0] = static_cast<char>('0' + value / 10);
  at[1] = static_cast<char>('0' + value % 10);
}

// "2017-02-28T". Events of a day come together, so the last one is remembered.
std::string_view DayText(std::int64_t day) {
  thread_local std::int64_t last = INT64_MIN;
  thread_local std::string text;
  if (day != last) {
    text = absl::FormatCivilTime(absl::CivilDay(1970, 1, 1) + day) + "T";
    last = day;
  }
  return text;
}

}  // namespace

void AppendJsonString(std::string_view text, std::string& out) {
  out.push_back('"');
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!kEscaped[static_cast<unsigned char>(text[i])]) continue;
    out.append(text, plain, i - plain);
    AppendEscape(text[i], out);
    plain = i + 1;
  }
  out.append(text, plain);
  out.push_back('"');
}

void AppendCsvCell(std::string_view text, std::string& out) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out.append(text);
    return;
  }
  out.push_back('"');
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
}

void AppendTime(std::int64_t seconds, std::int32_t nanos, std::string& out) {
  std::int64_t day = seconds / kSecondsPerDay;
  if (seconds % kSecondsPerDay < 0) --day;
  const std::int64_t second = seconds - day * kSecondsPerDay;
  out.append(DayText(day));
  char clock[] = "00:00:00";
  PutTwoDigits(second / 3600, clock);
  PutTwoDigits(second / 60 % 60, clock + 3);
  PutTwoDigits(second % 60, clock + 6);
  out.append(clock, 8);
  if (nanos > 0) {
    char digits[16];
    // A one in front keeps the zeros.
    const auto end = std::to_chars(digits, digits + sizeof digits, 1'000'000'000 + nanos).ptr;
    digits[0] = '.';
    const bool micros = nanos % 1000 == 0;
    out.append(digits, static_cast<std::size_t>(end - digits) - (micros ? 3 : 0));
  }
  out.push_back('Z');
}

}  // namespace souk::ctl
