// The analysts' Python tools, which soukctl calls: DuckDB for Parquet and for questions.
// They lie in share/souk/analytics beside bin/, or in $SOUK_SHARE/analytics; the Python that
// runs them is $SOUK_ANALYTICS_PYTHON, or the one that tools/install --analytics has made.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libs/base/status.h"

namespace souk::ctl {

// The folder of the scripts and of the questions.
StatusOr<std::string> AnalyticsFolder();

// Runs a script on the terminal of this process until it ends.
Status RunPython(const std::string& script, const std::vector<std::string>& arguments);

// A script that answers each line of its input with a line.
class PythonTool {
 public:
  static StatusOr<std::unique_ptr<PythonTool>> Start(const std::string& script,
                                                     const std::vector<std::string>& arguments);
  ~PythonTool();
  // Sends a line; returns why it could not be done, if so.
  Status Call(const std::string& line);

 private:
  PythonTool(int process, int input, int output) : process_(process), input_(input), output_(output) {}
  const int process_;
  const int input_;  // Of the script.
  const int output_;
  std::string read_;  // Of its output, not yet used.
};

}  // namespace souk::ctl
