// The shipping service as a program of its own.
#include "libs/module/host.h"
#include "services/shipping/module.h"

int main(int argc, char** argv) {
  return souk::RunHost("souk-shipping", argc, argv, {souk::shipping::ShippingModule()});
}
