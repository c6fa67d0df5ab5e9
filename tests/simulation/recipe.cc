#include "tests/simulation/recipe.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "tests/simulation/stories.h"

namespace souk::simulation {

StatusOr<Plan> Recipe::Draw() const {
  ASSIGN_OR_RETURN(const FaultLevel level, ParseFaultLevel(faults));
  Plan plan = DrawPlan(seed, orders, level);
  if (!mutation.empty()) {
    ASSIGN_OR_RETURN(const Mutation* const found, FindMutation(mutation));
    plan.mutant = found->mutant;
  }
  if (!story.empty()) RETURN_IF_ERROR(CheckStory(story));
  if (!import_folder.empty()) plan.start = kImportStart;
  for (const std::string& name : without) RETURN_IF_ERROR(RemoveIngredient(name, plan));
  return plan;
}

std::string Recipe::Command() const {
  const Recipe usual;
  std::string command = absl::StrFormat("souk-sim --seed %d", seed);
  if (orders != usual.orders) command += absl::StrFormat(" --orders %d", orders);
  if (faults != usual.faults) command += " --faults " + faults;
  if (!story.empty()) command += " --story " + story;
  if (!import_folder.empty()) command += " --import " + import_folder;
  if (!mutation.empty()) command += " --mutation " + mutation;
  if (until != usual.until) command += " --until " + absl::FormatDuration(until);
  if (!without.empty()) command += " --without " + absl::StrJoin(without, ",");
  return command;
}

Outcome Simulate(const Recipe& recipe, bool trace, std::function<bool(std::string_view invariant)> enough) {
  Story story;
  if (!recipe.story.empty()) story = QuickStart(recipe.seed);
  if (!recipe.import_folder.empty()) {
    story = RecordedOrders(recipe.import_folder, static_cast<std::size_t>(recipe.orders));
  }
  return Simulate(
      *recipe.Draw(),
      {.trace = trace, .story = std::move(story), .until = recipe.until, .enough = std::move(enough)});
}

Recipe Shrink(const Recipe& recipe, const std::string& invariant, int runs) {
  const auto fails = [&](const Recipe& smaller) {
    if (runs-- <= 0) return false;
    const auto same = [&](std::string_view other) { return other == invariant; };
    const Outcome outcome = Simulate(smaller, /*trace=*/false, same);
    return std::any_of(outcome.violations.begin(), outcome.violations.end(),
                       [&](const Violation& violation) { return same(violation.invariant); });
  };
  Recipe least = recipe;
  for (int orders = least.orders / 2; orders > 0; orders /= 2) {
    Recipe smaller = least;
    smaller.orders = orders;
    if (fails(smaller)) least = smaller;
  }
  for (const Ingredient& ingredient : Ingredients()) {
    if (std::count(least.without.begin(), least.without.end(), ingredient.name) > 0) continue;
    Recipe smaller = least;
    smaller.without.push_back(ingredient.name);
    if (fails(smaller)) least = smaller;
  }
  for (int orders = least.orders - 1; orders > 0; --orders) {
    Recipe smaller = least;
    smaller.orders = orders;
    if (fails(smaller)) least = smaller;
  }
  return least;
}

}  // namespace souk::simulation
