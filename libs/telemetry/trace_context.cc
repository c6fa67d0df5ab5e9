#include "libs/telemetry/trace_context.h"

#include <algorithm>

#include "absl/strings/str_format.h"

namespace souk::telemetry {
namespace {

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(std::string_view text) { return IsHex(text) && text.find_first_not_of('0') != text.npos; }

// Of all 0, which is no id, it makes 1.
std::string Hex(std::uint64_t value) { return absl::StrFormat("%016x", value == 0 ? 1 : value); }

}  // namespace

TraceContext TraceContext::Child(std::uint64_t random) const {
  return {.trace_id = trace_id, .span_id = Hex(random), .sampled = sampled};
}

TraceContext TraceContext::Start(std::uint64_t random_high, std::uint64_t random_low,
                                 std::uint64_t random_span) {
  return {.trace_id = Hex(random_high) + Hex(random_low), .span_id = Hex(random_span), .sampled = false};
}

std::optional<TraceContext> ParseTraceparent(std::string_view header) {
  // version(2)-trace(32)-span(16)-flags(2); later versions may go on after another dash.
  constexpr std::size_t kSize = 55;
  if (header.size() < kSize || header[2] != '-' || header[35] != '-' || header[52] != '-')
    return std::nullopt;
  const std::string_view version = header.substr(0, 2);
  const std::string_view trace_id = header.substr(3, 32);
  const std::string_view span_id = header.substr(36, 16);
  const std::string_view flags = header.substr(53, 2);
  if (!IsHex(version) || version == "ff" || !IsId(trace_id) || !IsId(span_id) || !IsHex(flags)) {
    return std::nullopt;
  }
  if (header.size() > kSize && (version == "00" || header[kSize] != '-')) return std::nullopt;
  const char last = flags[1];
  const int low_digit = last <= '9' ? last - '0' : last - 'a' + 10;
  return TraceContext{std::string(trace_id), std::string(span_id), (low_digit & 1) != 0};
}

std::string FormatTraceparent(const TraceContext& context) {
  return absl::StrFormat("00-%s-%s-%s", context.trace_id, context.span_id, context.sampled ? "01" : "00");
}

}  // namespace souk::telemetry
