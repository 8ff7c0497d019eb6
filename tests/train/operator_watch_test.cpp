// Where in a forward pass numbers break.
#include "train/operator_watch.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <cmath>

#include "catch.h"
#include "curves/rig.h"

using namespace kuchi;
using namespace kuchi::train;

namespace {

std::shared_ptr<models::Model> small_model() {
  models::Options options;
  models::Card card;
  card.head = "bilstm";
  card.features.stack = 1;
  card.rig = curves::load_rig("arkit-mouth");
  torch::manual_seed(0);
  return std::make_shared<models::Model>(options.chosen(), card);
}

std::optional<Fault> fault_with(const std::string& parameter, double value,
                                const std::vector<int64_t>& lengths) {
  const auto model = small_model();
  {
    const at::NoGradGuard no_grad;
    model->named_parameters()[parameter].fill_(value);
  }
  const OperatorWatch watch(*model);
  model->forward(at::randn({2, 6, 80}), at::tensor(lengths, at::kLong));
  return watch.first();
}

}  // namespace

TEST_CASE("operators: a module whose weights are too large is named", "[train]") {
  // Finite weights, products beyond float32.
  const auto second = fault_with("head.projection.4.weight", 3e38, {6, 4});
  REQUIRE(second);
  INFO(second->name);
  CHECK(second->stage == "forward");
  CHECK(second->name.find("output of head.projection.4 (") == 0);
  CHECK(second->shape == std::vector<int64_t>{10, 384});
  CHECK(second->nan + second->infinite > 0);
  const auto projection = fault_with("head.projection.0.weight", 3e38, {6, 6});
  REQUIRE(projection);
  CHECK(projection->name.find("output of head.projection.0 (") == 0);
}

TEST_CASE("operators: a forward pass that is sound has no fault, and none outlives the watch",
          "[train]") {
  CHECK_FALSE(fault_with("head.output.0.bias", 0.5, {6, 4}));
  CHECK_FALSE(fault_with("head.output.0.bias", 0.5, {6, 6}));
  const auto broken = at::ones({2}) / 0;  // nobody watches any more
  CHECK_FALSE(at::isfinite(broken).any().item<bool>());
}

TEST_CASE("operators: infinity that was asked for is none", "[train]") {
  const auto model = small_model();
  const OperatorWatch watch(*model);
  const auto mask = at::zeros({3}).masked_fill(at::arange(3).eq(0), -INFINITY);
  const auto weights = (at::ones({3}) + mask).softmax(0);
  CHECK_FALSE(watch.first());
  const auto broken = weights.log();
  REQUIRE(watch.first());
  CHECK(watch.first()->name.find("result of log") == 0);
  CHECK(broken.isinf().any().item<bool>());
}
