// Stored events are kept for ever: bytes that were once written must still mean the same.
// Add to these tables; never change a line of them.
#include "libs/testing/golden.h"

#include <vector>

#include "services/order/checkout.h"
#include "services/order/order.h"
#include "services/order/order_group.h"

namespace souk::order {
namespace {

using testing::CheckGolden;
using testing::Golden;

const std::vector<Golden> kOrderEvents = {
    {"0ac2010aa6010a03672e311201671a01622201732a240a01311201701a017420022a070a03455552100532070a034555"
     "52100a380340074a017232370a017112016f1a016e220163280132070a0345555210043a020809420708ea0f10011802"
     "4a0708ea0f10011803520244455a013162017a3a070a03455552100a42070a0345555210044a070a03455552100e5001"
     "5a0169620c0a0762757965722f621201786a02656e7201797a0208081201681a140a020801120208021a020803220208"
     "042a020805",
     R"(placed { snapshot { order_id: "g.1" group_id: "g" buyer_id: "b" seller_id: "s" lines {
line_id: "1" product_id: "p" title: "t" quantity: 2 unit_price { currency_code: "EUR"
minor_units: 5 } amount { currency_code: "EUR" minor_units: 10 } offer_version: 3
weight_grams: 7 return_terms: "r" } delivery { quote_id: "q" option_id: "o" option_name: "n"
carrier: "c" pickup: true cost { currency_code: "EUR" minor_units: 4 } ship_by_time {
seconds: 9 } arrive_from { year: 2026 month: 1 day: 2 } arrive_until { year: 2026 month: 1
day: 3 } region_code: "DE" postal_code: "1" time_zone: "z" } items_total { currency_code:
"EUR" minor_units: 10 } shipping_total { currency_code: "EUR" minor_units: 4 } total {
currency_code: "EUR" minor_units: 14 } payment_method: PAYMENT_METHOD_CARD
payment_intent_id: "i" contact { subject: "buyer/b" ciphertext: "x" } language_code: "en"
shop_note: "y" place_time { seconds: 8 } } content_hash: "h" policy { unpaid_cancel_after {
seconds: 1 } auto_cancel_after_ship_by { seconds: 2 } receive_after_delivery { seconds: 3 }
receive_after_dispatch { seconds: 4 } receipt_reminder_after { seconds: 5 } } })"},
    {"121f0801120208011a02080922130a03672e311201671a01622201732a01693001",
     R"(confirmed { paid: true confirm_time { seconds: 1 } ship_by_time { seconds: 9 } order {
order_id: "g.1" group_id: "g" buyer_id: "b" seller_id: "s" payment_intent_id: "i"
payment_method: PAYMENT_METHOD_CARD } })"},
    {"1a040a020801", "paid { pay_time { seconds: 1 } }"},
    {"22030a0166", R"(payment_failed { failure_code: "f" })"},
    {"2a0e0a0c0a0762757965722f62120178", R"(note_attached { note { subject: "buyer/b" ciphertext: "x" } })"},
    {"322d0a02733112080a013112017018021a01632201742a02080132130a03672e311201671a01622201732a01693001",
     R"(dispatched { shipment_id: "s1" lines { line_id: "1" product_id: "p" quantity: 2 } carrier:
"c" tracking_code: "t" dispatch_time { seconds: 1 } order { order_id: "g.1" group_id: "g"
buyer_id: "b" seller_id: "s" payment_intent_id: "i" payment_method: PAYMENT_METHOD_CARD } })"},
    {"3a080a02733112020802", R"(delivered { shipment_id: "s1" delivery_time { seconds: 2 } })"},
    {"42150a130a03672e311201671a01622201732a01693001",
     R"(receipt_reminded { order { order_id: "g.1" group_id: "g" buyer_id: "b" seller_id: "s"
payment_intent_id: "i" payment_method: PAYMENT_METHOD_CARD } })"},
    {"4a250804120208031a080a0131120170180222130a03672e311201671a01622201732a01693001",
     R"(received { received_by: PARTY_CARRIER receive_time { seconds: 3 } lines { line_id: "1"
product_id: "p" quantity: 2 } order { order_id: "g.1" group_id: "g" buyer_id: "b" seller_id:
"s" payment_intent_id: "i" payment_method: PAYMENT_METHOD_CARD } })"},
    {"52150a130a03672e311201671a01622201732a01693001",
     R"(completed { order { order_id: "g.1" group_id: "g" buyer_id: "b" seller_id: "s"
payment_intent_id: "i" payment_method: PAYMENT_METHOD_CARD } })"},
    {"5a2e080510051a080a0131120170180220012a070a03455552100e32130a03672e311201671a01622201732a01693001",
     R"(cancelled { reason: CANCEL_REASON_UNPAID cancelled_by: PARTY_SYSTEM lines { line_id: "1"
product_id: "p" quantity: 2 } paid: true total { currency_code: "EUR" minor_units: 14 }
order { order_id: "g.1" group_id: "g" buyer_id: "b" seller_id: "s" payment_intent_id: "i"
payment_method: PAYMENT_METHOD_CARD } })"},
    {"620c0a017212070a03455552100e",
     R"(refunded { refund_id: "r" amount { currency_code: "EUR" minor_units: 14 } })"},
};

const std::vector<Golden> kOrderGroupEvents = {
    {"0a200a01671201631a01622203672e312a070a03455552100e30023a016942020808",
     R"(placed { group_id: "g" cart_id: "c" buyer_id: "b" order_ids: "g.1" total { currency_code:
"EUR" minor_units: 14 } payment_method: PAYMENT_METHOD_BANK_TRANSFER payment_intent_id: "i"
place_time { seconds: 8 } })"},
};

const std::vector<Golden> kCheckoutEvents = {
    {"0a110a016b1201631a01622202656e2a020801",
     R"(started { checkout_id: "k" cart_id: "c" buyer_id: "b" language_code: "en" expire_time {
seconds: 1 } })"},
    {"12150a0c0a0762757965722f62120178120244451a0131",
     R"(address_set { contact { subject: "buyer/b" ciphertext: "x" } region_code: "DE" postal_code:
"1" })"},
    {"1a080a060a017312016f", R"(delivery_selected { selection { seller_id: "s" option_id: "o" } })"},
    {"22050801120174", R"(payment_method_selected { method: PAYMENT_METHOD_CARD card_token: "t" })"},
    {"2a13080112070a03455552100e1a02080222020803",
     R"(placement_requested { attempt: 1 expected_total { currency_code: "EUR" minor_units: 14 }
request_time { seconds: 2 } attempt_expire_time { seconds: 3 } })"},
    {"32100a050a036b2e3112070a03455552100e",
     R"(priced { orders { order_id: "k.1" } total { currency_code: "EUR" minor_units: 14 } })"},
    {"3a00", "stock_held {}"},
    {"42080a02080412020805", "payment_pending { poll_time { seconds: 4 } wait_until_time { seconds: 5 } }"},
    {"4a080a02080412020805", "action_required { poll_time { seconds: 4 } wait_until_time { seconds: 5 } }"},
    {"5200", "resumed {}"},
    {"5a120a1008091201521a060a016e12017622016d",
     R"(attempt_rejected { failure { code: 9 reason: "R" values { name: "n" value: "v" } message:
"m" } })"},
    {"6200", "cancel_requested {}"},
    {"6a180801121008091201521a060a016e12017622016d1a020806",
     R"(attempt_failed { attempt: 1 failure { code: 9 reason: "R" values { name: "n" value: "v" }
message: "m" } expire_time { seconds: 6 } })"},
    {"72050a036b2e31", R"(placed { order_ids: "k.1" })"},
    {"7a00", "settled {}"},
    {"820100", "cancelled {}"},
    {"8a0100", "expired {}"},
};

TEST_CASE("events of orders recorded by earlier releases mean the same") { CheckGolden<Order>(kOrderEvents); }

TEST_CASE("events of purchases recorded by earlier releases mean the same") {
  CheckGolden<OrderGroup>(kOrderGroupEvents);
}

TEST_CASE("events of checkouts recorded by earlier releases mean the same") {
  CheckGolden<Checkout>(kCheckoutEvents);
}

}  // namespace
}  // namespace souk::order
