#include "absl/strings/str_replace.h"
#include "libs/base/principal.h"
#include "tests/contract/story.h"

namespace souk::contract {

const std::vector<Line>& Story() {
  constexpr Access kPublic = Access::kPublic;
  static const std::vector<Line> kStory = {
      // Ann opens her shop.
      {"RegisterSeller", "seller/ann",
       R"(seller_id: "ann" shop_name: "Ann's lamps" contact_name: "Ann" contact_email: "ann@shops.example"
          language_code: "en")",
       "seller=seller.seller_id", kPublic},
      {"ApproveSeller", "operator/o", R"(seller_id: "$seller")"},

      // Another shop, which everything is hidden from.
      {"RegisterSeller", "seller/bob",
       R"(seller_id: "bob" shop_name: "Bob" contact_name: "Bob" contact_email: "bob@shops.example"
          language_code: "en")"},
      {"ApproveSeller", "operator/o", R"(seller_id: "bob")"},

      {"GetSeller", "guest", R"(seller_id: "$seller")", "", kPublic},
      {"ListSellers", "operator/o", "", "", kPublic},
      {"UpdateSeller", "seller/ann", R"(seller_id: "$seller" story: "Lamps." shop_note: "Thank you!")"},
      {"ScheduleVacation", "seller/ann",
       R"(seller_id: "$seller" vacation { start_time { seconds: 1780000000 } end_time { seconds: 1781000000 }
          message: "Away" })"},
      {"EndVacation", "seller/ann", R"(seller_id: "$seller")"},
      {"GetSellerContact", "service/notification", R"(seller_id: "$seller")"},
      {"DefineDeliveryProfile", "seller/ann",
       R"(seller_id: "$seller" profile { display_name: "Parcels" time_zone: "Europe/Berlin" handling_days_max: 1
            zones { display_name: "Germany" region_codes: "DE" options {
              option_id: "standard" display_name: "Standard" carrier: "DHL" transit_days_max: 3
              cost { flat { currency_code: "EUR" minor_units: 490 } } } } })",
       "profile=profile.profile_id"},
      {"GetDeliveryProfile", "seller/ann", R"(profile_id: "$profile")"},
      {"ListDeliveryProfiles", "seller/ann", R"(seller_id: "$seller")"},
      {"CreateProduct", "seller/ann",
       R"(seller_id: "$seller" texts { language_code: "en" title: "Lamp" description: "Bright." }
          category: "home" weight_grams: 500)",
       "product=product.product_id"},
      {"UploadMedia", "seller/ann", R"(start { seller_id: "$seller" })", "media=media.media_id"},
      {"AttachMedia", "seller/ann", R"(product_id: "$product" media_id: "$media" alt_text: "A lamp")"},
      {"ReorderMedia", "seller/ann", R"(product_id: "$product" media_ids: "$media")"},
      {"SetPrice", "seller/ann",
       R"(product_id: "$product" price { currency_code: "EUR" minor_units: 1800 })"},
      {"SetDeliveryProfile", "seller/ann", R"(product_id: "$product" delivery_profile_id: "$profile")"},
      {"ReviseProduct", "seller/ann", R"(product_id: "$product" category: "lamps")"},
      {"ReceiveStock", "seller/ann", R"(product_id: "$product" quantity: 50)"},
      {"AdjustStock", "seller/ann", R"(product_id: "$product" delta: -1 reason: "broken")"},
      {"SetLowStockLevel", "seller/ann", R"(product_id: "$product" low_level: 7)"},
      {"GetStock", "seller/ann", R"(product_id: "$product")"},
      {"PublishProduct", "seller/ann", R"(product_id: "$product")"},
      {"DownloadMedia", "guest", R"(media_id: "$media")", "", kPublic},
      {"GetProduct", "guest", R"(product_id: "$product")", "", kPublic},
      {"ListProducts", "guest", R"(seller_id: "$seller")", "", kPublic},
      {"SearchProducts", "guest", R"(text: "lamp")", "", kPublic},
      {"ListDeliveryOffers", "guest",
       R"(lines { product_id: "$product" quantity: 1 weight_grams: 500 profile_id: "$profile"
            unit_price { currency_code: "EUR" minor_units: 1800 } } destination { region_code: "DE" })",
       "", kPublic},
      {"QuoteDelivery", "service/order",
       R"(seller_id: "$seller" lines { product_id: "$product" quantity: 1 weight_grams: 500
            profile_id: "$profile" unit_price { currency_code: "EUR" minor_units: 1800 } }
          destination { region_code: "DE" postal_code: "10115" })",
       "quote=quotes.quote_id"},
      {"GetQuote", "service/order", R"(quote_id: "$quote")"},
      {"GetOffers", "service/cart", R"(product_ids: "$product" currency_code: "EUR")", "", kPublic},
      {"HoldStock", "service/order",
       R"(product_id: "$product" hold_id: "hold-1" quantity: 1 expire_time { seconds: 1772460000 })"},
      {"ExtendHold", "service/order",
       R"(product_id: "$product" hold_id: "hold-1" expire_time { seconds: 1772460001 })"},
      {"ReleaseHold", "service/order", R"(product_id: "$product" hold_id: "hold-1")"},
      {"HoldStock", "service/order",
       R"(product_id: "$product" hold_id: "hold-2" quantity: 1 expire_time { seconds: 1772460000 })"},
      {"CommitHold", "service/order", R"(product_id: "$product" hold_id: "hold-2" order_id: "other")"},

      // A guest's cart, and Carla's, who signs in.
      {"CreateCart", "guest/token-1", "", "guest_cart=cart.cart_id", kPublic},
      {"AddItem", "guest/token-1", R"(cart_id: "$guest_cart" product_id: "$product" quantity: 1)"},
      {"CreateCart", "buyer/carla", "", "cart=cart.cart_id", kPublic},
      {"MergeCarts", "buyer/carla",
       R"(cart_id: "$cart" guest_cart_id: "$guest_cart" guest_token: "token-1")"},
      {"SetItemQuantity", "buyer/carla", R"(cart_id: "$cart" product_id: "$product" quantity: 2)"},
      {"GetCart", "buyer/carla", R"(cart_id: "$cart")"},
      {"ListCarts", "buyer/carla", "", "", kPublic},
      {"FreezeCart", "service/order",
       R"(cart_id: "$cart" checkout_id: "checkout-0" buyer_id: "carla" expire_time { seconds: 1772460000 })"},
      {"UnfreezeCart", "service/order", R"(cart_id: "$cart" checkout_id: "checkout-0")"},

      // She checks out.
      {"StartCheckout", "buyer/carla", R"(cart_id: "$cart" language_code: "en")",
       "checkout=checkout.checkout_id"},
      {"SetAddress", "buyer/carla",
       R"(checkout_id: "$checkout" contact { contact_name: "Carla" email: "carla@buyers.example"
          address { region_code: "DE" postal_code: "10115" locality: "Berlin" address_lines: "Street 1" } })"},
      {"SelectDelivery", "buyer/carla",
       R"(checkout_id: "$checkout" seller_id: "$seller" option_id: "standard")"},
      {"SelectPaymentMethod", "buyer/carla",
       R"(checkout_id: "$checkout" method: PAYMENT_METHOD_BANK_TRANSFER)"},
      {"GetCheckout", "buyer/carla", R"(checkout_id: "$checkout")"},
      {"PlaceOrder", "buyer/carla",
       R"(checkout_id: "$checkout" expected_total { currency_code: "EUR" minor_units: 4090 })",
       "order=checkout.order_ids"},
      {"GetOrderGroup", "buyer/carla", R"(group_id: "$checkout")",
       "intent=order_group.orders.snapshot.payment_intent_id"},
      {"GetOrder", "buyer/carla", R"(order_id: "$order")"},
      {"ListOrders", "buyer/carla", R"(buyer_id: "carla")"},
      {"GetOrderCounters", "seller/ann", R"(seller_id: "$seller")"},
      {"GetOrderJourney", "buyer/carla", R"(order_id: "$order")"},
      {"GetOrderContact", "service/notification", R"(order_id: "$order")"},
      {"GetPaymentIntent", "buyer/carla", R"(intent_id: "$intent")",
       "reference=payment_intent.bank_transfer.reference"},
      {"RecordFunds", "operator/o",
       R"(reference: "$reference" amount { currency_code: "EUR" minor_units: 4095 })"},

      // Ann sends the lamps.
      {"AttachPersonalNote", "seller/ann", R"(order_id: "$order" note: "Thank you!")"},
      {"PackShipment", "seller/ann", R"(order_id: "$order")"},
      {"DispatchShipment", "seller/ann", R"(order_id: "$order" carrier: "DHL" tracking_code: "T1")",
       "shipment=shipment.shipment_id"},
      {"RecordScan", "operator/o", R"(carrier: "DHL" tracking_code: "T1" status: SCAN_STATUS_IN_TRANSIT)"},
      {"GetShipment", "buyer/carla", R"(shipment_id: "$shipment")"},
      {"ListShipments", "seller/ann", R"(seller_id: "$seller")"},
      {"ListNotifications", "buyer/carla", R"(recipient: "buyer/carla")",
       "notification=notifications.notification_id"},
      {"GetNotification", "buyer/carla", R"(notification_id: "$notification")"},
      {"SetPreference", "buyer/carla", R"(category: CATEGORY_REVIEWS enabled: false)", "", kPublic},
      {"GetPreferences", "buyer/carla", R"(recipient: "buyer/carla")"},
      {"PreviewNotification", "seller/ann", R"(template_name: "order_dispatched" note: "Hello")", "",
       kPublic},

      // It arrives; the money moves.
      {.method = "ConfirmReceipt",
       .caller = "buyer/carla",
       .request = R"(order_id: "$order")",
       .keep = "",
       .access = Access::kOwned,
       .days = 2},
      {"SubmitReview", "buyer/carla", R"(order_id: "$order" line_id: "1" score: 5 text: "Bright!")",
       "review=review.review_id"},
      {"AnswerReview", "seller/ann", R"(review_id: "$review" text: "Thank you!")"},
      {"ListReviews", "guest", R"(product_id: "$product")", "", kPublic},
      {"GetBalance", "seller/ann", R"(seller_id: "$seller")"},
      {"ListLedgerEntries", "seller/ann", R"(seller_id: "$seller")"},
      {"GetTrialBalance", "operator/o", "", "", kPublic},
      {"AddBankAccount", "seller/ann", R"(seller_id: "$seller" holder: "Ann" iban: "DE89370400440532013000")",
       "account=bank_account.bank_account_id"},
      {"ListBankAccounts", "seller/ann", R"(seller_id: "$seller")"},
      {"VerifyBankAccount", "operator/o", R"(bank_account_id: "$account")"},
      {"RequestPayout", "seller/ann",
       R"(seller_id: "$seller" amount { currency_code: "EUR" minor_units: 1000 } bank_account_id: "$account")",
       "payout=payout.payout_id"},
      {"GetPayout", "seller/ann", R"(payout_id: "$payout")"},
      {"ListPayouts", "seller/ann", R"(seller_id: "$seller")"},
      {"RefundOverpayment", "operator/o",
       R"(intent_id: "$intent" amount { currency_code: "EUR" minor_units: 5 })"},
      {"RequestRefund", "operator/o",
       R"(intent_id: "$intent" order_id: "$order" amount { currency_code: "EUR" minor_units: 100 }
          reason: "scratched")"},

      // A payment that somebody has to confirm, as the order service makes it.
      {"CreatePaymentIntent", "service/order",
       R"(intent_id: "intent-2" group_id: "group-2" buyer_id: "carla" method: PAYMENT_METHOD_CARD
          amount { currency_code: "EUR" minor_units: 1000 }
          shares { order_id: "order-2" seller_id: "$seller" amount { currency_code: "EUR" minor_units: 1000 }
                   items { currency_code: "EUR" minor_units: 1000 } shipping { currency_code: "EUR" } })",
       "intent2=payment_intent.intent_id"},
      {"AuthorizePayment", "service/order", R"(intent_id: "$intent2" card_token: "tok_action_required")"},
      {"ReadEvents", "service/order", R"(service: "order" view: VIEW_PUBLIC)", "", kPublic},
      {"ReadStream", "operator/o", R"(service: "order" aggregate: "order" aggregate_id: "$order")"},
      {"GetStatus", "operator/o", "", "", kPublic},
      {"GetStateHash", "operator/o", R"(service: "order")", "", kPublic},
      {"VerifyLog", "operator/o", R"(service: "order")", "", kPublic},
  };
  return kStory;
}

std::vector<Line> StoryOfGuest(const std::string& token) {
  const std::string id = BuyerIdOf({Principal::Kind::kGuest, token});
  std::vector<Line> lines = Story();
  for (Line& line : lines) {
    if (line.method == "MergeCarts")
      line = {"AddItem", line.caller,
              R"(cart_id: "$cart" product_id: "$product")"
              " quantity: 1"};
    if (line.caller == "buyer/carla") line.caller = "guest/" + token;
    line.request = absl::StrReplaceAll(
        line.request, {{R"("carla")", '"' + id + '"'}, {R"("buyer/carla")", R"("buyer/)" + id + '"'}});
  }
  return lines;
}

const std::vector<Aside>& Asides() {
  static const std::vector<Aside> kAsides = {
      {"PublishProduct", {"UnpublishProduct", "seller/ann", R"(product_id: "$product")"}},
      {"PublishProduct", {"ArchiveProduct", "seller/ann", R"(product_id: "$product")"}},
      {"AttachMedia", {"DetachMedia", "seller/ann", R"(product_id: "$product" media_id: "$media")"}},
      {"UpdateSeller", {"SuspendSeller", "operator/o", R"(seller_id: "$seller" reason: "fraud")"}},
      {"SetItemQuantity", {"RemoveItem", "buyer/carla", R"(cart_id: "$cart" product_id: "$product")"}},
      {"FreezeCart", {"CompleteCart", "service/order", R"(cart_id: "$cart" checkout_id: "checkout-0")"}},
      {"SetAddress", {"CancelCheckout", "buyer/carla", R"(checkout_id: "$checkout")"}},
      {"GetOrder",
       {"CancelOrder", "buyer/carla", R"(order_id: "$order" reason: CANCEL_REASON_CHANGED_MIND)"}},
      {"GetOrder", {"StopShipment", "service/order", R"(order_id: "$order" reason: "changed_mind")"}},
      {"GetOrder", {"VoidPayment", "service/order", R"(intent_id: "$intent" reason: "cancelled")"}},
      {"AddBankAccount",
       {"RejectBankAccount", "operator/o", R"(bank_account_id: "$account" reason: "wrong name")"}},
      {"ConfirmReceipt",
       {"ReturnStock", "seller/ann", R"(product_id: "$product" order_id: "$order" quantity: 1)"}},
      {"AuthorizePayment", {"ConfirmCardAction", "buyer/carla", R"(intent_id: "$intent2")"}},
      {"AuthorizePayment",
       {"ReceiveProviderEvent", "service/payment",
        R"(event_id: "event-1" reference: "$intent2" outcome: PROVIDER_OUTCOME_PENDING)"}},
      {"GetNotification",
       {.method = "RetryNotification",
        .caller = "operator/o",
        .request = R"(notification_id: "$notification")",
        .works = false}},
  };
  return kAsides;
}

}  // namespace souk::contract
