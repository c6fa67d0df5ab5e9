#include "libs/module/host.h"
#include "services/notification/module.h"

int main(int argc, char** argv) {
  return souk::RunHost("souk-notification", argc, argv, {souk::notification::NotificationModule()});
}
