// The chapters of the demo in which shop owners are at work, from the opening to the payout.
#pragma once

#include <string>

#include "libs/base/status.h"
#include "tools/soukctl/story/demo_stage.h"

namespace souk::ctl {

Status OpenShops(DemoStage& stage);
// With a note to the buyer, unless it is empty.
Status PackAndDispatch(DemoStage& stage, const std::string& seller_id, const std::string& note);
// From the potter's balance to her bank account.
Status MoveMoney(DemoStage& stage);

}  // namespace souk::ctl
