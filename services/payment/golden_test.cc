// Stored events are kept for ever: bytes that were once written must still mean the same.
// Add to these tables; never change a line of them.
#include "libs/testing/golden.h"

#include <vector>

#include "services/payment/bank_account.h"
#include "services/payment/earning.h"
#include "services/payment/payment_intent.h"
#include "services/payment/payout.h"
#include "services/payment/provider_event.h"
#include "services/payment/seller_account.h"

namespace souk::payment {
namespace {

using testing::CheckGolden;
using testing::Golden;

const std::vector<Golden> kPaymentIntentEvents = {
    {"0a590a0c0a026969120267691a02626912070a0345555210011803220263742a2c0a026f69120273691a070a03455552"
     "100322070a0345555210042a070a03455552100532070a0345555210063201723a0169420208074a020808",
     R"(created { parties { intent_id: "ii" group_id: "gi" buyer_id: "bi" } amount { currency_code:
"EUR" minor_units: 1 } method: PAYMENT_METHOD_CASH_ON_DELIVERY card_token: "ct" shares {
order_id: "oi" seller_id: "si" amount { currency_code: "EUR" minor_units: 3 } items {
currency_code: "EUR" minor_units: 4 } shipping { currency_code: "EUR" minor_units: 5 }
commission { currency_code: "EUR" minor_units: 6 } } reference: "r" iban: "i" deadline {
seconds: 7 } create_time { seconds: 8 } })"},
    {"12070a017212026374", R"(authorization_started { reference: "r" card_token: "ct" })"},
    {"1a140a0c0a026969120267691a0262691201721a0175",
     R"(action_required { parties { intent_id: "ii" group_id: "gi" buyer_id: "bi" } reference: "r"
url: "u" })"},
    {"22200a0c0a026969120267691a0262691201721a070a034555521001220208022801",
     R"(authorized { parties { intent_id: "ii" group_id: "gi" buyer_id: "bi" } reference: "r" amount {
currency_code: "EUR" minor_units: 1 } expire_time { seconds: 2 } unwanted: true })"},
    {"2a190a0c0a026969120267691a0262691201721a02646320012801",
     R"(declined { parties { intent_id: "ii" group_id: "gi" buyer_id: "bi" } reference: "r"
decline_code: "dc" retryable: true unwanted: true })"},
    {"32050a01721001", R"(outcome_pending { reference: "r" attempts: 1 })"},
    {"3a1a0a0c0a026969120267691a0262691201721a016f22026f692801",
     R"(outcome_unknown { parties { intent_id: "ii" group_id: "gi" buyer_id: "bi" } reference: "r"
operation: "o" order_id: "oi" attempts: 1 })"},
    {"42030a0172", R"(void_requested { reason: "r" })"},
    {"4a060a0172120172", R"(void_started { reference: "r" reason: "r" })"},
    {"52070a017212026663", R"(void_failed { reference: "r" failure_code: "fc" })"},
    {"5a140a0c0a026969120267691a0262691201721a0172",
     R"(voided { parties { intent_id: "ii" group_id: "gi" buyer_id: "bi" } reason: "r" reference: "r"
})"},
    {"62100a026f691201721a070a034555521001",
     R"(capture_claimed { order_id: "oi" reference: "r" amount { currency_code: "EUR" minor_units: 1 }
})"},
    {"6a4b0a0c0a026969120267691a02626912026f691a02736922070a0345555210012a070a03455552100230013a017242"
     "1c0a02656910051a0163220273692a02636332050a016110053a020806",
     R"(share_captured { parties { intent_id: "ii" group_id: "gi" buyer_id: "bi" } order_id: "oi"
seller_id: "si" amount { currency_code: "EUR" minor_units: 1 } commission { currency_code:
"EUR" minor_units: 2 } method: PAYMENT_METHOD_CARD reference: "r" entry { entry_id: "ei" rule:
RULE_EARNINGS_ACCRUED cause: "c" seller_id: "si" currency_code: "cc" postings { account: "a"
minor_units: 5 } post_time { seconds: 6 } } })"},
    {"721d0a0c0a026969120267691a02626912026f691a0273692201722a026663",
     R"(capture_failed { parties { intent_id: "ii" group_id: "gi" buyer_id: "bi" } order_id: "oi"
seller_id: "si" reference: "r" failure_code: "fc" })"},
    {"7a070a026f69120172", R"(share_cancelled { order_id: "oi" reason: "r" })"},
    {"8201040a026f69", R"(order_received { order_id: "oi" })"},
    {"8a01550a0c0a026969120267691a02626912026f691a02726922070a0345555210012a070a03455552100232070a0345"
     "555210033801420208044a1c0a02656910061a0163220273692a02636332050a016110063a020807",
     R"(funds_received { parties { intent_id: "ii" group_id: "gi" buyer_id: "bi" } order_ids: "oi"
receipt_id: "ri" amount { currency_code: "EUR" minor_units: 1 } received { currency_code:
"EUR" minor_units: 2 } outstanding { currency_code: "EUR" minor_units: 3 } full: true
occur_time { seconds: 4 } entry { entry_id: "ei" rule: RULE_EARNINGS_RELEASED cause: "c"
seller_id: "si" currency_code: "cc" postings { account: "a" minor_units: 6 } post_time {
seconds: 7 } } })"},
    {"9201120a0c0a026969120267691a02626912026f69",
     R"(expired { parties { intent_id: "ii" group_id: "gi" buyer_id: "bi" } order_ids: "oi" })"},
    {"9a01540a0c0a026969120267691a026269120272691a026f69220273692a070a03455552100132070a0345555210023a"
     "01724201724a020803521c0a02656910051a0163220273692a02636332050a016110053a020806",
     R"(refund_requested { parties { intent_id: "ii" group_id: "gi" buyer_id: "bi" } refund_id: "ri"
order_id: "oi" seller_id: "si" amount { currency_code: "EUR" minor_units: 1 } commission {
currency_code: "EUR" minor_units: 2 } reason: "r" reference: "r" create_time { seconds: 3 }
entry { entry_id: "ei" rule: RULE_EARNINGS_ACCRUED cause: "c" seller_id: "si" currency_code:
"cc" postings { account: "a" minor_units: 5 } post_time { seconds: 6 } } })"},
    {"a201440a0c0a026969120267691a026269120272691a026f69220273692a070a0345555210013201723a1c0a02656910"
     "031a0163220273692a02636332050a016110033a020804",
     R"(refund_succeeded { parties { intent_id: "ii" group_id: "gi" buyer_id: "bi" } refund_id: "ri"
order_id: "oi" seller_id: "si" amount { currency_code: "EUR" minor_units: 1 } reference: "r"
entry { entry_id: "ei" rule: RULE_FUNDS_APPLIED cause: "c" seller_id: "si" currency_code: "cc"
postings { account: "a" minor_units: 3 } post_time { seconds: 4 } } })"},
    {"aa01480a0c0a026969120267691a026269120272691a026f69220273692a070a0345555210013201723a026663421c0a"
     "02656910031a0163220273692a02636332050a016110033a020804",
     R"(refund_failed { parties { intent_id: "ii" group_id: "gi" buyer_id: "bi" } refund_id: "ri"
order_id: "oi" seller_id: "si" amount { currency_code: "EUR" minor_units: 1 } reference: "r"
failure_code: "fc" entry { entry_id: "ei" rule: RULE_FUNDS_APPLIED cause: "c" seller_id: "si"
currency_code: "cc" postings { account: "a" minor_units: 3 } post_time { seconds: 4 } } })"},
};

const std::vector<Golden> kEarningEvents = {
    {"0a1a0a02736912026f691a070a03455552100122070a034555521002",
     R"(accrued { seller_id: "si" order_id: "oi" amount { currency_code: "EUR" minor_units: 1 }
commission { currency_code: "EUR" minor_units: 2 } })"},
    {"12110a02736912026f691a070a034555521001",
     R"(released { seller_id: "si" order_id: "oi" amount { currency_code: "EUR" minor_units: 1 } })"},
    {"1a060a0272691001", R"(refund_reserved { refund_id: "ri" from_pending: 1 })"},
    {"22060a0272691001", R"(refund_restored { refund_id: "ri" to_pending: 1 })"},
};

const std::vector<Golden> kSellerAccountEvents = {
    {"0a1e0a1c0a02656910021a0163220273692a02636332050a016110023a020803",
     R"(entry_posted { entry { entry_id: "ei" rule: RULE_FUNDS_RECEIVED cause: "c" seller_id: "si"
currency_code: "cc" postings { account: "a" minor_units: 2 } post_time { seconds: 3 } } })"},
};

const std::vector<Golden> kBankAccountEvents = {
    {"0a210a03626169120273691a060a017312017822060a01731201782a02697332020801",
     R"(added { bank_account_id: "bai" seller_id: "si" holder { subject: "s" ciphertext: "x" } iban {
subject: "s" ciphertext: "x" } iban_suffix: "is" create_time { seconds: 1 } })"},
    {"12090a0362616912027369", R"(verified { bank_account_id: "bai" seller_id: "si" })"},
    {"1a030a0172", R"(rejected { reason: "r" })"},
    {"22030a0172", R"(blocked { reason: "r" })"},
};

const std::vector<Golden> kPayoutEvents = {
    {"0a1a0a027069120273691a070a03455552100122036261692a020802",
     R"(requested { payout_id: "pi" seller_id: "si" amount { currency_code: "EUR" minor_units: 1 }
bank_account_id: "bai" create_time { seconds: 2 } })"},
    {"12020801", R"(accepted { attempts: 1 })"},
    {"1a020801", R"(outcome_unknown { attempts: 1 })"},
    {"22150a027069120273691a070a03455552100122020802",
     R"(paid { payout_id: "pi" seller_id: "si" amount { currency_code: "EUR" minor_units: 1 } end_time
{ seconds: 2 } })"},
    {"2a190a027069120273691a070a034555521001220266632a020802",
     R"(failed { payout_id: "pi" seller_id: "si" amount { currency_code: "EUR" minor_units: 1 }
failure_code: "fc" end_time { seconds: 2 } })"},
};

const std::vector<Golden> kProviderEvents = {
    {"0a090a017210021a026663",
     R"(received { reference: "r" outcome: PROVIDER_OUTCOME_FAILED failure_code: "fc" })"},
    {"12020801", R"(deferred { attempts: 1 })"},
    {"1a00", R"(applied { })"},
    {"2200", R"(set_aside { })"},
};

TEST_CASE("stored events of a payment read as they were written") {
  CheckGolden<PaymentIntent>(kPaymentIntentEvents);
}

TEST_CASE("stored events of an earning read as they were written") { CheckGolden<Earning>(kEarningEvents); }

TEST_CASE("stored events of a seller's account read as they were written") {
  CheckGolden<SellerAccount>(kSellerAccountEvents);
}

TEST_CASE("stored events of a bank account read as they were written") {
  CheckGolden<BankAccount>(kBankAccountEvents);
}

TEST_CASE("stored events of a payout read as they were written") { CheckGolden<Payout>(kPayoutEvents); }

TEST_CASE("stored events of a provider's message read as they were written") {
  CheckGolden<ProviderEvent>(kProviderEvents);
}

}  // namespace
}  // namespace souk::payment
