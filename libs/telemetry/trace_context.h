// Which distributed trace something belongs to: the `traceparent` header of W3C Trace Context,
// https://www.w3.org/TR/trace-context/#traceparent-header.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace souk::telemetry {

struct TraceContext {
  std::string trace_id;  // 32 lower-case hexadecimal digits, not all 0.
  std::string span_id;   // 16 of them: who called.
  bool sampled = false;

  // The context for what this span starts; `random` makes the new span's id.
  TraceContext Child(std::uint64_t random) const;
  // A trace that begins here.
  static TraceContext Start(std::uint64_t random_high, std::uint64_t random_low, std::uint64_t random_span);

  bool operator==(const TraceContext&) const = default;
};

// Nothing when the header is malformed: the standard wants it ignored then, as if absent.
std::optional<TraceContext> ParseTraceparent(std::string_view header);
// "00-<trace id>-<span id>-01".
std::string FormatTraceparent(const TraceContext& context);

}  // namespace souk::telemetry
