// Mail: once per cause, to the right person, and never without one.
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_format.h"
#include "souk/notification/v1/notification_events.pb.h"
#include "tests/simulation/audit.h"

namespace souk::simulation {
namespace {

namespace notification = souk::notification::v1;
using notification::NotificationEvent;
using order::v1::OrderState;

// What the service knows of one mail.
struct Letter {
  notification::NotificationFacts facts;
  bool sent = false;
  bool unknown = false;
};

}  // namespace

void AuditMail(World& world, const Orders& orders) {
  History& history = world.stage().history;
  std::map<std::string, Letter> letters;
  ForEachEvent(world.machine("notification"), [&](const event::v1::EventRecord& record) {
    if (record.aggregate() != "notification") return;
    NotificationEvent event;
    if (!event.ParseFromString(record.payload())) return;
    Letter& letter = letters[record.aggregate_id()];
    if (event.has_requested()) letter.facts = event.requested().facts();
    letter.sent |= event.has_sent();
    letter.unknown |= event.has_outcome_unknown();
  });

  std::map<std::string, int> delivered;
  for (const PostOffice::Delivered& mail : world.post_office().mails()) ++delivered[mail.id];
  std::map<std::string, std::string> emails;  // By group.
  for (const Testimony::Purchase& purchase : world.testimony().purchases)
    emails[purchase.checkout_id] = purchase.email;

  std::map<std::string, int> announced;  // Mails that say "it is on its way", by order.
  for (const auto& [id, letter] : letters) {
    const int times = delivered[id];
    if (times > 1)
      history.Fail("I-40 a mail is sent once",
                   absl::StrFormat("%s %s, %d times", letter.facts.template_name(), id, times));
    if (letter.sent && times == 0)
      history.Fail("M-2 a mail that was sent has arrived", letter.facts.template_name() + " " + id);
    if (!letter.sent && !letter.unknown && times > 0) {
      history.Fail("I-42 who is not to be written to is not", letter.facts.template_name() + " " + id);
    }
    if (letter.facts.cause_event_id().empty()) history.Fail("I-41 a mail has a cause", id);
    announced[letter.facts.order_id()] += letter.facts.template_name() == "order_dispatched";
  }
  for (const PostOffice::Delivered& mail : world.post_office().mails()) {
    const auto it = letters.find(mail.id);
    if (it == letters.end()) {
      history.Fail("I-41 a mail has a cause", mail.template_name + " " + mail.id);
      continue;
    }
    const auto one = orders.find(it->second.facts.order_id());
    const bool to_seller = it->second.facts.recipient().starts_with("seller/");
    if (one == orders.end()) continue;
    const std::string right = to_seller
                                  ? world.testimony().seller_email.at(one->second.snapshot().seller_id())
                                  : emails[one->second.snapshot().group_id()];
    if (mail.to_address != right) {
      history.Fail("I-48 a mail goes to whom it concerns",
                   absl::StrFormat("%s to %s instead of %s", mail.template_name, mail.to_address, right));
    }
  }
  for (const auto& [id, one] : orders) {
    const int wanted = one.state() == OrderState::STATE_COMPLETED ? 1 : 0;
    if (announced[id] == wanted) continue;
    history.Fail("I-40 a mail is sent once",
                 absl::StrFormat("order %s was announced %d times", id, announced[id]));
  }
}

}  // namespace souk::simulation
