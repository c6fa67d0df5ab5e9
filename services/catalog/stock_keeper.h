// Changes a stock, and tells its product in the same transaction what buyers may know of it.
#pragma once

#include <utility>

#include "libs/base/status.h"
#include "libs/base/task.h"
#include "libs/eventsourcing/engine.h"
#include "services/catalog/product.h"
#include "services/catalog/stock.h"

namespace souk::catalog {

class StockKeeper {
 public:
  // `engine` must outlive the keeper.
  explicit StockKeeper(Engine& engine) : engine_(engine) {}

  // Executes a command of stock.h; returns the stock afterwards.
  template <typename Command>
  Task<StatusOr<v1::StockState>> Execute(StockId id, Command command, CommandMetadata metadata) {
    v1::StockState result;
    const auto work = [&](Unit& unit) -> Status {
      RETURN_IF_ERROR(CheckSale(unit, id, command));
      RETURN_IF_ERROR(unit.Execute<Stock>(id, command));
      return TellProduct(unit, id);
    };
    const auto read = [&](Unit& unit) -> Status {
      ASSIGN_OR_RETURN(const v1::StockState* const state, unit.Load<Stock>(id));
      result = *state;
      return OkStatus();
    };
    const Status done = co_await engine_.Transact(PartitionKeyOf<Stock>(id), std::move(metadata), work, read);
    if (!done.ok()) co_return done;
    co_return result;
  }

 private:
  template <typename Command>
  static Status CheckSale(Unit&, const StockId&, const Command&) {
    return OkStatus();
  }
  // Nothing is held of what is not for sale.
  static Status CheckSale(Unit& unit, const StockId& id, const HoldStock&);

  static Status TellProduct(Unit& unit, const StockId& id);

  Engine& engine_;
};

}  // namespace souk::catalog
