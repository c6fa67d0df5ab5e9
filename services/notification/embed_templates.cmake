# Writes OUTPUT, a C++ file that carries the templates NAMES ("a.txt,b.html") of FOLDER.
#
#   cmake -DFOLDER=dir -DNAMES=a.txt,b.html -DOUTPUT=embedded_templates.cc -P embed_templates.cmake
string(REPLACE "," ";" names "${NAMES}")
set(entries "")
foreach(name IN LISTS names)
  file(READ "${FOLDER}/${name}.mustache" text)
  string(APPEND entries "    {\"${name}\", R\"souk-(${text})souk-\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "// Generated from services/notification/templates.
#include \"services/notification/embedded_templates.h\"

namespace souk::notification {
namespace {

struct Entry {
  std::string_view name;
  std::string_view text;
};
constexpr Entry kEntries[] = {
${entries}};

}  // namespace

std::optional<std::string_view> EmbeddedTemplate(std::string_view name) {
  for (const Entry& entry : kEntries) {
    if (entry.name == name) return entry.text;
  }
  return std::nullopt;
}

}  // namespace souk::notification
")
