// The people of a simulated world. Each is a coroutine that talks to Souk through a Client
// and writes what it was told into the Testimony. To add one: a file, and a line in
// SendPeople.
#pragma once

#include <string>

#include "tests/simulation/client.h"
#include "tests/simulation/world.h"

namespace souk::simulation {

// Everybody: sellers first, then buyers, as they come.
void SendPeople(World& world);

// Opens a shop, fulfils orders, is paid out. All tasks here run until they are done;
// `world` must outlive them.
Task<> RunSeller(World* world, int number);
// What else goes on in her shop while people buy.
Task<> RunHousekeeping(World* world, int number);
// One purchase, from an empty cart to the end of the order.
Task<> RunBuyer(World* world, int number);
// Fills a cart as the guest with this token, signs in and takes it along into her cart.
// Returns how many things are in that then.
Task<StatusOr<int>> BringGuestCart(World* world, Client* buyer, std::string token, std::string cart_id);
// One parcel on its way.
Task<> RunParcel(World* world, std::string carrier, std::string tracking_code);
// The carrier has a parcel of which nobody has told Souk yet.
Task<> ScanEarly(World* world, std::string carrier, std::string tracking_code);

}  // namespace souk::simulation
