// No card number may get into a log: what looks like one is refused at the door.
#pragma once

#include <string_view>

#include "libs/base/status.h"

namespace souk {

// For tokens, in which nothing else has so many digits. True when `token` contains a run of 13
// to 19 digits, perhaps with spaces, hyphens and underscores between them, that passes the check
// of Luhn (ISO/IEC 7812-1), as card numbers do; also within a longer run.
bool ContainsCardNumber(std::string_view token);

// For what people write, where numbers of orders, parcels and telephones are welcome. True when
// `text` has a number that
// - stands alone, with no letter, digit, "_" or "+" at its ends,
// - has 13 to 19 digits, in one piece or in groups as on a card, each but the last of at least
//   four, with one space or hyphen between them,
// - begins as the numbers of a card scheme do, and is as long as those,
// - passes the check of Luhn.
// Of other numbers that begin so and are so long, one in ten passes it by chance.
bool HasCardNumber(std::string_view text);

// INVALID_ARGUMENT CARD_NUMBER that names `field` when HasCardNumber(text).
Status CheckNoCardNumber(std::string_view field, std::string_view text);

}  // namespace souk
