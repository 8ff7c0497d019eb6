#include <ATen/ATen.h>

#include <cmath>
#include <functional>

#include "catch.h"
#include "edge/tensor_file.h"
#include "small_training.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

/// The constant rate does not depend on how many epochs are planned.
Settings constant(const Settings& more = {}) {
  Settings all = small({"train.schedule=constant", "train.warmup=0"});
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// The UserError's code; 0 if there is none.
int code_of(const std::function<void()>& act, std::string* text = nullptr) {
  try {
    act();
  } catch (const UserError& e) {
    if (text != nullptr) *text = e.what();
    return static_cast<int>(e.code());
  }
  return 0;
}

const Settings kEverything = {
    "train.ema=0.9",        "train.grad_accumulation=2", "augment.time_masks=1",
    "augment.band_masks=1", "augment.gain_db=6",         "augment.noise=0.1",
    "augment.band_shift=1", "augment.rate=0.2",          "augment.band_warp=0.05",
    "loss.velocity=0.001",  "model.bilstm.dropout=0.2",  "model.bilstm.lstm_dropout=0.2"};

}  // namespace

TEST_CASE("training: the same seed gives the same bytes; another seed does not", "[train][slow]") {
  const auto a = new_run(), b = new_run(), c = new_run();
  run_training(a, small(kEverything));
  run_training(b, small(kEverything));
  run_training(c, small(joined(kEverything, {"train.seed=1"})));
  CHECK_SAME(left(a), left(b));
  CHECK(events(a) == events(b));
  const bool same = left(a).model == left(c).model;
  CHECK_FALSE(same);
}

TEST_CASE("training: loader threads change nothing", "[train][slow]") {
  const auto a = new_run(), b = new_run(), c = new_run();
  run_training(a, small(joined(kEverything, {"train.loader_threads=1"})));
  run_training(b, small(joined(kEverything, {"train.loader_threads=2"})));
  run_training(c, small(joined(kEverything, {"train.loader_threads=7"})));
  CHECK_SAME(left(a), left(b));
  CHECK_SAME(left(a), left(c));
}

TEST_CASE("training: k epochs and a resume are N epochs, bit for bit", "[train][slow]") {
  const std::vector<Settings> kinds = {
      {}, {"train.ema=0.9"}, {"train.grad_accumulation=2"}, kEverything};
  for (const auto& kind : kinds) {
    const auto whole = new_run(), parts = new_run();
    run_training(whole, constant(joined(kind, {"train.max_epochs=5"})));
    run_training(parts, constant(joined(kind, {"train.max_epochs=2"})));
    train::resume(parts, {"train.max_epochs=3"});
    train::resume(parts, {"train.max_epochs=5"});
    INFO("kind of " << kind.size() << " settings");
    CHECK_SAME(left(whole), left(parts));
    CHECK(events(whole) == events(parts));
  }
}

TEST_CASE("training: a lost last checkpoint is trained again to the same", "[train][slow]") {
  const auto run = new_run();
  run_training(run, small(joined(kEverything, {"train.keep=100"})));
  const auto before = left(run);
  const auto told = events(run);
  const auto all = train::list_checkpoints(run);
  REQUIRE(all.size() >= 3);
  fs::remove(all[all.size() - 1].second / "DONE");  // as a kill would leave it
  fs::remove_all(all[all.size() - 2].second);
  train::resume(run, {});
  CHECK_SAME(left(run), before);
  CHECK(events(run) == told);
}

TEST_CASE("training: a resume of a finished run changes nothing", "[train][slow]") {
  const auto run = new_run();
  run_training(run, small());
  const auto before = left(run);
  const auto told = events(run);
  train::resume(run, {});
  CHECK_SAME(left(run), before);
  CHECK(events(run) == told);
}

TEST_CASE("training: max_steps stops at the step", "[train][slow]") {
  const auto run = new_run();
  const auto outcome = run_training(run, small({"train.max_steps=3"}));
  CHECK(outcome.steps == 3);
  CHECK(left(run).step == 3);
}

TEST_CASE("training: patience stops where validation gets no better", "[train][slow]") {
  const auto run = new_run();
  // A rate so small that float weights do not move: the first epoch is the best.
  const auto outcome = run_training(run, constant({"train.lr=1e-30", "train.patience=2",
                                                   "train.max_epochs=20", "train.weight_decay=0"}));
  CHECK(outcome.stopped_early);
  CHECK(outcome.epochs == 3);
  const auto best = train::find_checkpoint(run, "best");
  CHECK(train::read_state(best).epoch == 1);
}

TEST_CASE("training: what diverges is exit 4, and no checkpoint holds what is not finite",
          "[train][slow]") {
  // Decay 10 at rate 1 multiplies every matrix by -9 a step: infinite within some forty steps.
  const auto run = new_run();
  std::string text;
  CHECK(code_of(
            [&] {
              run_training(run, constant({"train.lr=1", "train.weight_decay=10",
                                          "train.max_epochs=200", "train.batch_frames=100000",
                                          "train.segment_frames=0", "train.keep=1000"}));
            },
            &text) == 4);
  CHECK(text.find("train.lr") != std::string::npos);
  for (const auto& [step, dir] : train::list_checkpoints(run)) {
    for (const auto* file : {"model.safetensors", "optimizer.safetensors"}) {
      for (const auto& [name, tensor] : edge::load_tensors(dir / file).tensors) {
        INFO("step " << step << ": " << name);
        CHECK(at::isfinite(tensor).all().item<bool>());
      }
    }
  }
}

TEST_CASE("training: a rate that is no number or out of range is refused before anything",
          "[train]") {
  for (const auto* lr :
       {"train.lr=.nan", "train.lr=0", "train.lr=-1", "train.lr=1e9", "train.lr=.inf"}) {
    const auto run = new_run();
    INFO(lr);
    CHECK(code_of([&] { run_training(run, small({lr})); }) == 2);
    CHECK_FALSE(fs::exists(run));
  }
}

TEST_CASE("training: two clips are learnt by heart", "[train][slow]") {
  const auto run = new_run();
  run_training(run, constant({"data.synth.clips=2", "data.split.by=none", "features.stack=3",
                              "model.bilstm.hidden=16", "model.bilstm.projection=[32]",
                              "model.bilstm.output=[32]", "model.bilstm.dropout=0",
                              "model.bilstm.lstm_dropout=0", "train.lr=0.02", "train.max_epochs=80",
                              "train.batch_frames=1000", "train.segment_frames=0",
                              "train.checkpoint_every=1000"}));
  const auto told = events(run);
  REQUIRE(told.size() == 80);
  const double first = told.front().at("loss"), last = told.back().at("loss");
  INFO(first << " to " << last);
  CHECK(last * 5 <= first);
}

TEST_CASE("training: accumulated batches are one update of the sum", "[train][slow]") {
  // With the whole epoch in one update, in one batch or in many: the same but for rounding.
  const auto one = new_run(), many = new_run();
  const Settings same = {"model.bilstm.dropout=0", "model.bilstm.lstm_dropout=0",
                         "train.max_steps=1",      "train.segment_frames=0",
                         "train.grad_clip=0",      "loss.velocity=0.01"};
  run_training(one, constant(joined(same, {"train.batch_frames=100000"})));
  run_training(many,
               constant(joined(same, {"train.batch_frames=1", "train.grad_accumulation=1000"})));
  CHECK(left(one).step == 1);
  CHECK(left(many).step == 1);
  // The first moment is (1 - beta1) times the gradient.
  const auto moments = [](const fs::path& run) {
    return edge::load_tensors(train::find_checkpoint(run, "last") / "optimizer.safetensors")
        .tensors;
  };
  const auto b = moments(many);
  for (const auto& [name, value] : moments(one)) {
    if (name.rfind("exp_avg/", 0) != 0) continue;
    INFO(name);
    CHECK((value - b.at(name)).abs().max().item<double>() <=
          1e-6 * std::max(1.0, value.abs().max().item<double>()));
  }
  CHECK(events(one)[0].at("loss").get<double>() ==
        Approx(events(many)[0].at("loss").get<double>()).epsilon(1e-5));
}

TEST_CASE("training: mean and linear are fitted in one pass and can be loaded", "[train][slow]") {
  for (const std::string head : {"mean", "linear"}) {
    const auto run = new_run();
    const auto outcome = run_training(run, small({"model.head=" + head, "model.linear.context=2"}));
    CHECK_FALSE(outcome.stopped_early);
    CHECK(left(run).state.at("finished") == true);
    const auto trained = train::load_trained(run, "best", "cpu");
    CHECK(trained.model->card().head == head);
    const auto before = left(run);
    train::resume(run, {});
    CHECK_SAME(left(run), before);
  }
}

TEST_CASE("training: the run folder says all of itself", "[train][slow]") {
  const auto run = new_run();
  run_training(run, small({"train.max_epochs=2", "train.keep=1"}));
  for (const auto* name : {"config.resolved.yaml", "command.txt", "build.json", "data.json",
                           "events.jsonl", "checkpoints", "best", "last"}) {
    INFO(name);
    CHECK(fs::exists(run / name));
  }
  CHECK(events(run).size() == 2);
  // Another run in the same place is refused, and nothing of the first is touched.
  const auto before = left(run);
  CHECK(code_of([&] { run_training(run, small()); }) == 2);
  CHECK_SAME(left(run), before);
  // The model that is loaded is the one that was saved.
  const auto trained = train::load_trained(run, "last", "cpu");
  const auto saved = edge::load_tensors(trained.checkpoint / "model.safetensors");
  for (const auto& [name, tensor] : trained.model->tensors()) {
    CHECK(at::equal(tensor.detach(), saved.tensors.at(name)));
  }
}

TEST_CASE("training: damaged checkpoints are told by file and tensor", "[train][slow]") {
  const auto run = new_run();
  run_training(run, small({"train.max_epochs=1"}));
  const auto dir = train::find_checkpoint(run, "last");
  const auto file = dir / "model.safetensors";
  const auto whole = file_bytes(file);
  const auto put = [&](const std::string& bytes) {
    std::ofstream(file, std::ios::binary) << bytes;
  };
  std::string text;

  put(whole.substr(0, whole.size() - 100));
  CHECK(code_of([&] { train::load_trained(run, "last", "cpu"); }, &text) == 3);
  CHECK(text.find("model.safetensors") != std::string::npos);
  CHECK(text.find("tensor \"") != std::string::npos);
  CHECK(code_of([&] { train::resume(run, {"train.max_epochs=2"}); }, &text) == 3);

  put(whole);
  CHECK(code_of(
            [&] {
              train::resume(run, {"train.max_epochs=2", "model.bilstm.hidden=7"});
            },
            &text) == 3);
  CHECK(text.find("head.lstm") != std::string::npos);

  put("");
  CHECK(code_of([&] { train::load_trained(run, "last", "cpu"); }) == 3);
  put(whole);
  CHECK(code_of([&] { train::resume(run, {"train.ema=0.5", "train.max_epochs=2"}); }, &text) == 3);
  CHECK(text.find("raw/") != std::string::npos);
  CHECK(code_of([&] { train::load_trained(run, "last", "cpu"); }) == 0);
}
