// The cart service as a program of its own.
#include "libs/module/host.h"
#include "services/cart/module.h"

int main(int argc, char** argv) { return souk::RunHost("souk-cart", argc, argv, {souk::cart::CartModule()}); }
