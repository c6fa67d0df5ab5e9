// Stored events are kept for ever: bytes that were once written must still mean the same.
// Add to these tables; never change a line of them.
#include "libs/testing/golden.h"

#include <vector>

#include "services/shipping/delivery_profile.h"
#include "services/shipping/quote.h"
#include "services/shipping/shipment.h"
#include "services/shipping/tracker.h"

namespace souk::shipping {
namespace {

using testing::CheckGolden;
using testing::Golden;

const std::vector<Golden> kShipmentEvents = {
    {"0a5b0a0373693112036f69321a0367693322037369342a0362693532120a036c693612037069371a0274382009280a3a"
     "02080b421c0a02080c120708ea0f1002180f1a0708ea0f100418112204747a31374a047169313852046f693139",
     R"(planned { shipment_id: "si1" order_id: "oi2" group_id: "gi3" seller_id: "si4" buyer_id: "bi5"
lines { line_id: "li6" product_id: "pi7" title: "t8" quantity: 9 packed_quantity: 10 }
place_time { seconds: 11 } promise { ship_by_time { seconds: 12 } arrive_from { year: 2026
month: 2 day: 15 } arrive_until { year: 2026 month: 4 day: 17 } time_zone: "tz17" } quote_id:
"qi18" option_id: "oi19" })"},
    {"121e0a140a0373693112036f69321a037369332203626934120208051a020806",
     R"(ready { shipment { shipment_id: "si1" order_id: "oi2" seller_id: "si3" buyer_id: "bi4" }
ready_time { seconds: 5 } ship_by_time { seconds: 6 } })"},
    {"1a250a140a0373693112036f69321a03736933220362693412070a036c69351006180122020807",
     R"(packed { shipment { shipment_id: "si1" order_id: "oi2" seller_id: "si3" buyer_id: "bi4" }
lines { line_id: "li5" quantity: 6 } complete: true pack_time { seconds: 7 } })"},
    {"225d0a140a0373693112036f69321a037369332203626934120263351a03746336220208072a026e3830013a140a036c"
     "69391204706931301a03743131200c280d421c0a02080e120708ea0f100418111a0708ea0f100618132204747a3139",
     R"(dispatched { shipment { shipment_id: "si1" order_id: "oi2" seller_id: "si3" buyer_id: "bi4" }
carrier: "c5" tracking_code: "tc6" dispatch_time { seconds: 7 } note: "n8" on_time: true lines
{ line_id: "li9" product_id: "pi10" title: "t11" quantity: 12 packed_quantity: 13 } promise {
ship_by_time { seconds: 14 } arrive_from { year: 2026 month: 4 day: 17 } arrive_until { year:
2026 month: 6 day: 19 } time_zone: "tz19" } })"},
    {"2a240a140a0373693112036f69321a037369332203626934120a0806120208061a0270371809",
     R"(scan_recorded { shipment { shipment_id: "si1" order_id: "oi2" seller_id: "si3" buyer_id: "bi4"
} scan { status: SCAN_STATUS_DELIVERED occur_time { seconds: 6 } place: "p7" } state:
STATE_EXCEPTION })"},
    {"321a0a140a0373693112036f69321a03736933220362693412020805",
     R"(delivered { shipment { shipment_id: "si1" order_id: "oi2" seller_id: "si3" buyer_id: "bi4" }
deliver_time { seconds: 5 } })"},
    {"3a250a140a0373693112036f69321a03736933220362693412070a036c69351006180122027237",
     R"(lines_cancelled { shipment { shipment_id: "si1" order_id: "oi2" seller_id: "si3" buyer_id:
"bi4" } lines { line_id: "li5" quantity: 6 } complete: true reason: "r7" })"},
    {"421a0a140a0373693112036f69321a03736933220362693412020805",
     R"(ship_by_at_risk { shipment { shipment_id: "si1" order_id: "oi2" seller_id: "si3" buyer_id:
"bi4" } ship_by_time { seconds: 5 } })"},
    {"4a1a0a140a0373693112036f69321a03736933220362693412020805",
     R"(ship_by_missed { shipment { shipment_id: "si1" order_id: "oi2" seller_id: "si3" buyer_id:
"bi4" } ship_by_time { seconds: 5 } })"},
    {"52210a140a0373693112036f69321a03736933220362693410051a0708ea0f10071808",
     R"(promise_kept { shipment { shipment_id: "si1" order_id: "oi2" seller_id: "si3" buyer_id: "bi4"
} early_days: 5 arrive_date { year: 2026 month: 7 day: 8 } })"},
    {"5a210a140a0373693112036f69321a03736933220362693410051a0708ea0f10071808",
     R"(promise_missed { shipment { shipment_id: "si1" order_id: "oi2" seller_id: "si3" buyer_id:
"bi4" } late_days: 5 arrive_date { year: 2026 month: 7 day: 8 } })"},
};

const std::vector<Golden> kDeliveryProfileEvents = {
    {"0ab4010ab1010a0370693112037369321a03646e33227a0a03646e3412037263351a0370703622080a02663712026c38"
     "2a046570703932590a046f6931301204646e31311a036331322204637331332a240a070a03455552100e12070a034555"
     "52100f1a070a03455552101022070a03455552101130123813420c0a0114120708ea0f100a1817480152047070323358"
     "182a04747a3235301a381b401c4a0c0a011d120708ea0f1007180450205821620208226a020823",
     R"(defined { profile { profile_id: "pi1" seller_id: "si2" display_name: "dn3" zones {
display_name: "dn4" region_codes: "rc5" postal_prefixes: "pp6" postal_ranges { first: "f7"
last: "l8" } excluded_postal_prefixes: "epp9" options { option_id: "oi10" display_name: "dn11"
carrier: "c12" carrier_service: "cs13" cost { flat { currency_code: "EUR" minor_units: 14 }
per_item { currency_code: "EUR" minor_units: 15 } per_kilogram { currency_code: "EUR"
minor_units: 16 } free_over { currency_code: "EUR" minor_units: 17 } } transit_days_min: 18
transit_days_max: 19 transit_calendar { weekdays: 20 holidays { year: 2026 month: 10 day: 23 }
} pickup: true pickup_place: "pp23" weight_grams_max: 24 } } time_zone: "tz25"
cutoff_minute_of_day: 26 handling_days_min: 27 handling_days_max: 28 calendar { weekdays: 29
holidays { year: 2026 month: 7 day: 4 } } buffer_days: 32 version: 33 create_time { seconds:
34 } update_time { seconds: 35 } } })"},
};

const std::vector<Golden> kQuoteSetEvents = {
    {"0a760a740a0371693112037369321a036f69332203646e342a0263353203637336380142037070374a070a0345555210"
     "08521c0a020809120708ea0f100b180c1a0708ea0f1001180e2204747a31345a02080f620208106a0c0a047263313712"
     "047063313872110a047069313910141a070a034555521015",
     R"(quoted { quotes { quote_id: "qi1" seller_id: "si2" option_id: "oi3" display_name: "dn4"
carrier: "c5" carrier_service: "cs6" pickup: true pickup_place: "pp7" cost { currency_code:
"EUR" minor_units: 8 } promise { ship_by_time { seconds: 9 } arrive_from { year: 2026 month:
11 day: 12 } arrive_until { year: 2026 month: 1 day: 14 } time_zone: "tz14" } placed_time {
seconds: 15 } expire_time { seconds: 16 } destination { region_code: "rc17" postal_code:
"pc18" } profiles { profile_id: "pi19" version: 20 cost { currency_code: "EUR" minor_units: 21
} } } })"},
};

const std::vector<Golden> kTrackerEvents = {
    {"0a150a02633112037463321a0a0804120208041a027035",
     R"(scan_kept { carrier: "c1" tracking_code: "tc2" scan { status:
SCAN_STATUS_DELIVERY_ATTEMPT_FAILED occur_time { seconds: 4 } place: "p5" } })"},
};

TEST_CASE("stored events of a shipment read as they were written") {
  CHECK(CheckGolden<Shipment>(kShipmentEvents).scans_size() == 1);
}

TEST_CASE("stored events of a delivery profile read as they were written") {
  CHECK(CheckGolden<DeliveryProfile>(kDeliveryProfileEvents).profile().zones_size() == 1);
}

TEST_CASE("stored events of quotes read as they were written") {
  CHECK(CheckGolden<QuoteSet>(kQuoteSetEvents).quotes_size() == 1);
}

TEST_CASE("stored events of a tracker read as they were written") {
  CHECK(CheckGolden<Tracker>(kTrackerEvents).scans_size() == 1);
}

}  // namespace
}  // namespace souk::shipping
