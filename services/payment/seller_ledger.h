// Moves money between a seller's accounts: each function is one transaction in the
// seller's partition, and posts every journal entry once, however often it is run.
#pragma once

#include "libs/base/status.h"
#include "libs/eventsourcing/unit.h"
#include "services/payment/bank_account.h"
#include "services/payment/payout.h"
#include "souk/payment/v1/payment_service.pb.h"

namespace souk::payment {

// Brings the seller's side of an order up to date with the payment: what was captured is
// earned, what goes back is reserved, what could not go back is restored, and what the
// buyer has received is released. Looks at facts that only ever grow, so runs may
// overlap, repeat, and come in any order.
Status SettleOrder(Unit& unit, const v1::PaymentIntent& intent, const v1::PaymentShare& share);

// Takes the amount from the balance and starts a payout. FAILED_PRECONDITION
// INSUFFICIENT_BALANCE {available}, BANK_ACCOUNT_UNVERIFIED; NOT_FOUND for a bank account
// that is not the seller's.
Status StartPayout(Unit& unit, const RequestPayout& request);

// Records what the provider says: a payout that is paid leaves the balance, one that
// failed returns to it and blocks the bank account.
Status RecordPayout(Unit& unit, const Payout::Id& id, const RecordPayoutOutcome& outcome);

}  // namespace souk::payment
