#include "tools/soukctl/olist/csv.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <memory>

namespace souk::ctl {
namespace {

// Characters of a file, which zlib reads whether it is compressed or not.
class Characters {
 public:
  explicit Characters(const std::string& file) : file_(gzopen(file.c_str(), "rb")) {}
  ~Characters() {
    if (file_ != nullptr) gzclose(file_);
  }
  Characters(const Characters&) = delete;
  Characters& operator=(const Characters&) = delete;

  bool open() const { return file_ != nullptr; }
  bool broken() const { return broken_; }

  // -1 at the end.
  int Next() {
    if (position_ == size_ && !Fill()) return -1;
    return static_cast<unsigned char>(buffer_[position_++]);
  }
  int Peek() {
    if (position_ == size_ && !Fill()) return -1;
    return static_cast<unsigned char>(buffer_[position_]);
  }

 private:
  bool Fill() {
    const int read = gzread(file_, buffer_.data(), static_cast<unsigned>(buffer_.size()));
    broken_ = read < 0;
    position_ = 0;
    size_ = read > 0 ? static_cast<std::size_t>(read) : 0;
    return size_ > 0;
  }

  gzFile file_;
  std::array<char, 1 << 16> buffer_;
  std::size_t position_ = 0;
  std::size_t size_ = 0;
  bool broken_ = false;
};

// Reads one row. False at the end of the file. `line` counts lines, also those within quotes.
bool ReadRow(Characters& in, std::vector<std::string>& fields, std::size_t& line) {
  fields.clear();
  int c = in.Next();
  if (c < 0) return false;
  std::string field;
  bool quoted = false;
  for (;; c = in.Next()) {
    if (quoted) {
      if (c < 0) break;
      if (c == '\n') ++line;
      if (c != '"') {
        field.push_back(static_cast<char>(c));
      } else if (in.Peek() == '"') {
        field.push_back(static_cast<char>(in.Next()));
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.push_back(std::move(field));
      field.clear();
    } else if (c == '\n' || c < 0) {
      ++line;
      break;
    } else if (c != '\r') {
      field.push_back(static_cast<char>(c));
    }
  }
  fields.push_back(std::move(field));
  return true;
}

}  // namespace

const std::string& CsvRow::operator[](const std::string& column) const {
  static const std::string nothing;
  const auto it = columns_.find(column);
  return it == columns_.end() || it->second >= fields_.size() ? nothing : fields_[it->second];
}

Status ReadCsv(const std::string& file, const std::vector<std::string>& columns,
               const std::function<Status(const CsvRow&)>& row, std::vector<std::string>& malformed) {
  Characters in(file);
  if (!in.open()) return NotFound("cannot read %s", file);
  std::size_t line = 0;
  std::vector<std::string> fields;
  if (!ReadRow(in, fields, line)) return InvalidArgument("%s is empty", file);
  if (!fields.empty() && fields[0].starts_with("\xef\xbb\xbf")) fields[0].erase(0, 3);  // A byte-order mark.
  std::map<std::string, std::size_t> positions;
  for (std::size_t i = 0; i < fields.size(); ++i) positions[fields[i]] = i;
  for (const std::string& column : columns) {
    if (!positions.contains(column)) return InvalidArgument("%s has no column %s", file, column);
  }
  const std::size_t width = fields.size();
  for (std::size_t first = line + 1; ReadRow(in, fields, line); first = line + 1) {
    if (fields.size() == 1 && fields[0].empty()) continue;
    Status status;
    if (fields.size() == width) {
      status = row(CsvRow(positions, fields));
    } else {
      status = InvalidArgument("has %d fields instead of %d", fields.size(), width);
    }
    if (!status.ok())
      malformed.push_back(absl::StrFormat("%s:%d: %s", file, first, std::string(status.message())));
  }
  if (in.broken()) return DataLoss("%s ends in the middle: it is damaged", file);
  return OkStatus();
}

}  // namespace souk::ctl
