// Parquet by way of DuckDB: events are gathered in files of JSON Lines, one for each kind,
// and when there are enough of them the Python tool makes a further Parquet file of each.
#pragma once

#include "tools/soukctl/export/event_writer.h"

namespace souk::ctl {

// `folder` gets a folder for each kind of event, with files part-00001.parquet and so on.
StatusOr<std::unique_ptr<EventWriter>> OpenParquetWriter(const std::string& folder, const FileSizes& files);

}  // namespace souk::ctl
