// Text that people wrote, on its way into a mail.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"

namespace souk::notification {

// The longest personal note of a shop, in characters (code points).
inline constexpr std::size_t kNoteSizeMax = 1000;

// Whether `text` is UTF-8 (RFC 3629: no overlong forms, no surrogates).
bool IsUtf8(std::string_view text);

// `text` as one line: line breaks and other control characters become single spaces,
// none at the ends. Nothing that went through here can forge a header or a line.
std::string OneLine(std::string_view text);

// The lines of `text`, each as OneLine makes it; without empty ones at the ends.
std::vector<std::string> Lines(std::string_view text);

// INVALID_ARGUMENT that names `note` when it is no proper note: too long, not UTF-8, or
// with control characters other than line breaks.
Status CheckNote(std::string_view note);

}  // namespace souk::notification
