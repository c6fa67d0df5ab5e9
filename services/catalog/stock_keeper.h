// Changes a stock, and tells its product in the same transaction what buyers may know of it.
#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
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

  // Executes a command of stock.h; returns what `select` takes from the stock afterwards.
  template <typename Command, std::invocable<const v1::StockState&> Select>
  auto Execute(StockId id, Command command, CommandMetadata metadata, Select select)
      -> Task<StatusOr<std::invoke_result_t<Select, const v1::StockState&>>> {
    std::optional<std::invoke_result_t<Select, const v1::StockState&>> result;
    const auto work = [&](Unit& unit) -> Status {
      RETURN_IF_ERROR(CheckSale(unit, id, command));
      RETURN_IF_ERROR(unit.Execute<Stock>(id, command));
      return TellProduct(unit, id);
    };
    const auto read = [&](Unit& unit) -> Status {
      ASSIGN_OR_RETURN(const v1::StockState* const state, unit.Load<Stock>(id));
      result = select(*state);
      return OkStatus();
    };
    const Status done = co_await engine_.Transact(PartitionKeyOf<Stock>(id), std::move(metadata), work, read);
    if (!done.ok()) co_return done;
    co_return *std::move(result);
  }
  // The same, for nothing but the effect.
  template <typename Command>
  Task<Status> Execute(StockId id, Command command, CommandMetadata metadata) {
    co_await Try(Execute(std::move(id), std::move(command), std::move(metadata),
                         [](const v1::StockState&) { return true; }));
    co_return OkStatus();
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
