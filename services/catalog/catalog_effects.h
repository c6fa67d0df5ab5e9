// What the catalogue does because of its own events: timers, and news between a seller and
// her products, which may live in different partitions.
#pragma once

#include "libs/eventsourcing/effect.h"
#include "libs/eventsourcing/engine.h"
#include "services/catalog/stock_keeper.h"

namespace souk::catalog {

class CatalogEffects {
 public:
  // Both must outlive the object.
  CatalogEffects(Engine& engine, StockKeeper& keeper) : engine_(engine), keeper_(keeper) {}

  // Names the handlers to the engine.
  void Register();

 private:
  // A vacation begins or ends because its time has come.
  template <typename Command>
  Task<Status> OnVacationTimer(Effect effect);
  // Tells every product of a seller whether she sells.
  Task<Status> OnTellProducts(Effect effect);
  // Tells a new product whether its seller sells by now.
  Task<Status> OnCheckSeller(Effect effect);
  // The time of a hold is over.
  Task<Status> OnExpireHold(Effect effect);
  // Adds the score of a review to those of the seller.
  Task<Status> OnRateSeller(Effect effect);

  Engine& engine_;
  StockKeeper& keeper_;
};

}  // namespace souk::catalog
