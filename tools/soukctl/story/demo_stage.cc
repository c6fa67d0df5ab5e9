#include "tools/soukctl/story/demo_stage.h"

#include "libs/base/money.h"
#include "libs/base/uuid.h"

namespace souk::ctl {

std::string DemoStage::RequestId(std::string_view what) const { return DerivedUuid("demo", run, what); }

std::string DemoStage::Product(const char* seller_id, const char* key) const {
  return products.at(std::string(seller_id) + "/" + key);
}

std::string Amount(const type::v1::Money& money) {
  return ToString(Money{money.minor_units(), money.currency_code()});
}

}  // namespace souk::ctl
