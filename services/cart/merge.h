// What becomes of two carts when one takes the lines of the other: pure. No line is lost:
// each is added, combined, cut to what there is, or left where it was.
#pragma once

#include <vector>

#include "libs/base/status.h"
#include "souk/cart/v1/cart_events.pb.h"
#include "souk/cart/v1/offer_events.pb.h"

namespace souk::cart {

struct MergeResult {
  std::vector<v1::CartLine> lines;         // Of the target, those that change, as they are then.
  std::vector<v1::CartLine> moved_lines;   // Of the source, those that leave it.
  std::vector<v1::MergeOutcome> outcomes;  // One for each line of the source, in its order.
};

// The source's `lines` join `target`. `policy` decides on the quantity of products in both;
// the source is the guest's. A quantity never exceeds what `offers` say there is, unless
// nothing is left: then it stays, and reading the cart tells. The price that counts as seen
// is that of the newer offer.
MergeResult Merge(const v1::CartState& target, const std::vector<v1::CartLine>& lines,
                  const std::vector<v1::Offer>& offers, v1::MergePolicy policy);

// FAILED_PRECONDITION CURRENCY_MISMATCH or LINE_LIMIT when every line has to stay.
Status CheckSomethingMoved(const MergeResult& result);

}  // namespace souk::cart
