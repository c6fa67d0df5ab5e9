// Reads CSV files (RFC 4180), plain or gzipped, row by row.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/status.h"

namespace souk::ctl {

// One row, by the names of the first row.
class CsvRow {
 public:
  CsvRow(const std::map<std::string, std::size_t>& columns, const std::vector<std::string>& fields)
      : columns_(columns), fields_(fields) {}

  // The field of that column. Empty when the row is shorter.
  const std::string& operator[](const std::string& column) const;

 private:
  const std::map<std::string, std::size_t>& columns_;
  const std::vector<std::string>& fields_;
};

// Calls `row` for every row after the first. A row that `row` refuses, or that has not as
// many fields as the first, is reported as "FILE:LINE: why", and the rest goes on.
// NOT_FOUND when the file cannot be read; INVALID_ARGUMENT when a column is missing.
Status ReadCsv(const std::string& file, const std::vector<std::string>& columns,
               const std::function<Status(const CsvRow&)>& row, std::vector<std::string>& malformed);

}  // namespace souk::ctl
