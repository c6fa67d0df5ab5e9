// A delivery profile that tests start from.
#pragma once

#include "libs/testing/spec.h"
#include "services/shipping/delivery_profile.h"

namespace souk::shipping {

// Standard and express to Germany, where one island is not served, and standard to Austria
// for light parcels.
inline v1::DeliveryProfile ParcelProfile() {
  return testing::FromText<v1::DeliveryProfile>(R"(
      profile_id: "parcels" seller_id: "s" display_name: "Parcels" time_zone: "Europe/Berlin"
      cutoff_minute_of_day: 840 handling_days_min: 1 handling_days_max: 2
      zones {
        display_name: "Germany" region_codes: "DE" excluded_postal_prefixes: "27498"
        options {
          option_id: "standard" display_name: "Standard" carrier: "DHL" carrier_service: "Paket"
          cost { flat { currency_code: "EUR" minor_units: 490 }
                 free_over { currency_code: "EUR" minor_units: 5000 } }
          transit_days_min: 2 transit_days_max: 3
        }
        options {
          option_id: "express" display_name: "Express" carrier: "DHL" carrier_service: "Express"
          cost { flat { currency_code: "EUR" minor_units: 900 }
                 per_kilogram { currency_code: "EUR" minor_units: 100 } }
          transit_days_min: 1 transit_days_max: 1
        }
      }
      zones {
        display_name: "Austria" region_codes: "AT"
        options {
          option_id: "standard" display_name: "Standard" carrier: "DHL" carrier_service: "Paket"
          cost { per_item { currency_code: "EUR" minor_units: 300 } }
          transit_days_min: 3 transit_days_max: 5 weight_grams_max: 5000
        }
      })");
}

}  // namespace souk::shipping
