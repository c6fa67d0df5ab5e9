// The chapters of the demo in which Anna buys, from the first look at a product to her review.
#pragma once

#include "libs/base/status.h"
#include "tools/soukctl/story/demo_stage.h"

namespace souk::ctl {

Status Browse(DemoStage& stage);
Status FillCart(DemoStage& stage);
Status CheckOut(DemoStage& stage);
Status Pay(DemoStage& stage);
// Two days later, where the store's clock is set by hand.
Status Receive(DemoStage& stage);
// And the shop answers.
Status Review(DemoStage& stage);

}  // namespace souk::ctl
