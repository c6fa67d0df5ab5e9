// The catalogue as a program of its own.
#include "libs/module/host.h"
#include "services/catalog/module.h"

int main(int argc, char** argv) {
  return souk::RunHost("souk-catalog", argc, argv, {souk::catalog::CatalogModule()});
}
