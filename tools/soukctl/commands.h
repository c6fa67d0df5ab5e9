// The commands of soukctl but import and demo. Each prints its result, as a table or as
// JSON, and returns why it could not.
#pragma once

#include <cstdint>
#include <string>

#include "libs/base/status.h"
#include "tools/soukctl/session.h"

namespace souk::ctl {

// Logs, consumers and clock of every service.
Status ShowStatus(Session& session);

struct EventsOptions {
  std::string service;  // Empty: all that are served, one after the other.
  std::string type;
  std::string aggregate;
  std::string aggregate_id;
  std::uint64_t after = 0;
  bool stored = false;  // As stored instead of public.
  bool follow = false;  // Goes on as events happen; needs one service.
};
// One line per event.
Status ListEvents(Session& session, const EventsOptions& options);
// The whole history of one aggregate.
Status ShowStream(Session& session, const std::string& service, const std::string& aggregate,
                  const std::string& id);

// The story of an order in a buyer's and a seller's lane.
Status ShowJourney(Session& session, const std::string& order_id);

// Walks the hash chains of all logs: of the running store, or of a data folder that no
// process holds. DATA_LOSS when something is wrong.
Status Verify(Session& session);
Status VerifyFolder(const std::string& data_dir, bool json);
// The digests of all that is derived from the logs.
Status ShowStateHash(Session& session);

// Makes everything in a data folder anew from the logs, by soukd --rebuild, and compares.
Status RebuildFolder(const std::string& data_dir);

Status ShowTime(Session& session);
// `target`: "+3d", "2017-02-01", "2017-02-01T12:00:00Z" or "idle".
Status AdvanceTime(Session& session, const std::string& target);

}  // namespace souk::ctl
