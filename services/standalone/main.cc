// soukd: all services in one process, on one port and one data folder.
#include "libs/module/host.h"
#include "services/cart/module.h"
#include "services/catalog/module.h"
#include "services/notification/module.h"
#include "services/order/module.h"
#include "services/payment/module.h"
#include "services/shipping/module.h"

int main(int argc, char** argv) {
  return souk::RunHost("soukd", argc, argv,
                       {souk::catalog::CatalogModule(), souk::cart::CartModule(), souk::order::OrderModule(),
                        souk::payment::PaymentModule(), souk::shipping::ShippingModule(),
                        souk::notification::NotificationModule()});
}
