// soukctl replay: folds the events into read models of the analyst's own choice, which are
// views in SQL, and asks them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tools/soukctl/export/event_source.h"

namespace souk::ctl {

struct ReplayOptions {
  std::vector<std::string> questions;  // Of tools/analytics/questions.
  bool all = false;                    // All of them.
  bool list = false;                   // Only tell which there are.
  std::vector<std::string> sql_files;
  std::vector<std::string> queries;
  std::string events;    // An export to Parquet that is there; empty: one is made, and removed.
  std::string as_of;     // As typed. Only for an export that is made.
  std::string database;  // A DuckDB file that stays.
  std::string format = "table";
};

// The names of all questions, in order.
StatusOr<std::vector<std::string>> AllQuestions();

// `source` is opened when it is needed.
Status Replay(const std::function<StatusOr<std::unique_ptr<EventSource>>()>& source,
              const ReplayOptions& options);

}  // namespace souk::ctl
