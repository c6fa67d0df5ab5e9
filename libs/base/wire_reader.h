// Walks over the fields of a serialised message without copying anything.
#pragma once

#include <google/protobuf/descriptor.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace souk {

class WireReader {
 public:
  // `bytes` must outlive the reader and what it returns.
  explicit WireReader(std::string_view bytes) : rest_(bytes) {}

  // Goes to the next field; false at the end and when the bytes are no message.
  bool Next() {
    if (rest_.empty() || !ok_) return false;
    std::uint64_t tag = 0;
    ok_ = ReadVarint(rest_, tag) && (tag >> 3) != 0 && (tag >> 3) <= UINT32_MAX;
    if (!ok_) return false;
    number_ = static_cast<std::uint32_t>(tag >> 3);
    is_bytes_ = (tag & 7) == kBytes;
    value_ = 0;
    bytes_ = {};
    ok_ = ReadBody(static_cast<std::uint32_t>(tag & 7));
    return ok_;
  }

  bool ok() const { return ok_; }
  std::uint32_t number() const { return number_; }
  bool is_bytes() const { return is_bytes_; }     // A string, a message, or packed numbers.
  std::uint64_t value() const { return value_; }  // Otherwise: its bits.
  std::string_view bytes() const { return bytes_; }

  // Takes one number off a packed field.
  static bool ReadPacked(google::protobuf::FieldDescriptor::Type type, std::string_view& packed,
                         std::uint64_t& value) {
    using google::protobuf::FieldDescriptor;
    const bool fixed64 = type == FieldDescriptor::TYPE_FIXED64 || type == FieldDescriptor::TYPE_SFIXED64 ||
                         type == FieldDescriptor::TYPE_DOUBLE;
    const bool fixed32 = type == FieldDescriptor::TYPE_FIXED32 || type == FieldDescriptor::TYPE_SFIXED32 ||
                         type == FieldDescriptor::TYPE_FLOAT;
    if (fixed64) return ReadFixed<std::uint64_t>(packed, value);
    return fixed32 ? ReadFixed<std::uint32_t>(packed, value) : ReadVarint(packed, value);
  }

 private:
  static constexpr std::uint32_t kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5;

  static bool ReadVarint(std::string_view& from, std::uint64_t& value) {
    value = 0;
    for (std::size_t i = 0; i < from.size() && i < 10; ++i) {
      const auto byte = static_cast<unsigned char>(from[i]);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        from.remove_prefix(i + 1);
        return true;
      }
    }
    return false;
  }

  template <typename Bits>
  static bool ReadFixed(std::string_view& from, std::uint64_t& value) {
    static_assert(std::endian::native == std::endian::little);
    Bits bits;
    if (from.size() < sizeof bits) return false;
    std::memcpy(&bits, from.data(), sizeof bits);
    from.remove_prefix(sizeof bits);
    value = bits;
    return true;
  }

  bool ReadBody(std::uint32_t wire_type) {
    if (wire_type == kVarint) return ReadVarint(rest_, value_);
    if (wire_type == kFixed64) return ReadFixed<std::uint64_t>(rest_, value_);
    if (wire_type == kFixed32) return ReadFixed<std::uint32_t>(rest_, value_);
    std::uint64_t size = 0;
    if (wire_type != kBytes || !ReadVarint(rest_, size) || size > rest_.size()) return false;
    bytes_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  std::string_view rest_;
  bool ok_ = true;
  std::uint32_t number_ = 0;
  bool is_bytes_ = false;
  std::uint64_t value_ = 0;
  std::string_view bytes_;
};

}  // namespace souk
