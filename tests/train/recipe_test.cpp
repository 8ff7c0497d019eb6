// What a training is made of beside model and data: losses, averages, schedules, a start, a rate.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "../models/golden.h"
#include "catch.h"
#include "edge/tensor_file.h"
#include "small_training.h"
#include "train/evaluate_run.h"
#include "train/lr_finder.h"
#include "train/session.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

const Settings kEveryTerm = {"loss.velocity=0.001",
                             "loss.acceleration=1e-6",
                             "loss.lips=2",
                             "loss.silence=0.01",
                             "loss.closure=0.002",
                             "loss.kind=huber",
                             "loss.schedule={velocity: [0.2, 0.7]}",
                             "augment.rate=0.2"};

}  // namespace

TEST_CASE("recipe: a lost end is trained again to the same bytes, whatever the recipe",
          "[train][slow]") {
  const std::vector<Settings> kinds = {
      joined(kEveryTerm, {"train.swa=0.6", "train.schedule=one_cycle"}),
      {"train.optimizer=sgd", "train.nesterov=true", "train.schedule=plateau",
       "train.plateau_patience=1", "train.lr=0.3", "train.max_epochs=6"},
      {"train.schedule=inverse_sqrt", "train.group_lr={\"head.lstm.*\": 0.1, \"*bias*\": 0}"}};
  for (const auto& kind : kinds) {
    const auto run = new_run();
    run_training(run, small(joined(kind, {"train.keep=100"})));
    const auto before = left(run);
    const auto told = events(run);
    const auto all = train::list_checkpoints(run);
    REQUIRE(all.size() >= 3);
    fs::remove(all[all.size() - 1].second / "DONE");
    fs::remove_all(all[all.size() - 2].second);
    train::resume(run, {});
    INFO("kind of " << kind.size() << " settings");
    CHECK_SAME(left(run), before);
    CHECK(events(run) == told);
  }
}

TEST_CASE("recipe: every term is told, and the loss is their weighted sum", "[train][slow]") {
  const auto run = new_run();
  run_training(run, small(joined(kEveryTerm, {"loss.schedule={}", "train.batch_frames=100000",
                                              "train.max_epochs=2"})));
  for (const auto& event : events(run)) {
    const auto& terms = event.at("terms");
    REQUIRE(terms.size() == 6);
    for (const auto& [name, value] : terms.items()) {
      INFO(name);
      CHECK(value.get<double>() > 0);
    }
    // One update an epoch, so the means over the epoch are the update's.
    CHECK(event.at("loss").get<double>() ==
          Approx(terms.at("huber").get<double>() + 0.001 * terms.at("velocity").get<double>() +
                 1e-6 * terms.at("acceleration").get<double>() +
                 0.002 * terms.at("closure").get<double>() + 2 * terms.at("lips").get<double>() +
                 0.01 * terms.at("silence").get<double>())
              .epsilon(1e-6));
  }
}

TEST_CASE("recipe: with every term, accumulated batches are one update of the sum",
          "[train][slow]") {
  const auto one = new_run(), many = new_run();
  const Settings same =
      joined(kEveryTerm,
             {"model.bilstm.dropout=0", "model.bilstm.lstm_dropout=0", "train.max_steps=1",
              "train.segment_frames=0", "train.grad_clip=0", "loss.schedule={}", "augment.rate=0"});
  run_training(one, small(joined(same, {"train.batch_frames=100000"})));
  run_training(many, small(joined(same, {"train.batch_frames=1", "train.grad_accumulation=1000"})));
  const auto moments = [](const fs::path& run) {
    return edge::load_tensors(train::find_checkpoint(run, "last") / "optimizer.safetensors")
        .tensors;
  };
  const auto b = moments(many);
  for (const auto& [name, value] : moments(one)) {
    if (name.rfind("exp_avg/", 0) != 0) continue;  // (1 - beta1) times the gradient
    INFO(name);
    CHECK(distance(value, b.at(name)) <= 1e-5 * std::max(1e-2, value.abs().max().item<double>()));
  }
  const auto a_terms = events(one)[0].at("terms"), b_terms = events(many)[0].at("terms");
  for (const auto& [name, value] : a_terms.items()) {
    INFO(name);
    CHECK(value.get<double>() == Approx(b_terms.at(name).get<double>()).epsilon(1e-6));
  }
}

TEST_CASE("recipe: the average of epochs is what is judged and saved", "[train][slow]") {
  const auto run = new_run(), plain = new_run();
  const Settings same = {"train.max_epochs=4", "train.keep=100", "train.schedule=constant"};
  run_training(plain, small(same));
  run_training(run, small(joined(same, {"train.swa=0.5"})));  // the ends of epochs 3 and 4
  const auto all = train::list_checkpoints(plain);
  REQUIRE(all.size() == 4);
  const auto third = edge::load_tensors(all[2].second / "model.safetensors").tensors;
  const auto fourth = edge::load_tensors(all[3].second / "model.safetensors").tensors;
  for (const auto& [name, value] : saved(run)) {
    if (name.rfind("head.", 0) != 0) continue;
    INFO(name);
    CHECK(distance(value, (third.at(name) + fourth.at(name)) / 2) <= 1e-6);
  }
  CHECK(events(run)[1].at("valid") == events(plain)[1].at("valid"));
  CHECK(events(run)[3].at("valid") != events(plain)[3].at("valid"));
}

TEST_CASE("recipe: what cannot go together is refused before anything", "[train]") {
  const auto load = [](const Settings& more) {
    return caught([&] {
      train::Experiment experiment;
      train::load(experiment, "", small(more));
    });
  };
  CHECK(load({"train.ema=0.9", "train.swa=0.2"}).has("two averages"));
  CHECK(load({"train.optimizer=sgd", "train.nesterov=true", "train.momentum=0"})
            .has("train.momentum"));
  const auto run = new_run();
  const auto train = [&](const Settings& more) {
    return caught([&] { run_training(run, small(more)); });
  };
  CHECK(train({"train.schedule=plateau", "data.split.by=none"}).has("validation"));
  CHECK(train({"train.group_lr={nothing: 1}"}).has("no parameter fits"));
  CHECK(train({"train.init=/nowhere/run"}).has("is no run"));
  CHECK_FALSE(fs::exists(run));
}

TEST_CASE("warm start: the same model goes on from another's weights", "[train][slow]") {
  const auto first = new_run(), second = new_run();
  run_training(first, small({"train.max_epochs=2"}));
  // A rate that moves nothing: what is saved is what it began with.
  run_training(second, small({"train.init=" + first.string(), "train.lr=1e-30", "train.seed=7",
                              "train.weight_decay=0", "train.max_epochs=1"}));
  const auto a = saved(first, "best"), b = saved(second);
  REQUIRE(a.size() == b.size());
  for (const auto& [name, value] : a) {
    INFO(name);
    CHECK(distance(value, b.at(name)) <= 1e-6);
  }
  const auto told = events(second)[0];
  CHECK(told.at("event") == "init");
  CHECK(told.at("fresh").empty());
  CHECK(told.at("left").empty());
  CHECK(told.at("taken").size() == a.size() - 4);  // all but the statistics
  // A resume needs the first run no more.
  fs::remove_all(first);
  train::resume(second, {"train.max_epochs=2"});
  CHECK(events(second).size() == 3);
}

TEST_CASE("warm start: other sizes begin anew, other rigs go by the curve's name",
          "[train][slow]") {
  const auto first = new_run(), second = new_run();
  run_training(first, small({"train.max_epochs=1"}));
  const auto before = saved(first);
  const auto rigs = workshop() / "rig.yaml";
  std::ofstream(rigs) << "name: few\ncurves:\n  - mouthPucker\n  - jawOpen\n"
                         "  - {name: mouthClose, range: [-1, 1]}\naperture: jawOpen - mouthClose\n";
  models::Card card;
  card.head = "bilstm";
  card.rig = curves::load_rig(rigs.string());
  train::Experiment experiment;
  train::load(experiment, "", small({"model.bilstm.layers=1"}));
  card.features = experiment.features;
  models::Model model(experiment.model.chosen(), card);
  std::map<std::string, at::Tensor> fresh;
  for (const auto& [name, value] : model.tensors()) fresh[name] = value.detach().clone();

  const auto start = train::warm_start(model, train::init_file(first, {"test"}), {"test"});

  CHECK(start.curves == std::vector<std::string>{"mouthPucker", "jawOpen"});
  CHECK(start.fresh_curves == std::vector<std::string>{"mouthClose"});  // in another range
  CHECK(start.by_curve == std::vector<std::string>{"head.output.3.weight", "head.output.3.bias"});
  CHECK(start.fresh.empty());
  CHECK(std::all_of(start.left.begin(), start.left.end(), [](const std::string& name) {
    return name.find("_l1") != std::string::npos;  // the second LSTM layer
  }));
  CHECK(start.left.size() == 8);
  const auto names = curves::load_rig("arkit-mouth").names();
  const auto row = [&](const char* name) {
    return std::find(names.begin(), names.end(), name) - names.begin();
  };
  for (const auto& [name, value] : model.tensors()) {
    INFO(name);
    if (name.rfind("head.output.3.", 0) == 0) {
      CHECK(at::equal(value[0], before.at(name)[row("mouthPucker")]));
      CHECK(at::equal(value[1], before.at(name)[row("jawOpen")]));
      CHECK(at::equal(value[2], fresh.at(name)[2]));
    } else {
      CHECK(at::equal(value, (name.rfind("head.", 0) == 0 ? before : fresh).at(name)));
    }
  }
}

TEST_CASE("warm start: nothing that fits, no model, a solved head: told apart", "[train][slow]") {
  const auto linear = new_run(), run = new_run();
  run_training(linear, small({"model.head=mean"}));
  const auto from = [&](const Settings& more) {
    return caught([&] { run_training(run, small(more)); });
  };
  CHECK(from({"train.init=" + linear.string()}).has("nothing of it fits"));
  CHECK(from({"train.init=" + linear.string(), "model.head=linear"}).has("is solved"));
  const auto file = workshop() / "foreign.safetensors";
  edge::save_tensors(file, {{"weight", at::zeros({2})}});
  CHECK(from({"train.init=" + file.string()}).has("which rig"));
  CHECK_FALSE(fs::exists(run));
}

TEST_CASE("rates: a geometric series, and the end of a loss that runs away", "[train]") {
  const auto rates = train::sweep_rates({1e-4, 1, 5});
  REQUIRE(rates.size() == 5);
  for (size_t i = 0; i < 5; ++i)
    CHECK(rates[i] == Approx(std::pow(10, static_cast<double>(i) - 4)));
  // A loss that falls by the rate's size, then explodes.
  train::SweepRecord record;
  size_t taken = 0;
  for (const double lr : train::sweep_rates({1e-5, 10, 121})) {
    ++taken;
    const double loss = 1 / (1 + std::pow(lr / 1e-2, 1.5)) + std::pow(lr / 0.3, 4);
    if (!record.add(lr, loss)) break;
  }
  const auto sweep = record.finish();
  CHECK(taken < 121);
  CHECK(sweep.ran_away);
  REQUIRE(sweep.suggestion);
  REQUIRE(sweep.steepest);
  CHECK(*sweep.suggestion > 0.005);  // the least is near 0.1, the smooth one's a little later
  CHECK(*sweep.suggestion < 0.02);
  CHECK(*sweep.steepest > 0.004);
  CHECK(*sweep.steepest < 0.04);
  train::SweepRecord flat;
  for (const double lr : train::sweep_rates({1e-5, 1e-3, 20})) CHECK(flat.add(lr, 1 + lr));
  CHECK_FALSE(flat.finish().suggestion);
  CHECK_FALSE(flat.add(1, std::nan("")));
  CHECK(flat.finish().ran_away);
}

TEST_CASE("rates: found on a real training, the same twice, and a solved head has none",
          "[train][slow]") {
  workshop();
  const auto find = [](const Settings& more) {
    train::Experiment experiment;
    train::load(experiment, "", small(more));
    return train::find_lr(experiment, {1e-5, 10, 40}, {"test"});
  };
  const auto a = find({}), b = find({});
  REQUIRE(a.points.size() > 20);
  CHECK(a.points.size() == b.points.size());
  for (size_t i = 0; i < a.points.size(); ++i) CHECK(a.points[i].loss == b.points[i].loss);
  REQUIRE(a.suggestion);
  CHECK(*a.suggestion > 1e-4);
  CHECK(*a.suggestion < 1);
  CHECK(caught([&] { find({"model.head=mean"}); }).has("no learning rate"));
}
