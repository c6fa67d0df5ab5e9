// Stored events are kept for ever: bytes that were once written must still mean the same.
// Add to these tables; never change a line of them.
#include "libs/testing/golden.h"

#include <vector>

#include "services/cart/cart.h"
#include "services/cart/offer.h"

namespace souk::cart {
namespace {

using testing::CheckGolden;
using testing::Golden;

const std::vector<Golden> kCartEvents = {
    {"0a120a0363693112036269321a02080322020804",
     R"(created { cart_id: "ci1" buyer_id: "bi2" create_time { seconds: 3 } expire_after { seconds: 4
} })"},
    {"12230a1b0a037069311203736932180322070a03455552100428053202743610071a020808",
     R"(item_added { line { product_id: "pi1" seller_id: "si2" quantity: 3 unit_price { currency_code:
"EUR" minor_units: 4 } offer_version: 5 title: "t6" } added_quantity: 7 change_time { seconds:
8 } })"},
    {"1a230a1b0a037069311203736932180322070a03455552100428053202743610071a020808",
     R"(item_quantity_changed { line { product_id: "pi1" seller_id: "si2" quantity: 3 unit_price {
currency_code: "EUR" minor_units: 4 } offer_version: 5 title: "t6" } previous_quantity: 7
change_time { seconds: 8 } })"},
    {"22210a1b0a037069311203736932180322070a03455552100428053202743612020807",
     R"(item_removed { line { product_id: "pi1" seller_id: "si2" quantity: 3 unit_price {
currency_code: "EUR" minor_units: 4 } offer_version: 5 title: "t6" } change_time { seconds: 7
} })"},
    {"2a5b0a047363693110021801221b0a037069341203736935180622070a0345555210072808320274392a0e0a04706931"
     "301002180c200d280e321e0a0470693135120473693136181122070a034555521012281332037432303a020815",
     R"(lines_absorbed { source_cart_id: "sci1" source_merge_count: 2 policy: MERGE_POLICY_SUM lines {
product_id: "pi4" seller_id: "si5" quantity: 6 unit_price { currency_code: "EUR" minor_units:
7 } offer_version: 8 title: "t9" } outcomes { product_id: "pi10" result: RESULT_COMBINED
source_quantity: 12 previous_quantity: 13 quantity: 14 } moved_lines { product_id: "pi15"
seller_id: "si16" quantity: 17 unit_price { currency_code: "EUR" minor_units: 18 }
offer_version: 19 title: "t20" } change_time { seconds: 21 } })"},
    {"32290a0474636931121b0a037069321203736933180422070a034555521005280632027437180822020809",
     R"(merged { target_cart_id: "tci1" moved_lines { product_id: "pi2" seller_id: "si3" quantity: 4
unit_price { currency_code: "EUR" minor_units: 5 } offer_version: 6 title: "t7" } merge_count:
8 change_time { seconds: 9 } })"},
    {"3a090a0363693112020802", R"(frozen { checkout_id: "ci1" expire_time { seconds: 2 } })"},
    {"420b0a0363693110011a026e33",
     R"(unfrozen { checkout_id: "ci1" reason: REASON_CHECKOUT_ENDED note: "n3" })"},
    {"4a260a03636931121b0a037069321203736933180422070a0345555210052806320274371a020808",
     R"(completed { checkout_id: "ci1" lines { product_id: "pi2" seller_id: "si3" quantity: 4
unit_price { currency_code: "EUR" minor_units: 5 } offer_version: 6 title: "t7" }
complete_time { seconds: 8 } })"},
    {"52210a1b0a037069311203736932180322070a03455552100428053202743612020807",
     R"(expired { lines { product_id: "pi1" seller_id: "si2" quantity: 3 unit_price { currency_code:
"EUR" minor_units: 4 } offer_version: 5 title: "t6" } expire_time { seconds: 7 } })"},
    {"5a040a020801", R"(expiry_postponed { expire_time { seconds: 1 } })"},
};

const std::vector<Golden> kOfferEvents = {
    {"0a1f0a1d0a0370693112037369321a02743322070a034555521004280130053806",
     R"(recorded { offer { product_id: "pi1" seller_id: "si2" title: "t3" price { currency_code: "EUR"
minor_units: 4 } saleable: true available_quantity: 5 offer_version: 6 } })"},
};

TEST_CASE("stored events of a cart read as they were written") {
  CHECK(CheckGolden<Cart>(kCartEvents).cart_id() == "ci1");
}

TEST_CASE("stored events of an offer read as they were written") {
  CHECK(CheckGolden<Offer>(kOfferEvents).offer().product_id() == "pi1");
}

}  // namespace
}  // namespace souk::cart
