#include "libs/storage/store.h"

namespace souk {

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
