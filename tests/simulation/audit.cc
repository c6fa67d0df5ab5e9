#include "tests/simulation/audit.h"

namespace souk::simulation {

namespace order = souk::order::v1;

Orders AllOrders(World& world) {
  Orders orders;
  Inquiry inquiry(world);
  for (const auto& [seller_id, email] : world.testimony().seller_email) {
    order::ListOrdersRequest list;
    list.set_seller_id(seller_id);
    list.set_page_size(100);
    do {
      const auto page = inquiry.Ask<order::ListOrdersResponse>("operator/auditor", list);
      if (!page.ok()) {
        world.stage().history.Fail("P-2 a healthy store answers", "ListOrders: " + page.status().ToString());
        break;
      }
      for (const order::Order& one : page->orders()) orders[one.order_id()] = one;
      list.set_page_token(page->next_page_token());
    } while (!list.page_token().empty());
  }
  return orders;
}

void ForEachEvent(Machine& machine, absl::FunctionRef<void(const event::v1::EventRecord&)> record) {
  for (std::uint32_t i = 0; i < machine.partitions(); ++i) {
    const Status read = machine.engine().partition(i).log().ReadAfter(
        0, [&](const event::v1::EventRecord& event, std::string_view) {
          record(event);
          return true;
        });
    if (!read.ok()) return;  // Another auditor says why.
  }
}

int Audit(World& world) {
  // Auditors ask once, and clearly.
  world.stage().plan.double_click = 0;
  const Orders orders = AllOrders(world);
  AuditOrders(world, orders);
  AuditStock(world, orders);
  AuditMoney(world, orders);
  AuditMail(world, orders);
  AuditPrivacy(world, orders);
  AuditLogs(world);
  AuditTopics(world);
  return static_cast<int>(orders.size());
}

}  // namespace souk::simulation
