#include "libs/rpc/method.h"

#include <cstdio>
#include <cstdlib>

namespace souk::rpc {

using google::protobuf::Descriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using google::protobuf::ServiceDescriptor;

std::string MethodPath(const Descriptor& request, const Descriptor& response) {
  const FileDescriptor& file = *request.file();
  for (int s = 0; s < file.service_count(); ++s) {
    const ServiceDescriptor& service = *file.service(s);
    for (int m = 0; m < service.method_count(); ++m) {
      const MethodDescriptor& method = *service.method(m);
      if (method.input_type() != &request || method.output_type() != &response) continue;
      return "/" + service.full_name() + "/" + method.name();
    }
  }
  std::fprintf(stderr, "bug: no method from %s to %s\n", request.full_name().c_str(),
               response.full_name().c_str());
  std::abort();
}

}  // namespace souk::rpc
