// What sellers and buyers write: how long it is, and the words that a search finds it by.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"

namespace souk::catalog {

// Characters of UTF-8 text, not bytes.
std::size_t CharacterCount(std::string_view text);

struct LengthRange {
  std::size_t min = 0;
  std::size_t max;
};

// Adds a violation of `field` when `text` has not that many characters, or has a control
// character other than a line break or a tab.
void CheckText(std::vector<FieldViolation>& violations, std::string_view field, std::string_view text,
               LengthRange range);

// The same for a name or a title, which is one line.
void CheckLine(std::vector<FieldViolation>& violations, std::string_view field, std::string_view text,
               LengthRange range);

// Adds a violation of `field` unless `code` looks like a BCP 47 tag.
void CheckLanguage(std::vector<FieldViolation>& violations, std::string_view field, std::string_view code);

// The words of `text` in their order, folded: lower case, Latin letters without accents.
// Repeated words are kept. A word is a run of letters and digits.
std::vector<std::string> Words(std::string_view text);

}  // namespace souk::catalog
