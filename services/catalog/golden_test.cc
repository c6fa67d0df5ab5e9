// Stored events are kept for ever: bytes that were once written must still mean the same.
// Add to these tables; never change a line of them.
#include "libs/testing/golden.h"

#include <vector>

#include "services/catalog/media.h"
#include "services/catalog/product.h"
#include "services/catalog/review.h"
#include "services/catalog/seller.h"
#include "services/catalog/stock.h"

namespace souk::catalog {
namespace {

using testing::CheckGolden;
using testing::Golden;

const std::vector<Golden> kSellerEvents = {
    {"0a2c0a017312016e1a02656e220d0a0873656c6c65722f731201782a0d0a0873656c6c65722f7312017932020801",
     R"pb(registered {
            seller_id: "s"
            shop_name: "n"
            language_code: "en"
            contact_name { subject: "seller/s" ciphertext: "x" }
            contact_email { subject: "seller/s" ciphertext: "y" }
            register_time { seconds: 1 }
          })pb"},
    {"12030a0173", R"pb(approved { seller_id: "s" })pb"},
    {"1a060a0173120172", R"pb(suspended { seller_id: "s" reason: "r" })pb"},
    {"22030a0173", R"pb(reinstated { seller_id: "s" })pb"},
    {"2a160a017312016e1a017422016f2a016d3201723a02656e",
     R"pb(profile_changed {
            seller_id: "s"
            shop_name: "n"
            story: "t"
            shop_note: "o"
            photo_media_id: "m"
            return_terms: "r"
            language_code: "en"
          })pb"},
    {"32100a0173120b0a020802120208031a0176",
     R"pb(vacation_scheduled {
            seller_id: "s"
            vacation {
              start_time { seconds: 2 }
              end_time { seconds: 3 }
              message: "v"
            }
          })pb"},
    {"3a030a0173", R"pb(vacation_started { seller_id: "s" })pb"},
    {"42050a01731001", R"pb(vacation_ended { seller_id: "s" had_started: true })pb"},
    {"4a0a0a01731203702e721804", R"pb(rated { seller_id: "s" review_id: "p.r" score: 4 })pb"},
};

const std::vector<Golden> kProductEvents = {
    {"0a1b0a01701201731a0a0a02656e1201741a0164220163280732020801",
     R"pb(created {
            product_id: "p"
            seller_id: "s"
            texts { language_code: "en" title: "t" description: "d" }
            category: "c"
            weight_grams: 7
            create_time { seconds: 1 }
          })pb"},
    {"12110a0a0a02656e1201741a01641201631808",
     R"pb(described {
            texts { language_code: "en" title: "t" description: "d" }
            category: "c"
            weight_grams: 8
          })pb"},
    {"1a170a150a016d1201611a09696d6167652f706e6720032802",
     R"pb(media_attached {
            media { media_id: "m" alt_text: "a" content_type: "image/png" width: 3 height: 2 }
          })pb"},
    {"22030a016d", R"pb(media_detached { media_id: "m" })pb"},
    {"2a060a016d0a016e", R"pb(media_reordered { media_ids: "m" media_ids: "n" })pb"},
    {"320d0a070a03455552100512020802", R"pb(price_set {
                                              price { currency_code: "EUR" minor_units: 5 }
                                              start_time { seconds: 2 }
                                            })pb"},
    {"3a030a0164", R"pb(delivery_profile_set { delivery_profile_id: "d" })pb"},
    {"420a0a01701201731a020803", R"pb(published {
                                        product_id: "p"
                                        seller_id: "s"
                                        publish_time { seconds: 3 }
                                      })pb"},
    {"4a060a0170120173", R"pb(unpublished { product_id: "p" seller_id: "s" })pb"},
    {"52060a0170120173", R"pb(archived { product_id: "p" seller_id: "s" })pb"},
    {"5a0408021002",
     R"pb(availability_changed { availability: AVAILABILITY_BAND_LOW available_quantity: 2 })pb"},
    {"6206080110011803",
     R"pb(seller_availability_changed { seller_active: true seller_on_vacation: true seller_version: 3 })pb"},
    {"6a070a03702e721004", R"pb(rated { review_id: "p.r" score: 4 })pb"},
    {"721c0a1a0a01701201731a017422070a0345555210052801300138064009",
     R"pb(offer_changed {
            offer {
              product_id: "p"
              seller_id: "s"
              title: "t"
              prices { currency_code: "EUR" minor_units: 5 }
              saleable: true
              availability: AVAILABILITY_BAND_IN
              offer_version: 6
              available_quantity: 9
            }
          })pb"},
};

const std::vector<Golden> kStockEvents = {
    {"0a080a01701201731803", R"pb(opened { product_id: "p" seller_id: "s" low_level: 3 })pb"},
    {"12020805", R"pb(received { quantity: 5 })pb"},
    {"1a0e08ffffffffffffffffff01120172", R"pb(adjusted { delta: -1 reason: "r" })pb"},
    {"22020804", R"pb(low_level_set { low_level: 4 })pb"},
    {"2a090a016810021a020801", R"pb(reserved {
                                      hold_id: "h"
                                      quantity: 2
                                      expire_time { seconds: 1 }
                                    })pb"},
    {"32070a016812020802", R"pb(reservation_extended {
                                  hold_id: "h"
                                  expire_time { seconds: 2 }
                                })pb"},
    {"3a050a01681002", R"pb(reservation_expired { hold_id: "h" quantity: 2 })pb"},
    {"42050a01681002", R"pb(reservation_released { hold_id: "h" quantity: 2 })pb"},
    {"4a0a0a016812036f2e311802", R"pb(allocated { hold_id: "h" order_id: "o.1" quantity: 2 })pb"},
    {"52070a036f2e311001", R"pb(allocation_released { order_id: "o.1" quantity: 1 })pb"},
    {"5a070a036f2e311001", R"pb(dispatched { order_id: "o.1" quantity: 1 })pb"},
    {"62070a036f2e311001", R"pb(returned { order_id: "o.1" quantity: 1 })pb"},
    {"6a090a036f2e3110011802",
     R"pb(settled_early { order_id: "o.1" released_quantity: 1 dispatched_quantity: 2 })pb"},
    {"72080a01701201731803", R"pb(low_reached { product_id: "p" seller_id: "s" available_quantity: 3 })pb"},
    {"7a060a0170120173", R"pb(depleted { product_id: "p" seller_id: "s" })pb"},
    {"8201080a01701201731801", R"pb(replenished { product_id: "p" seller_id: "s" available_quantity: 1 })pb"},
};

const std::vector<Golden> kMediaEvents = {
    {"0a1e0a016d1201731a016620092a09696d6167652f706e673003380242020801",
     R"pb(received {
            media_id: "m"
            seller_id: "s"
            sha256: "f"
            size_bytes: 9
            content_type: "image/png"
            width: 3
            height: 2
            receive_time { seconds: 1 }
          })pb"},
};

const std::vector<Golden> kReviewEvents = {
    {"0a1e0a03702e721201701a01732201622a036f2e3132016c3a02080142020802",
     R"pb(purchase_recorded {
            review_id: "p.r"
            product_id: "p"
            seller_id: "s"
            buyer_id: "b"
            order_id: "o.1"
            line_id: "l"
            purchase_time { seconds: 1 }
            promise_time { seconds: 2 }
          })pb"},
    {"12040a020803", R"pb(purchase_dispatched { dispatch_time { seconds: 3 } })pb"},
    {"1a040a020804", R"pb(purchase_received { receive_time { seconds: 4 } })pb"},
    {"2200", R"pb(purchase_cancelled {})pb"},
    {"2a1f0a03702e721201701a01732201622a036f2e3132016c38044201744a020805",
     R"pb(submitted {
            review_id: "p.r"
            product_id: "p"
            seller_id: "s"
            buyer_id: "b"
            order_id: "o.1"
            line_id: "l"
            score: 4
            text: "t"
            submit_time { seconds: 5 }
          })pb"},
    {"321a0a03702e721201701a01732201622a0161320208063a036f2e31",
     R"pb(answered {
            review_id: "p.r"
            product_id: "p"
            seller_id: "s"
            buyer_id: "b"
            text: "a"
            answer_time { seconds: 6 }
            order_id: "o.1"
          })pb"},
};

TEST_CASE("stored events of a seller read as they were written") {
  const v1::SellerState seller = CheckGolden<Seller>(kSellerEvents);
  CHECK(seller.availability_version() == 5);
  CHECK(seller.rating().score_sum() == 4);
}

TEST_CASE("stored events of a product read as they were written") {
  const v1::ProductState product = CheckGolden<Product>(kProductEvents);
  CHECK(product.offer().offer_version() == 6);
  CHECK(product.weight_grams() == 8);
}

TEST_CASE("stored events of a stock read as they were written") {
  const v1::StockState stock = CheckGolden<Stock>(kStockEvents);
  CHECK(stock.on_hand() == 4);
  CHECK(stock.low_level() == 4);
}

TEST_CASE("stored events of a photo read as they were written") {
  CHECK(CheckGolden<Media>(kMediaEvents).width() == 3);
}

TEST_CASE("stored events of a review read as they were written") {
  const v1::ReviewState review = CheckGolden<Review>(kReviewEvents);
  CHECK(review.score() == 4);
  CHECK(review.answer() == "a");
}

}  // namespace
}  // namespace souk::catalog
