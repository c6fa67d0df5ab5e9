// What people outside were told, and nothing else: the auditors' model of the business is
// made of it. A request that was never answered for certain is indefinite, and stays so.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace souk::simulation {

// How much of something there may be.
struct Range {
  std::int64_t least = 0;
  std::int64_t most = 0;
  void Add(std::int64_t amount, bool certain) {
    if (certain || amount < 0) least += amount;
    if (certain || amount > 0) most += amount;
  }
};

struct Testimony {
  struct Line {
    std::string product_id;
    std::int64_t quantity = 0;
    std::int64_t unit_price = 0;
  };
  struct Order {
    std::string order_id;
    std::string group_id;
    std::string seller_id;
    std::vector<Line> lines;
    std::int64_t total = 0;
    std::string content_hash;
    // What someone was told has happened to it.
    bool cancelled = false;
    bool dispatched = false;
    bool received = false;
  };
  struct Purchase {
    std::string buyer;  // Principal, such as "buyer/b-1".
    std::string email;
    std::string cart_id;
    std::string checkout_id;
    std::int64_t agreed_total = 0;  // Of the last PlaceOrder.
    bool asked_to_place = false;
    bool placed = false;    // PlaceOrder, or a look at the checkout, said so.
    bool given_up = false;  // The checkout was cancelled, and that was acknowledged.
  };

  std::vector<Purchase> purchases;
  std::map<std::string, Order> orders;          // By id: those that were acknowledged.
  std::map<std::string, Range> stock_received;  // By product.
  std::map<std::string, std::string> product_seller;
  std::map<std::string, std::string> seller_email;
  std::map<std::string, std::int64_t> payouts;  // By id, acknowledged.
};

}  // namespace souk::simulation
