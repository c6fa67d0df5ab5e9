// The stock that an attempt holds at the catalogue, from the first piece to the order that
// gets it. All sagas take holds in the order of the products' ids.
#pragma once

#include "absl/time/time.h"
#include "libs/base/task.h"
#include "services/order/checkout_run.h"

namespace souk::order {

// Holds everything that the checkout's orders want, until then.
Task<Status> HoldStock(CheckoutRun run, Shared<v1::CheckoutState> checkout, absl::Time until);

// Keeps what is held until then.
Task<Status> ExtendHolds(CheckoutRun run, Shared<v1::CheckoutState> checkout, absl::Time until);

// Gives back what is held, in the reverse order. Fine when nothing is.
Task<Status> ReleaseHolds(CheckoutRun run, Shared<v1::CheckoutState> checkout);

// Makes the holds the orders'. A hold outlives its attempt. Should it have ended all the same
// (a clock that was set far ahead), the pieces are held again, for so long; when others took
// them, the order is called off.
Task<Status> CommitHolds(CheckoutRun run, Shared<v1::CheckoutState> checkout, absl::Duration hold_again);

}  // namespace souk::order
