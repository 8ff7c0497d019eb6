// The heads with attention in training: they learn, and a resumed training is the same training.
#include <cmath>

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

/// The last epoch's event; what a training says of itself may stand after it.
nlohmann::json last_epoch(const fs::path& run) {
  nlohmann::json out;
  for (const auto& event : events(run)) {
    if (event.contains("loss")) out = event;
  }
  return out;
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

TEST_CASE("heads with attention: what they learn holds on clips they have not seen",
          "[train][slow]") {
  for (const auto& options : attention_heads()) {
    const auto run = new_run();
    run_training(run,
                 joined(small(options),
                        {"data.synth.clips=48", "data.synth.seconds=3", "features.stack=3",
                         "train.max_epochs=30", "train.batch_frames=240", "train.segment_frames=60",
                         "train.lr=4e-3", "train.warmup=0.1", "train.checkpoint_every=100"}));
    const double nmse = last_epoch(run).at("valid").at("nmse");  // the training mean has 1
    INFO(options[0] << ": " << nmse);
    CHECK(nmse < 0.7);
  }
}

TEST_CASE("heads with attention: bf16 is near fp32, and not the same", "[train][slow]") {
  for (const auto& options : attention_heads()) {
    INFO(options[0]);
    const auto loss = [&](const std::string& precision) -> double {
      const auto run = new_run();
      run_training(run, joined(small(options), {"train.max_epochs=4", "train.schedule=constant",
                                                "train.precision=" + precision}));
      return last_epoch(run).at("loss");
    };
    const double wide = loss("fp32"), narrow = loss("bf16");
    CHECK(narrow == Approx(wide).epsilon(0.1));
    CHECK(narrow != wide);
  }
}
