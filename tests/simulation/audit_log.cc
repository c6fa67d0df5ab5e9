// L: what the engine promises of every log.
#include <map>
#include <set>

#include "absl/strings/str_format.h"
#include "libs/eventsourcing/rebuild.h"
#include "libs/eventstore/event_log.h"
#include "tests/simulation/audit.h"

namespace souk::simulation {
namespace {

void AuditChain(Machine& machine, History& history) {
  std::set<std::string> requests;
  for (std::uint32_t i = 0; i < machine.partitions(); ++i) {
    const EventLog& log = machine.engine().partition(i).log();
    if (const auto verified = log.Verify(); !verified.ok()) {
      history.Fail("L-5 the log is dense and chained",
                   machine.service() + ": " + verified.status().ToString());
    }
    std::string open_request;  // Of a transaction that has several events.
    const Status read = log.ReadAfter(0, [&](const event::v1::EventRecord& record, std::string_view) {
      if (!record.request_id().empty() && record.request_id() != open_request &&
          !requests.insert(record.request_id()).second) {
        history.Fail("L-6 each request takes effect once",
                     absl::StrFormat("%s: request %s again at #%d of %d", machine.service(),
                                     record.request_id(), record.position(), i));
      }
      open_request = record.following() > 0 ? record.request_id() : "";
      return true;
    });
    if (!read.ok())
      history.Fail("L-5 the log is dense and chained", machine.service() + ": " + read.ToString());
  }
  for (const std::string& request : machine.witness().acknowledged()) {
    if (requests.contains(request)) continue;
    history.Fail("L-1 acknowledged is durable", machine.service() + " lost request " + request);
  }
}

using Rows = std::map<std::string, SimDisk::Rows>;  // By column family.

// Everything that is derived from the log.
Rows Derived(Machine& machine) {
  Rows rows;
  for (const ColumnFamily family : kDerivedFamilies) rows[NameOf(family)] = machine.disk().rows(family);
  return rows;
}

// A key as people can read it.
std::string Readable(std::string_view key) {
  std::string text;
  for (const char c : key)
    text += c > ' ' && c < 0x7f ? std::string(1, c) : absl::StrFormat("\\%02x", c & 0xFF);
  return text;
}

void CompareRows(const std::string& service, const Rows& before, const Rows& after, History& history) {
  for (const auto& [family, rows] : before) {
    const SimDisk::Rows& made_anew = after.at(family);
    const auto differs = [&](const std::string& key, const char* how) {
      history.Fail("I-44 state is the fold of the log",
                   absl::StrFormat("%s: row %s of %s %s", service, Readable(key), family, how));
    };
    for (const auto& [key, value] : rows) {
      const auto it = made_anew.find(key);
      if (it == made_anew.end()) {
        differs(key, "is not there when made anew");
      } else if (it->second != value) {
        differs(key, "is another when made anew");
      }
    }
    for (const auto& [key, value] : made_anew) {
      if (!rows.contains(key)) differs(key, "is there only when made anew");
    }
  }
}

// Whatever a service has a handler for was handled, whichever versions of it have run.
void AuditHandling(World& world, Machine& reader) {
  for (const Subscription* const subscription : reader.subscriptions()) {
    Machine& source = world.machine(subscription->source());
    for (std::uint32_t i = 0; i < source.partitions(); ++i) {
      const std::set<std::uint64_t>& handled = source.witness().handled(reader.service(), i);
      for (const auto& [position, event] : source.witness().published(i)) {
        if (subscription->Find(event.type) == nullptr || handled.contains(position)) continue;
        world.stage().history.Fail("L-9 what an older version does not know waits for a newer one",
                                   absl::StrFormat("%s has not handled %s, #%d of %d of %s", reader.service(),
                                                   event.type, position, i, source.service()));
      }
    }
  }
}

}  // namespace

void AuditLogs(World& world) {
  History& history = world.stage().history;
  for (const auto& machine : world.machines()) {
    AuditHandling(world, *machine);
    AuditChain(*machine, history);
    const Rows before = Derived(*machine);
    machine->Kill(/*power_failure=*/true);
    machine->Boot(/*rebuild=*/true);
    world.Settle(absl::Seconds(60));
    if (!machine->serving()) {
      history.Fail("L-3 a service starts", machine->service() + " does not serve after a rebuild");
      continue;
    }
    CompareRows(machine->service(), before, Derived(*machine), history);
    for (const auto& consumer : machine->consumers()) {
      if (consumer->dead_letters() == 0) continue;
      history.Fail("L-7 no event is set aside",
                   absl::StrFormat("%s set aside %d events of %s", machine->service(),
                                   consumer->dead_letters(), consumer->source()));
    }
    for (std::uint32_t i = 0; i < machine->partitions(); ++i) {
      if (machine->engine().partition(i).effects().set_aside() == 0) continue;
      history.Fail("L-8 no effect is set aside", machine->service());
    }
  }
}

}  // namespace souk::simulation
