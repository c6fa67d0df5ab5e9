// What somebody may have meant who has mistyped a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace souk {

// "; did you mean x?" for the candidate that is nearest to `name`; empty without candidates.
std::string Suggestion(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace souk
