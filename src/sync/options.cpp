#include "sync/options.h"

#include "core/text.h"

namespace kuchi::sync {
namespace {

constexpr const char* kCorrect =
    "none: lags are told and left; deviation: a clip's curves are moved in time by what its lag "
    "differs from the set's median";
constexpr const char* kDrift = "a drift between sound and curves is taken out of the curves' times";
constexpr const char* kConfidence = "clips of which less is sure are left as they are";
constexpr const char* kOver =
    "a deviation that is not over it, or a drift that adds no more, is left";

}  // namespace

void describe(config::Section& section, Options& options) {
  section.about("What is done about sound and curves that are not together; see docs/sync.md.");
  section.add("correct", options.correct).choices({"none", "deviation"}).help(kCorrect);
  section.add("drift", options.drift).help(kDrift);
  section.add("confidence", options.confidence).at_least(0).at_most(1).help(kConfidence);
  section.add("over_ms", options.over_ms).at_least(0).at_most(500).unit("ms").help(kOver);
}

void describe(config::Section& section, Override& override) {
  section.about(
      "What is done about sound and curves that are not together, when a recipe is prepared. What "
      "is not given here is as the recipe has it; see docs/sync.md.");
  section.add("correct", override.correct)
      .choices({"auto", "none", "deviation"})
      .help(cat("auto: as the recipe has it; ", kCorrect));
  section.add("drift", override.drift)
      .choices({"auto", "true", "false"})
      .help(cat("auto: as the recipe has it; true: ", kDrift));
  section.add("confidence", override.confidence)
      .at_most(1)
      .help(cat(kConfidence, "; negative: as the recipe has it"));
  section.add("over_ms", override.over_ms)
      .at_most(500)
      .unit("ms")
      .help(cat(kOver, "; negative: as the recipe has it"));
}

Options with(Options base, const Override& override) {
  if (override.correct != "auto") base.correct = override.correct;
  if (override.drift != "auto") base.drift = override.drift == "true";
  if (override.confidence >= 0) base.confidence = override.confidence;
  if (override.over_ms >= 0) base.over_ms = override.over_ms;
  return base;
}

bool corrects(const Options& options) { return options.correct != "none" || options.drift; }

std::string signature(const Options& options) {
  if (!corrects(options)) return "";
  return cat(options.correct, options.drift ? "+drift" : "", " ", number(options.confidence), " ",
             number(options.over_ms));
}

}  // namespace kuchi::sync
