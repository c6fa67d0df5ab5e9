#include "libs/module/host.h"
#include "services/payment/module.h"

int main(int argc, char** argv) {
  return souk::RunHost("souk-payment", argc, argv, {souk::payment::PaymentModule()});
}
