#include "libs/storage/store.h"

#include <cstring>

namespace souk {
namespace {

// Of an entry within a batch; key and value follow. Never stored.
struct EntryHeader {
  std::uint32_t key_size;
  std::uint32_t value_size;
  ColumnFamily family;
  bool put;
};

EntryHeader HeaderOf(std::string_view bytes) {
  EntryHeader header;
  std::memcpy(&header, bytes.data(), sizeof header);
  return header;
}

}  // namespace

void Batch::AddHeader(ColumnFamily family, bool put, std::size_t key_size, std::size_t value_size) {
  const EntryHeader header{.key_size = static_cast<std::uint32_t>(key_size),
                           .value_size = static_cast<std::uint32_t>(value_size),
                           .family = family,
                           .put = put};
  bytes_.append(reinterpret_cast<const char*>(&header), sizeof header);
  ++size_;
}

Batch Batch::Only(absl::FunctionRef<bool(const Entry&)> wanted) const {
  Batch kept;
  for (const Entry& entry : *this) {
    if (!wanted(entry)) continue;
    if (entry.value.has_value()) {
      kept.Put(entry.family, entry.key, *entry.value);
    } else {
      kept.Delete(entry.family, entry.key);
    }
  }
  return kept;
}

Batch::Entry Batch::Iterator::operator*() const {
  const EntryHeader header = HeaderOf(rest_);
  const std::string_view body = rest_.substr(sizeof header);
  Entry entry{.family = header.family, .key = body.substr(0, header.key_size), .value = std::nullopt};
  if (header.put) entry.value = body.substr(header.key_size, header.value_size);
  return entry;
}

Batch::Iterator& Batch::Iterator::operator++() {
  const EntryHeader header = HeaderOf(rest_);
  rest_.remove_prefix(sizeof header + header.key_size + header.value_size);
  return *this;
}

const char* NameOf(ColumnFamily family) {
  switch (family) {
    case ColumnFamily::kLog:
      return "log";
    case ColumnFamily::kStreams:
      return "streams";
    case ColumnFamily::kSnapshots:
      return "snapshots";
    case ColumnFamily::kViews:
      return "views";
    case ColumnFamily::kRequests:
      return "requests";
    case ColumnFamily::kEffects:
      return "effects";
    case ColumnFamily::kMeta:
      return "meta";
    case ColumnFamily::kKeys:
      return "keys";
  }
  return "";
}

KeyRange KeyRange::WithPrefix(std::string_view prefix) {
  // The end is the first key that sorts behind all that begin with the prefix.
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(end.back() + 1);
  return {std::string(prefix), std::move(end)};
}

}  // namespace souk
