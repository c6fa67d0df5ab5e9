#include "services/notification/text.h"

#include <algorithm>
#include <cstdint>

namespace souk::notification {
namespace {

// The size of the character that `text` begins with; 0 when it is not UTF-8.
std::size_t CharacterSize(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return 1;
  const std::size_t size = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (byte(0) == 0xe0 && byte(1) < 0xa0) return 0;   // Overlong.
  if (byte(0) == 0xed && byte(1) >= 0xa0) return 0;  // A surrogate.
  if (byte(0) == 0xf0 && byte(1) < 0x90) return 0;   // Overlong.
  if (byte(0) == 0xf4 && byte(1) >= 0x90) return 0;  // Beyond U+10FFFF.
  return size;
}

// C0, DEL, C1, and the line and paragraph separators.
bool IsControl(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]) < 0x20 || character[0] == 0x7f;
  if (character.size() == 2) return character[0] == '\xc2' && static_cast<unsigned char>(character[1]) < 0xa0;
  return character == "\xe2\x80\xa8" || character == "\xe2\x80\xa9";
}

}  // namespace

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = CharacterSize(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string OneLine(std::string_view text) {
  std::string line;
  while (!text.empty()) {
    const std::size_t size = CharacterSize(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    text.remove_prefix(character.size());
    if (size == 0) {
      line += "\xef\xbf\xbd";  // U+FFFD, the replacement character.
    } else if (character == " " || IsControl(character)) {
      if (!line.empty() && line.back() != ' ') line += ' ';
    } else {
      line += character;
    }
  }
  if (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string line = OneLine(text.substr(0, end));
    if (!line.empty() || !lines.empty()) lines.push_back(std::move(line));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

Status CheckNote(std::string_view note) {
  if (!IsUtf8(note)) return InvalidField("note", "is not UTF-8");
  std::size_t characters = 0;
  while (!note.empty()) {
    const std::string_view character = note.substr(0, CharacterSize(note));
    note.remove_prefix(character.size());
    ++characters;
    if (IsControl(character) && character != "\n" && character != "\r") {
      return InvalidField("note", "has control characters");
    }
  }
  if (characters > kNoteSizeMax) {
    return InvalidField("note",
                        absl::StrFormat("has %d characters; at most %d fit", characters, kNoteSizeMax));
  }
  return OkStatus();
}

}  // namespace souk::notification
