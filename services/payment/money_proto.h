// Money between the type that rules use and the message that events carry.
#pragma once

#include "libs/base/money.h"
#include "souk/type/v1/money.pb.h"

namespace souk::payment {

inline type::v1::Money AsProto(const Money& money) {
  type::v1::Money proto;
  proto.set_currency_code(money.currency_code);
  proto.set_minor_units(money.minor_units);
  return proto;
}

inline Money AsMoney(const type::v1::Money& proto) { return {proto.minor_units(), proto.currency_code()}; }

}  // namespace souk::payment
