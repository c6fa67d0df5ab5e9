// Between our strings of bytes and gRPC's buffers, without copying what is large.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace souk::rpc {

// Below this size a copy is cheaper than handing over the string.
inline constexpr std::size_t kCopySizeMax = 4096;

inline grpc::ByteBuffer ToByteBuffer(std::string bytes) {
  if (bytes.size() <= kCopySizeMax) {
    const grpc::Slice slice(bytes.data(), bytes.size());
    return grpc::ByteBuffer(&slice, 1);
  }
  auto* owned = new std::string(std::move(bytes));
  const grpc::Slice slice(
      owned->data(), owned->size(), [](void* user_data) { delete static_cast<std::string*>(user_data); },
      owned);
  return grpc::ByteBuffer(&slice, 1);
}

// The content of `buffer` in one piece. `view` is valid as long as this is.
class FlatBytes {
 public:
  explicit FlatBytes(const grpc::ByteBuffer& buffer) {
    if (!buffer.Valid() || buffer.TrySingleSlice(&slice_).ok()) return;
    ok_ = buffer.DumpToSingleSlice(&slice_).ok();
  }
  // False when the content could not be decompressed.
  bool ok() const { return ok_; }
  std::string_view view() const { return {reinterpret_cast<const char*>(slice_.begin()), slice_.size()}; }

 private:
  grpc::Slice slice_;
  bool ok_ = true;
};

}  // namespace souk::rpc
