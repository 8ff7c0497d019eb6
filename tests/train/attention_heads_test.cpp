// The heads with attention in training: a resumed training is the same training.
#include "catch.h"
#include "small_training.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// The head in small, with what draws at random.
Settings attention_head(const std::string& name, const Settings& options) {
  Settings all = {"model.head=" + name};
  for (const auto& option :
       joined({"width=16", "heads=2", "feed_forward=32", "layers=2", "output=[16]", "dropout=0.1"},
              options)) {
    all.push_back("model." + name + "." + option);
  }
  return all;
}

std::vector<Settings> attention_heads() {
  return {
      attention_head("transformer", {"attention=windowed", "left=8", "right=4"}),
      attention_head("transformer", {"norm=post", "positions=learned", "attention_dropout=0.1"}),
      attention_head("hybrid", {"arrangement=parallel", "hidden=8", "lstm_dropout=0.1"})};
}

}  // namespace

TEST_CASE("heads with attention: a resumed training is bit for bit the one never stopped",
          "[train][slow]") {
  for (const auto& options : attention_heads()) {
    INFO(options[0]);
    const auto whole = new_run(), parts = new_run();
    const auto settings = joined(small(options), {"train.schedule=constant"});
    run_training(whole, joined(settings, {"train.max_epochs=3"}));
    run_training(parts, joined(settings, {"train.max_epochs=1"}));
    train::resume(parts, {"train.max_epochs=3"});
    CHECK_SAME(left(whole), left(parts));
  }
}

TEST_CASE("heads with attention: loader threads change nothing", "[train][slow]") {
  for (const auto& options : attention_heads()) {
    INFO(options[0]);
    const auto one = new_run(), two = new_run();
    const auto settings = joined(small(options), {"train.max_epochs=2", "augment.rate=0.2"});
    run_training(one, joined(settings, {"train.loader_threads=1"}));
    run_training(two, joined(settings, {"train.loader_threads=2"}));
    CHECK_SAME(left(one), left(two));
  }
}
