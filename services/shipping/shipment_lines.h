// Counting what is packed and what is left of the lines of a shipment.
#pragma once

#include <algorithm>
#include <string>

#include "souk/shipping/v1/shipment_events.pb.h"

namespace souk::shipping {

using Lines = google::protobuf::RepeatedPtrField<v1::ShipmentLine>;

// The end when there is no such line.
template <typename AnyLines>
auto FindLine(AnyLines& lines, const std::string& line_id) {
  return std::find_if(lines.begin(), lines.end(),
                      [&](const auto& line) { return line.line_id() == line_id; });
}

inline bool AllPacked(const Lines& lines) {
  return std::all_of(lines.begin(), lines.end(),
                     [](const v1::ShipmentLine& line) { return line.packed_quantity() == line.quantity(); });
}

inline bool NothingLeft(const Lines& lines) {
  return std::all_of(lines.begin(), lines.end(),
                     [](const v1::ShipmentLine& line) { return line.quantity() == 0; });
}

// Some of a line was packed.
inline void AddPacked(Lines& lines, const v1::PackedLine& packed) {
  const auto line = FindLine(lines, packed.line_id());
  if (line != lines.end()) line->set_packed_quantity(line->packed_quantity() + packed.quantity());
}

// Some of a line is not to be sent any more.
inline void TakeOff(Lines& lines, const v1::PackedLine& cancelled) {
  const auto line = FindLine(lines, cancelled.line_id());
  if (line == lines.end()) return;
  line->set_quantity(std::max(line->quantity() - cancelled.quantity(), 0));
  line->set_packed_quantity(std::min(line->packed_quantity(), line->quantity()));
}

}  // namespace souk::shipping
