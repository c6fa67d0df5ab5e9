#include "libs/kafka/client_settings.h"

namespace souk::kafka {

StatusOr<ClientSettings> ParseClientSettings(std::string_view option, const std::vector<std::string>& texts) {
  ClientSettings settings;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return InvalidArgument("%s takes NAME=VALUE, not \"%s\"", option, text);
    }
    settings.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return settings;
}

}  // namespace souk::kafka
