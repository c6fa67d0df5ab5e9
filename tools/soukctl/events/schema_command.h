// soukctl events schema: which public events there are, what is in them, and the
// FileDescriptorSet that programs in any language read them with.
#pragma once

#include <string>

#include "libs/base/status.h"

namespace souk::ctl {

struct SchemaOptions {
  std::string type;  // Empty: the list of all; otherwise the fields of this one.
  std::string out;   // Where to write the FileDescriptorSet; "-": to stdout.
  bool json = false;
};
Status ShowSchema(const SchemaOptions& options);

}  // namespace souk::ctl
