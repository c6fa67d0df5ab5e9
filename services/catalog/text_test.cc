#include "services/catalog/text.h"

#include <catch2/catch.hpp>

namespace souk::catalog {
namespace {

using Strings = std::vector<std::string>;

TEST_CASE("a name or a title is one line, and not blank") {
  std::vector<FieldViolation> violations;
  CheckLine(violations, "title", "A lamp", {.min = 1, .max = 20});
  CheckLine(violations, "title", "", {.max = 20});
  CHECK(violations.empty());
  for (const char* text : {"A lamp\nBcc: eve@evil.example", "   ", "a\tb"}) {
    CheckLine(violations, "title", text, {.min = 1, .max = 40});
    REQUIRE(violations.size() == 1);
    CHECK(violations[0].description == "must be one line of text");
    violations.clear();
  }
}

TEST_CASE("words are folded: case and accents do not count") {
  CHECK(Words("Café à la Crème") == Strings{"cafe", "a", "la", "creme"});
  CHECK(Words("CAMA_MESA-BANHO 300g") == Strings{"cama", "mesa", "banho", "300g"});
  CHECK(Words("Łódź Ærø Straße") == Strings{"lodz", "aro", "strase"});
  CHECK(Words("ΑΒΓ Москва Ёлка") == Strings{"αβγ", "москва", "ёлка"});
  CHECK(Words("cafe\u0301") == Strings{"cafe"});
}

TEST_CASE("what separates words is no word") {
  CHECK(Words("").empty());
  CHECK(Words(" … – „“ × ÷ ").empty());
  CHECK(Words("陶器 の 皿") == Strings{"陶器", "の", "皿"});
  CHECK(Words("a\xff"
              "b\xc3") == Strings{"a", "b"});
}

TEST_CASE("a word is cut, not dropped, when it is very long") {
  const Strings words = Words(std::string(500, 'x') + " y");
  REQUIRE(words.size() == 2);
  CHECK(words[0] == std::string(60, 'x'));
}

TEST_CASE("lengths are counted in characters") {
  CHECK(CharacterCount("Café") == 4);
  std::vector<FieldViolation> violations;
  CheckText(violations, "title", "äöü", {.min = 1, .max = 3});
  CHECK(violations.empty());
  CheckText(violations, "title", "", {.min = 1, .max = 3});
  CheckText(violations, "title", "abcd", {.min = 1, .max = 3});
  CheckText(violations, "title", "a\x01", {.min = 1, .max = 3});
  CheckText(violations, "title", "a\nb", {.min = 1, .max = 3});
  REQUIRE(violations.size() == 3);
  CHECK(violations[0].description == "is required");
  CHECK(violations[2].description == "has a control character");
}

TEST_CASE("language codes are tags") {
  for (const char* good : {"en", "pt-BR", "zh-Hant-TW"}) {
    std::vector<FieldViolation> violations;
    CheckLanguage(violations, "language_code", good);
    CHECK(violations.empty());
  }
  for (const char* bad : {"", "e", "en_US", "-en", "en-", "english or so"}) {
    std::vector<FieldViolation> violations;
    CheckLanguage(violations, "language_code", bad);
    CHECK(violations.size() == 1);
  }
}

}  // namespace
}  // namespace souk::catalog
