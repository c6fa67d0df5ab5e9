#include "tools/soukctl/store_client.h"

#include "absl/strings/str_split.h"

namespace souk::ctl {

std::string StoreClient::ServiceOf(const google::protobuf::Message& request) {
  // "souk.catalog.v1.GetProductRequest" is for catalog.
  const std::vector<std::string> words = absl::StrSplit(request.GetDescriptor()->full_name(), '.');
  if (words[1] != "eventlog") return words[1];
  const auto* const service = request.GetDescriptor()->FindFieldByName("service");
  return request.GetReflection()->GetString(request, service);
}

std::string Explain(const Status& status, const std::string& address) {
  if (absl::IsUnavailable(status) && Reason(status).empty()) {
    return "cannot reach the store at " + address + "; start it with soukd, or give another --address (" +
           std::string(status.message()) + ")";
  }
  std::string text(status.message());
  if (const std::string reason = Reason(status); !reason.empty()) text += " [" + reason + "]";
  for (const auto& [name, value] : ValuesOfReason(status)) text += " " + name + "=" + value;
  return text;
}

}  // namespace souk::ctl
