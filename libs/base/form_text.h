// What people write into forms, as far as it is the same in every service.
#pragma once

#include <string_view>

namespace souk {

// Whether a mail can be sent there, as much as can be told without sending one: local part and
// domain (RFC 5321, 4.5.3.1.3: at most 254 bytes) of printable ASCII, without quoting.
bool IsMailAddress(std::string_view text);

// Names, titles: something to be read on one line, that is without line breaks and other
// control characters, and not just spaces.
bool IsOneLine(std::string_view text);

}  // namespace souk
