#include "libs/module/host.h"
#include "services/order/module.h"

int main(int argc, char** argv) {
  return souk::RunHost("souk-order", argc, argv, {souk::order::OrderModule()});
}
