#include "libs/base/card_number.h"

#include <catch2/catch.hpp>
#include <string>

namespace souk {
namespace {

struct Case {
  const char* text;
  bool has_card_number;
  const char* why;
};

// Numbers of cards are those that card schemes and providers publish for tests. The other
// numbers are chosen to pass the check of Luhn, so that it is not that which lets them through.
constexpr Case kCases[] = {
    {"4242424242424242", true, "Visa"},
    {"4222222222222", true, "Visa of 13 digits"},
    {"5555555555554444", true, "Mastercard"},
    {"2223003122003222", true, "Mastercard, the newer range"},
    {"378282246310005", true, "American Express"},
    {"30569309025904", true, "Diners Club"},
    {"36227206271667", true, "Diners Club"},
    {"6011111111111117", true, "Discover"},
    {"3566002020360505", true, "JCB"},
    {"6205500000000000004", true, "UnionPay of 19 digits"},
    {"6759649826438453", true, "Maestro"},
    {"2204240000000002", true, "Mir"},
    {"4242 4242 4242 4242", true, "with spaces"},
    {"4242-4242-4242-4242", true, "with hyphens"},
    {"4242 4242-4242 4242", true, "with both"},
    {"3782 822463 10005", true, "grouped as on the card"},
    {"3056 930902 5904", true, "grouped as on the card"},
    {"My card is 4242424242424242, please charge it.", true, "within a sentence"},
    {"Take 2 4242 4242 4242 4242 12/27", true, "beside other numbers"},
    {"card:4242424242424242", true, "behind a colon"},
    {"(4242424242424242)", true, "in brackets"},
    {"first\n4242424242424242\nlast", true, "on a line of its own"},
    {"Karte n\u00ba4242424242424242\u2014danke", true, "beside letters that are not ASCII"},

    {"", false, "nothing"},
    {"4242", false, "the last four digits"},
    {"4242424242424241", false, "fails the check of Luhn"},
    {"424242424242", false, "too short"},
    {"42424242424242424242", false, "too long"},
    {"4242\n4242 4242 4242", false, "over two lines"},
    {"4242, 4242, 4242, 4242", false, "a list"},
    {"4242.4242.4242.4242", false, "not how cards are written"},
    {"4242  4242  4242  4242", false, "two spaces"},
    {"12345678901237", false, "begins as no card does"},
    {"912345678901238", false, "begins as no card does"},
    {"0049 176 1234567 9", false, "a telephone number"},
    {"00491761234567 9", false, "a telephone number"},
    {"+49176123456783", false, "a telephone number in international form"},
    {"030 901820 0151 12 4", false, "two telephone numbers"},
    {"555-123-4567 555-5989", false, "two telephone numbers"},
    {"00340434161094042559", false, "a parcel of DHL"},
    {"JJD4242424242424242", false, "a tracking code with letters before"},
    {"RR4242424242424242DE", false, "a tracking code with letters on both sides"},
    {"404-1234567-1234562", false, "an order number of another shop"},
    {"34123456789015", false, "begins as a card does, but those have 15 digits"},
    {"555512345678901235", false, "begins as a card does, but those have 16 digits"},
    {"4242424242424242a", false, "part of a word"},
    {"order_4242424242424242", false, "part of a name"},
    {"019a4242-4242-4242-8242-424242424242", false, "a UUID"},
    {"DE89 3704 0044 0532 0130 00", false, "a bank account"},
    {"4006381333931", false, "the code on a product"},
    {"2024-11-27 12:00:00", false, "a time"},
    {"Room 4242, Street 4242, 42424 Town", false, "an address"},
};

TEST_CASE("in what people write a card number is found, and other numbers are not taken for one") {
  for (const Case& one : kCases) {
    INFO(one.text << ": " << one.why);
    CHECK(HasCardNumber(one.text) == one.has_card_number);
  }
}

TEST_CASE("a card number is refused by the name of the field, with a reason and what to do") {
  CHECK(CheckNoCardNumber("text", "It came after 4 days.").ok());
  const Status refused = CheckNoCardNumber("text", "4242 4242 4242 4242");
  CHECK(absl::IsInvalidArgument(refused));
  CHECK(Reason(refused) == "CARD_NUMBER");
  REQUIRE(FieldViolations(refused).size() == 1);
  CHECK(FieldViolations(refused)[0].field == "text");
  CHECK(std::string(refused.message()).find("leave it out") != std::string::npos);
  CHECK(std::string(refused.message()).find("4242") == std::string::npos);  // It may get into a log.
}

TEST_CASE("in a token no run of digits may hide a card number") {
  for (const char* const token : {"4242424242424242", "4242 4242 4242 4242", "tok_4242-4242_4242-4242",
                                  "tok4242424242424242", "7774242424242424242", "4242424242424242777"}) {
    INFO(token);
    CHECK(ContainsCardNumber(token));
  }
  for (const char* const token : {"", "tok_1a2b3c", "tok_4242", "tok_424242424241", "42424242x42424242"}) {
    INFO(token);
    CHECK_FALSE(ContainsCardNumber(token));
  }
}

}  // namespace
}  // namespace souk
