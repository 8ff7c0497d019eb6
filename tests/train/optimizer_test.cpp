#include "train/optimizer.h"

#include <ATen/ATen.h>

#include <limits>
#include <tuple>

#include "../models/golden.h"
#include "catch.h"
#include "models/onnx.h"
#include "train/average.h"
#include "train/schedule.h"

using namespace kuchi;
using namespace kuchi::train;
using kuchi::test::distance;
using kuchi::test::golden;

namespace {

/// A head of a matrix and a bias, nothing else.
class TwoParameters : public models::Head {
 public:
  TwoParameters()
      : matrix(register_parameter("matrix", at::zeros({3, 2}))),
        bias(register_parameter("bias", at::zeros({4}))) {}
  at::Tensor forward(const at::Tensor& x, const at::Tensor&) override { return x; }
  onnx::Value emit(onnx::Graph&, const models::OnnxBatch& batch) const override { return batch.x; }
  at::Tensor matrix, bias;
};

/// The bias learns at a tenth of the rate and decays, the matrix not at all.
class Slow : public TwoParameters {
 public:
  Slow() { matrix.requires_grad_(false); }
  models::Treatment treatment(const std::string& name, const at::Tensor&) const override {
    return {name == "bias" ? 0.1 : 1.0, true};
  }
};

class SlowKind : public models::HeadKind {
 public:
  std::string name() const override { return "slow"; }
  std::string about() const override { return ""; }
  std::shared_ptr<models::Head> make(const models::Shape&) const override {
    return std::make_shared<Slow>();
  }
};

class TwoKind : public models::HeadKind {
 public:
  std::string name() const override { return "two"; }
  std::string about() const override { return ""; }
  std::shared_ptr<models::Head> make(const models::Shape&) const override {
    return std::make_shared<TwoParameters>();
  }
};

struct Fixture {
  models::Model model{TwoKind(), card()};
  at::Tensor matrix = model.named_parameters()["head.matrix"];
  at::Tensor bias = model.named_parameters()["head.bias"];
  static models::Card card() {
    models::Card c;
    c.head = "two";
    c.rig = curves::load_rig("arkit-mouth");
    return c;
  }
  void set(const at::Tensor& m, const at::Tensor& b) {
    const at::NoGradGuard no_grad;
    matrix.copy_(m);
    bias.copy_(b);
  }
};

at::Tensor named(const edge::NamedTensors& list, const std::string& name) {
  for (const auto& [key, value] : list) {
    if (key == name) return value;
  }
  throw std::runtime_error("no tensor " + name);
}

}  // namespace

TEST_CASE("adamw: ten clipped steps are torch.optim.AdamW's, decay on matrices alone", "[train]") {
  auto numbers = golden("adamw");
  Fixture f;
  f.set(numbers["matrix"], numbers["bias"]);
  Options o;
  o.weight_decay = 0.1;
  o.beta1 = 0.9;
  o.beta2 = 0.98;
  o.eps = 1e-6;
  Optimizer optimizer(f.model, o, {"test"});
  for (int step = 0; step < 10; ++step) {
    const auto key = "/" + std::to_string(step);
    INFO("step " << step);
    optimizer.zero_grad();
    f.matrix.mutable_grad() = numbers["grad_matrix" + key].clone();
    f.bias.mutable_grad() = numbers["grad_bias" + key].clone();
    const auto norm = optimizer.clip(1.0);
    CHECK(distance(norm, numbers["norm" + key]) <= 1e-6 * numbers["norm" + key].item<double>());
    CHECK(distance(f.matrix.grad(), numbers["clipped_matrix" + key]) <= 1e-6);
    CHECK(distance(f.bias.grad(), numbers["clipped_bias" + key]) <= 1e-6);
    optimizer.step(0.05 / (step + 1));
    CHECK(distance(f.matrix, numbers["matrix" + key]) <= 1e-6);
    CHECK(distance(f.bias, numbers["bias" + key]) <= 1e-6);
  }
  const auto state = optimizer.state();
  for (const std::string name : {"matrix", "bias"}) {
    CHECK(distance(named(state, "exp_avg/head." + name), numbers["exp_avg/" + name]) <= 1e-6);
    CHECK(distance(named(state, "exp_avg_sq/head." + name), numbers["exp_avg_sq/" + name]) <= 1e-6);
    CHECK(named(state, "steps/head." + name).item<double>() == 10);
  }
}

TEST_CASE("adamw: clipping at 0 leaves the gradients and still tells the norm", "[train]") {
  Fixture f;
  Optimizer optimizer(f.model, {}, {"test"});
  f.matrix.mutable_grad() = at::full({3, 2}, 3.0);
  f.bias.mutable_grad() = at::full({4}, -2.0);
  CHECK(optimizer.clip(0).item<double>() == Approx(std::sqrt(6 * 9 + 4 * 4)));
  CHECK(f.matrix.grad().min().item<double>() == 3);
  optimizer.zero_grad();
  CHECK_FALSE(f.matrix.grad().defined());
}

TEST_CASE("adamw: without gradients nothing moves", "[train]") {
  Fixture f;
  f.set(at::ones({3, 2}), at::ones({4}));
  Optimizer optimizer(f.model, {}, {"test"});
  CHECK(optimizer.clip(1).item<double>() == 0);
  optimizer.step(0.1);
  CHECK(distance(f.matrix, at::ones({3, 2})) == 0);
}

TEST_CASE("adamw: a parameter's own rate and decay; what is frozen has no moments", "[train]") {
  models::Model model(SlowKind(), Fixture::card());
  auto matrix = model.named_parameters()["head.matrix"];
  auto bias = model.named_parameters()["head.bias"];
  {
    const at::NoGradGuard no_grad;
    bias.fill_(2);
  }
  Options o;
  o.weight_decay = 0.5;
  Optimizer optimizer(model, o, {"test"});
  bias.mutable_grad() = at::tensor({3.0F, -1.0F, 0.5F, -7.0F});
  optimizer.step(0.2);
  // The first step of Adam is the rate itself, whatever the gradient: 0.02 here, after a decay of
  // 0.02 · 0.5.
  const auto kept = 2 * (1 - 0.02 * 0.5);
  CHECK(distance(bias, at::tensor({kept - 0.02, kept + 0.02, kept - 0.02, kept + 0.02})) <= 1e-6);
  CHECK(optimizer.state().size() == 3);
  const MovingAverage average(model, 0.9);
  CHECK(average.state().size() == 1);
  CHECK(at::equal(matrix, at::zeros({3, 2})));
}

TEST_CASE("sgd: eight steps are torch.optim.SGD's, with momentum and Nesterov's", "[train]") {
  auto numbers = golden("sgd");
  const std::vector<std::tuple<std::string, double, bool>> kinds = {
      {"plain", 0, false}, {"momentum", 0.9, false}, {"nesterov", 0.8, true}};
  for (const auto& [kind, momentum, nesterov] : kinds) {
    Fixture f;
    f.set(numbers["matrix"], numbers["bias"]);
    Options o;
    o.optimizer = "sgd";
    o.weight_decay = 0.1;
    o.momentum = momentum;
    o.nesterov = nesterov;
    Optimizer optimizer(f.model, o, {"test"});
    for (int step = 0; step < 8; ++step) {
      const auto key = "/" + std::to_string(step);
      INFO(kind << ", step " << step);
      optimizer.zero_grad();
      f.matrix.mutable_grad() = numbers["grad_matrix" + key].clone();
      f.bias.mutable_grad() = numbers["grad_bias" + key].clone();
      optimizer.step(0.05 / (step + 1));
      CHECK(distance(f.matrix, numbers[kind + "/matrix" + key]) <= 1e-6);
      CHECK(distance(f.bias, numbers[kind + "/bias" + key]) <= 1e-6);
      CHECK(at::equal(f.matrix.grad(), numbers["grad_matrix" + key]));  // left as it was
    }
    CHECK(optimizer.state().size() == (momentum > 0 ? 2 : 0));
  }
}

TEST_CASE("optimizers: an update that is left out on the device changes not a bit", "[train]") {
  const auto nan = std::numeric_limits<double>::quiet_NaN();
  for (const std::string kind : {"adamw", "sgd", "nesterov"}) {
    INFO(kind);
    Options o;
    o.optimizer = kind == "adamw" ? "adamw" : "sgd";
    o.nesterov = kind == "nesterov";
    o.weight_decay = 0.1;
    at::manual_seed(7);
    const auto matrix = at::randn({3, 2}), bias = at::randn({4}), g = at::randn({3, 2}),
               h = at::randn({4});
    // Two updates with one between them that is left out, against the two alone.
    Fixture told, plain;
    Optimizer with(told.model, o, {"test"}), without(plain.model, o, {"test"});
    MovingAverage average(told.model, 0.9), alone(plain.model, 0.9);
    for (auto* f : {&told, &plain}) f->set(matrix, bias);
    const auto update = [&](Fixture& f, Optimizer& optimizer, MovingAverage& kept, double factor,
                            const at::Tensor& skip, int64_t count) {
      f.matrix.mutable_grad() = g * factor;
      f.bias.mutable_grad() = h * factor;
      optimizer.step(0.1, skip);
      kept.after_update(count, skip);
    };
    update(told, with, average, 1, at::zeros({}), 1);
    const auto held = told.matrix.clone();
    update(told, with, average, nan, at::ones({}), 2);
    CHECK(told.matrix.equal(held));
    update(told, with, average, -0.5, at::zeros({}), 3);
    update(plain, without, alone, 1, {}, 1);
    update(plain, without, alone, -0.5, {}, 3);
    CHECK(told.matrix.equal(plain.matrix));
    CHECK(told.bias.equal(plain.bias));
    const auto state = with.state();
    for (const auto& [name, value] : without.state()) CHECK(named(state, name).equal(value));
    const auto averages = average.state();
    for (const auto& [name, value] : alone.state()) {
      CHECK(distance(named(averages, name), value) <= 1e-6);
    }
  }
}

TEST_CASE("groups: rate and decay by pattern, the longest that fits; 0 stands still", "[train]") {
  Fixture f;
  f.set(at::ones({3, 2}), at::ones({4}));
  Options o;
  o.optimizer = "sgd";
  o.momentum = 0;
  o.weight_decay = 0;
  o.group_lr = {{"head.*", 0.5}, {"head.b*", 0.1}};
  o.group_weight_decay = {{"*bias", 0.2}};
  Optimizer optimizer(f.model, o, {"test"});
  f.matrix.mutable_grad() = at::ones({3, 2});
  f.bias.mutable_grad() = at::ones({4});
  optimizer.step(1);
  CHECK(distance(f.matrix, at::full({3, 2}, 0.5)) <= 1e-6);             // 1 - 0.5 · 1
  CHECK(distance(f.bias, at::full({4}, 1 - 0.1 * (1 + 0.2))) <= 1e-6);  // g + 0.2 w

  o.group_lr = {{"head.matrix", 0}};
  Optimizer frozen(f.model, o, {"test"});
  CHECK_FALSE(f.matrix.requires_grad());
  CHECK(f.bias.requires_grad());
  CHECK(WeightAverage(f.model).state().size() == 1);
}

TEST_CASE("groups: a pattern that fits nothing is the user's mistake", "[train]") {
  Fixture f;
  Options o;
  o.group_lr = {{"head.matrx", 0.1}};
  try {
    Optimizer(f.model, o, {"my.yaml", 7, 3});
    FAIL("no error");
  } catch (const UserError& e) {
    const std::string text = e.what();
    CHECK(e.code() == Exit::config);
    CHECK(text.find("my.yaml:7:3") == 0);
    CHECK(text.find("did you mean \"head.matrix\"") != std::string::npos);
  }
}

TEST_CASE("average: by hand, with a decay that begins small", "[train]") {
  Fixture f;
  f.set(at::zeros({3, 2}), at::zeros({4}));
  MovingAverage average(f.model, 0.3);
  double expected = 0;
  for (int n = 1; n <= 6; ++n) {
    f.set(at::full({3, 2}, n), at::full({4}, -n));
    average.after_update(n);
    const double decay = std::min(0.3, (1.0 + n) / (10.0 + n));  // 2/11, 3/12, then 0.3
    expected = decay * expected + (1 - decay) * n;
    CHECK(named(average.state(), "raw/head.matrix")[0][0].item<double>() ==
          Approx(expected).epsilon(1e-6));
    CHECK(named(average.state(), "raw/head.bias")[0].item<double>() ==
          Approx(-expected).epsilon(1e-6));
  }
}

TEST_CASE("average: swapped in and out, bit for bit", "[train]") {
  Fixture f;
  f.set(at::rand({3, 2}), at::rand({4}));
  MovingAverage average(f.model, 0.999);
  const auto first = f.matrix.detach().clone();
  f.set(at::rand({3, 2}), at::rand({4}));
  const auto now = f.matrix.detach().clone();
  average.swap();
  CHECK(at::equal(f.matrix.detach(), first));
  CHECK(at::equal(named(average.state(), "raw/head.matrix"), now));
  average.swap();
  CHECK(at::equal(f.matrix.detach(), now));
}

TEST_CASE("epoch average: torch.optim.swa_utils.AveragedModel's, once it has begun", "[train]") {
  auto numbers = golden("swa");
  Fixture f;
  EpochAverage average(f.model, 0.5);
  const auto epoch = [&](int i, int64_t step) {
    f.set(numbers["weights/" + std::to_string(i)], at::zeros({4}));
    average.after_epoch(step, 80);
  };
  epoch(3, 40);  // ends where the share begins: not in it
  CHECK_FALSE(average.begun());
  average.swap();
  CHECK(at::equal(f.matrix.detach(), numbers["weights/3"]));
  for (int i = 0; i < 4; ++i) {
    epoch(i, 50 + 10 * i);
    REQUIRE(average.begun());
    CHECK(distance(named(average.state(), "raw/head.matrix"),
                   numbers["average/" + std::to_string(i)]) <= 1e-6);
  }
  CHECK(named(average.state(), "raw_epochs").item<int64_t>() == 4);
  average.swap();
  CHECK(distance(f.matrix, numbers["average/3"]) <= 1e-6);
  average.swap();
  average.after_epoch(80, 800);  // prolonged: its last epochs are others
  CHECK_FALSE(average.begun());
}

TEST_CASE("schedule: rates are torch.optim.lr_scheduler's", "[train]") {
  auto numbers = golden("rates");
  const std::vector<std::tuple<std::string, Schedule, double>> kinds = {
      {"one_cycle", Schedule::one_cycle, 0.25},
      {"linear", Schedule::linear, 0.2},
      {"cosine", Schedule::cosine, 0.2},
      {"inverse_sqrt", Schedule::inverse_sqrt, 0.2}};
  for (const auto& [name, schedule, warmup] : kinds) {
    Options o;
    o.lr = 0.5;
    o.schedule = schedule;
    o.warmup = warmup;
    o.final_lr = 0.1;
    for (int64_t step = 0; step < 40; ++step) {
      INFO(name << ", step " << step);
      CHECK(learning_rate(o, step, 40) ==
            Approx(numbers[name][step].item<double>()).epsilon(1e-9).margin(1e-12));
    }
  }
}

TEST_CASE("schedule: a plateau's rates are torch.optim's ReduceLROnPlateau's", "[train]") {
  auto numbers = golden("rates");
  Options o;
  o.plateau_factor = 0.3;
  o.plateau_patience = 2;
  o.final_lr = 0.02;
  Plateau plateau;
  double best = 1e300;
  for (int64_t epoch = 0; epoch < 16; ++epoch) {
    INFO("epoch " << epoch);
    const double value = numbers["metric"][epoch].item<double>();
    watch(plateau, o, value < best);
    best = std::min(best, value);
    CHECK(0.5 * plateau.scale == Approx(numbers["plateau"][epoch].item<double>()).epsilon(1e-9));
  }
  CHECK(plateau.scale == 0.02);  // at the floor
}

TEST_CASE("schedule: rises in a line, then stays", "[train]") {
  Options o;
  o.lr = 2;
  o.warmup = 0.1;
  o.schedule = Schedule::constant;
  CHECK(learning_rate(o, 0, 100) == Approx(0.2));
  CHECK(learning_rate(o, 4, 100) == Approx(1.0));
  CHECK(learning_rate(o, 9, 100) == Approx(2));
  CHECK(learning_rate(o, 10, 100) == 2);
  CHECK(learning_rate(o, 99, 100) == 2);
}

TEST_CASE("schedule: half a cosine down to final_lr at the last step", "[train]") {
  Options o;
  o.lr = 1;
  o.warmup = 0.1;
  o.final_lr = 0.02;
  CHECK(learning_rate(o, 10, 101) == Approx(1));
  CHECK(learning_rate(o, 55, 101) == Approx(0.51));  // the middle: (1 + 0.02) / 2
  CHECK(learning_rate(o, 100, 101) == Approx(0.02));
  CHECK(learning_rate(o, 1000, 101) == Approx(0.02));  // prolonged beyond what was planned
  double last = 2;
  for (int64_t step = 10; step <= 100; ++step) {
    const double now = learning_rate(o, step, 101);
    CHECK(now <= last);
    last = now;
  }
}

TEST_CASE("schedule: a pure function, whole at its edges", "[train]") {
  Options o;
  o.warmup = 0;
  CHECK(learning_rate(o, 0, 50) == o.lr);
  CHECK(learning_rate(o, 17, 50) == learning_rate(o, 17, 50));
  for (const auto schedule : {Schedule::constant, Schedule::linear, Schedule::cosine,
                              Schedule::one_cycle, Schedule::inverse_sqrt, Schedule::plateau})
    for (const double warmup : {0.0, 0.05, 0.5, 0.99}) {
      for (const int64_t total : {1, 2, 3, 10}) {
        o.warmup = warmup;
        o.schedule = schedule;
        for (int64_t step = 0; step < total; ++step) {
          const double lr = learning_rate(o, step, total);
          CHECK(lr > 0);
          CHECK(lr <= o.lr);
        }
      }
    }
}
