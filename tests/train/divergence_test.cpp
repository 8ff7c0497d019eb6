// Trainings that break, and what they say and leave behind.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "child.h"
#include "data/store.h"
#include "edge/tensor_file.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

Settings at_one_rate(const Settings& more = {}) {
  Settings all = small({"train.schedule=constant", "train.warmup=0"});
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

struct Failed {
  int code = 0;
  std::string text;
  bool says(const std::string& part) const { return text.find(part) != std::string::npos; }
};
Failed failure_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const UserError& e) {
    return {static_cast<int>(e.code()), e.what()};
  }
  return {};
}

/// How many updates each weight has had, as AdamW counts them.
double updates_made(const fs::path& run) {
  const auto kept =
      edge::load_tensors(train::find_checkpoint(run, "last") / "optimizer.safetensors").tensors;
  double out = -1;
  for (const auto& [name, tensor] : kept) {
    if (name.rfind("steps/", 0) != 0) continue;
    if (out >= 0) CHECK(tensor.item<double>() == out);
    out = tensor.item<double>();
  }
  return out;
}

std::vector<nlohmann::json> of_kind(const fs::path& run, const std::string& kind) {
  std::vector<nlohmann::json> out;
  for (const auto& event : events(run)) {
    if (event.at("event") == kind) out.push_back(event);
  }
  return out;
}

/// Decay 10 at rate 1 multiplies every matrix by -9 a step.
const Settings kExplodes = {"train.lr=1", "train.weight_decay=10"};

/// A training that has gone on for 8 epochs and is told that its first errors were no larger than
/// the median of its last: from here on about half of its updates are left out.
fs::path picky_run(const Settings& more = {}) {
  const auto run = new_run();
  auto settings = at_one_rate({"train.max_skipped=100000", "train.max_epochs=8",
                               "train.batch_frames=30", "train.keep=1000"});
  settings.insert(settings.end(), more.begin(), more.end());
  run_training(run, settings);
  const auto file = train::find_checkpoint(run, "last") / "state.json";
  auto state = nlohmann::json::parse(file_bytes(file));
  auto errors = state.at("errors").at("last").get<std::vector<double>>();
  REQUIRE(errors.size() == 64);
  std::sort(errors.begin(), errors.end());
  state["errors"]["first"] = errors[32];
  std::ofstream(file) << state;
  return run;
}
const Settings kGoOn = {"train.max_epochs=14", "train.runaway=1e-9"};

/// The store of the small trainings again, each clip as `change` makes it.
fs::path changed_store(
    const std::string& name,
    const std::function<void(int64_t, Matrix& features, Matrix& curves)>& change) {
  const auto run = new_run();
  run_training(run, small({"train.max_steps=1"}));
  const auto data = nlohmann::json::parse(file_bytes(run / "data.json"));
  const auto store = data::Store::open(data.at("store").get<std::string>());
  const auto file = workshop() / name;
  data::write_store(file, store.info(), [&](data::StoreWriter& writer) {
    for (size_t i = 0; i < store.info().clips.size(); ++i) {
      const auto clip = static_cast<int64_t>(i);
      auto features = store.read_features(clip), curves = store.read_curves(clip);
      change(clip, features, curves);
      writer.add(store.info().clips[i], features, curves, store.read_audio(clip));
    }
  });
  return file;
}

Settings on(const fs::path& store, const Settings& more = {}) {
  auto all = small(more);
  std::erase_if(all, [](const auto& s) { return s.rfind("data.synth", 0) == 0; });
  all.push_back("data.store=" + store.string());
  return all;
}

}  // namespace

TEST_CASE("divergence: step, clips, tensor and what to do; resumed with a smaller rate it goes on",
          "[train][slow]") {
  const auto run = new_run();
  run_training(run, at_one_rate({"train.max_epochs=2", "train.checkpoint_every=1000"}));
  const auto sound = left(run);
  const auto told = failure_of([&] {
    train::resume(run, {"train.max_epochs=200", "train.lr=1", "train.weight_decay=10"});
  });
  INFO(told.text);
  CHECK(told.code == 4);
  for (const char* part : {"diverged at step ", "(epoch ", " of head.", "not finite", "synth_",
                           "train.lr", "is whole: kuchi resume"}) {
    INFO(part);
    CHECK(told.says(part));
  }
  CHECK(told.text.find('\n') == std::string::npos);
  // The same for programs.
  const auto facts = nlohmann::json::parse(file_bytes(run / "diverged.json"));
  const int64_t step = facts.at("step");
  CHECK(step > sound.step);
  CHECK(told.says(cat("at step ", step, " ")));
  CHECK(facts.at("fault").at("nan").get<int64_t>() + facts["fault"]["infinite"].get<int64_t>() > 0);
  CHECK(facts["fault"].at("name").get<std::string>().find("head.") != std::string::npos);
  CHECK(facts.at("checkpoint").get<int64_t>() < step);
  REQUIRE_FALSE(facts.at("batch").empty());
  CHECK(facts["batch"][0].at("end").get<int64_t>() > facts["batch"][0].at("begin").get<int64_t>());
  CHECK(of_kind(run, "diverged").size() == 1);
  CHECK_FALSE(of_kind(run, "skipped").empty());

  const auto again = train::resume(
      run, {"train.max_epochs=200", cat("train.max_steps=", left(run).step + 6), "train.lr=1e-3"});
  CHECK(again.steps == left(run).step);
  CHECK(std::isfinite(events(run).back().at("loss").get<double>()));
}

TEST_CASE("divergence: train.max_skipped updates in a row are left out, no more", "[train][slow]") {
  std::vector<int64_t> counts;
  for (const auto* most : {"train.max_skipped=0", "train.max_skipped=3"}) {
    const auto run = new_run();
    Settings settings = {"train.max_epochs=200", most};
    settings.insert(settings.end(), kExplodes.begin(), kExplodes.end());
    CHECK(failure_of([&] { run_training(run, at_one_rate(settings)); }).code == 4);
    counts.push_back(of_kind(run, "skipped").back().at("in_a_row"));
  }
  CHECK(counts == std::vector<int64_t>{1, 4});
}

TEST_CASE("divergence: an update that is left out touches no weight and no moment",
          "[train][slow]") {
  const auto run = picky_run();
  const auto before = left(run).step;
  train::resume(run, kGoOn);
  const auto skipped = of_kind(run, "skipped");
  REQUIRE(skipped.size() > 10);
  REQUIRE(static_cast<int64_t>(skipped.size()) < left(run).step - before);
  CHECK(updates_made(run) == static_cast<double>(left(run).step) - skipped.size());
  int64_t by_epoch = 0;
  for (const auto& event : of_kind(run, "epoch")) by_epoch += event.value("skipped", int64_t{0});
  CHECK(by_epoch == static_cast<int64_t>(skipped.size()));

  // Where all are left out, weights, moments and the average stay as they are, to the bit.
  const auto all = picky_run({"train.ema=0.9"});
  const auto file = train::find_checkpoint(all, "last") / "state.json";
  auto state = nlohmann::json::parse(file_bytes(file));
  state["errors"]["first"] = 1e-30;
  std::ofstream(file) << state;
  const auto kept = left(all);
  train::resume(all, kGoOn);
  const auto now = left(all);
  CHECK(now.step > kept.step);
  CHECK((now.model == kept.model && now.optimizer == kept.optimizer));
}

TEST_CASE("divergence: a training with updates left out is resumed to the same bits",
          "[train][slow]") {
  const auto whole = picky_run({"train.ema=0.9", "train.optimizer=sgd", "train.lr=0.1"});
  const auto parts = new_run();
  fs::copy(whole, parts, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  train::resume(whole, kGoOn);
  REQUIRE(of_kind(whole, "skipped").size() > 10);
  train::resume(parts, {"train.max_epochs=11", "train.runaway=1e-9", "train.checkpoint_steps=7"});
  fs::remove_all(train::list_checkpoints(parts).back().second);  // on from the middle of an epoch
  train::resume(parts, kGoOn);
  CHECK_SAME(left(whole), left(parts));
  const auto a = events(whole), b = events(parts);
  REQUIRE(a.size() == b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    for (const auto* key : {"event", "step", "loss", "in_a_row"}) {
      CHECK(a[i].value(key, nlohmann::json()) == b[i].value(key, nlohmann::json()));
    }
  }
}

TEST_CASE("divergence: an error that runs away is told as such", "[train][slow]") {
  const auto run = new_run();
  run_training(run, at_one_rate({"train.max_epochs=12", "train.batch_frames=30",
                                 "train.checkpoint_every=1000"}));
  REQUIRE(left(run).step > 64);
  // Decay 10 at rate 0.3 doubles every matrix in a step: the outputs saturate.
  const auto told = failure_of([&] {
    train::resume(
        run, {"train.max_epochs=40", "train.lr=0.3", "train.weight_decay=10", "train.runaway=2"});
  });
  INFO(told.text);
  CHECK(told.code == 4);
  CHECK(told.says("has run away"));
  CHECK(told.says("train.runaway"));
  CHECK(told.says("synth_"));
  // The sound checkpoint was not pushed out.
  CHECK(train::resume(run, {"train.max_epochs=13", "train.lr=1e-3"}).epochs == 13);
}

TEST_CASE("divergence: of two processes both stop, and one tells", "[train][slow]") {
  workshop();
  const auto run = new_run();
  Settings settings = {"--nproc", "2", "train.max_epochs=300", "train.runaway=0"};
  settings.insert(settings.end(), kExplodes.begin(), kExplodes.end());
  const auto said = said_by(training(run, settings));
  INFO(said.text);
  CHECK(said.code == 4);
  const std::string what = "diverged at step ";
  REQUIRE(said.text.find(what) != std::string::npos);
  CHECK(said.text.find(what, said.text.find(what) + 1) == std::string::npos);
  CHECK(said.text.find(" of head.") != std::string::npos);
  CHECK(said.text.find("synth_") != std::string::npos);
}

TEST_CASE("divergence: what is not finite in a store is told by clip and frame before anything",
          "[train][slow]") {
  const auto deaf = changed_store("nan.h5", [](int64_t clip, Matrix& features, Matrix&) {
    if (clip == 3) features(17, 2) = std::nanf("");
  });
  const auto run = new_run();
  const auto told = failure_of([&] { run_training(run, on(deaf)); });
  INFO(told.text);
  CHECK(told.code == 3);
  CHECK(told.says("synth_0003"));
  CHECK(told.says("frame 17"));
  CHECK_FALSE(fs::exists(run));
  const auto mute = changed_store("inf.h5", [](int64_t clip, Matrix&, Matrix& curves) {
    if (clip != 3) curves(4, 0) = std::numeric_limits<float>::infinity();
  });
  const auto curve = failure_of([&] { run_training(new_run(), on(mute)); });
  INFO(curve.text);
  CHECK(curve.code == 3);
  CHECK(curve.says("the curve of frame 4"));
  CHECK(curve.says("synth_"));
}

TEST_CASE("collapse: a model that says the same all the time is told, a learning one is not",
          "[train][slow]") {
  const auto still = new_run(), learns = new_run(), deaf = new_run();
  const Settings small_steps = {"train.segment_frames=10", "train.batch_frames=10",
                                "train.max_epochs=8"};
  auto settings = at_one_rate(small_steps);
  settings.insert(settings.end(), {"train.lr=1e-30", "train.weight_decay=0"});
  run_training(still, settings);
  const auto told = of_kind(still, "collapsed");
  REQUIRE(told.size() ==
          2);  // after three epochs of those from the 100th update on, and at the end
  CHECK(told[0].at("epochs") == 3);
  CHECK(told[0].at("step").get<int64_t>() >= 100);
  CHECK(told[1].at("epoch") == 8);
  CHECK(told[0].at("std_ratio").get<double>() < 0.2);

  // Without a validation part some training clips are asked, in three epochs and at the end.
  settings.push_back("data.split.by=none");
  run_training(deaf, settings);
  CHECK(of_kind(deaf, "collapsed").size() == 1);

  auto learning = at_one_rate(small_steps);
  learning.insert(learning.end(), {"train.lr=0.02", "features.stack=3", "train.max_epochs=12"});
  run_training(learns, learning);
  CHECK(of_kind(learns, "epoch").back().at("valid").at("std_ratio").get<double>() > 0.2);
  CHECK(of_kind(learns, "collapsed").empty());

  const auto mean = new_run();
  run_training(mean, small({"model.head=mean"}));
  CHECK(of_kind(mean, "collapsed").empty());
}
