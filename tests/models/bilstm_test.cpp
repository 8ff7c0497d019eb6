#include "models/bilstm.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <limits>

#include "catch.h"
#include "golden.h"
#include "models/model.h"

using namespace kuchi;
using kuchi::test::distance;
using kuchi::test::golden;

namespace {

const std::vector<int64_t> kLengths = {7, 4, 1};  // as in make_models.py

models::BilstmOptions small() {
  models::BilstmOptions o;
  o.projection = {6, 4};
  o.hidden = 3;
  o.layers = 3;
  o.output = {5, 4};
  return o;
}

models::Shape mixed_ranges() { return {5, {{0, 1}, {-1, 1}, {-0.5, 2}, {0, 1}}}; }

/// The head of make_models.py with its weights, in evaluation mode.
std::shared_ptr<models::BilstmHead> reference(const std::map<std::string, at::Tensor>& numbers) {
  auto head = std::make_shared<models::BilstmHead>(mixed_ranges(), small());
  std::map<std::string, at::Tensor> weights;
  for (const auto& [name, value] : numbers) {
    if (name.rfind("weight/", 0) == 0) weights[name.substr(7)] = value;
  }
  edge::NamedTensors parameters;
  for (const auto& item : head->named_parameters()) {
    parameters.emplace_back(item.key(), item.value());
  }
  edge::copy_into(parameters, weights, "golden");  // the names are PyTorch's, one for one
  head->eval();
  return head;
}

/// The three clips padded with `fill`: [3, 7, 5]
at::Tensor padded(const std::map<std::string, at::Tensor>& numbers, double fill) {
  auto x = at::full({3, 7, 5}, fill);
  for (int64_t i = 0; i < 3; ++i) {
    x[i].slice(0, 0, kLengths[static_cast<size_t>(i)]).copy_(numbers.at("x/" + std::to_string(i)));
  }
  return x;
}

int64_t linear_size(int64_t in, int64_t out) { return in * out + out; }

}  // namespace

TEST_CASE("bilstm: values and all gradients are PyTorch's, clip by clip", "[models]") {
  const auto numbers = golden("bilstm");
  const auto head = reference(numbers);
  for (int64_t i = 0; i < 3; ++i) {
    const auto key = std::to_string(i);
    const int64_t frames = kLengths[static_cast<size_t>(i)];
    auto x = numbers.at("x/" + key).unsqueeze(0).clone().requires_grad_();
    const auto y = head->forward(x, at::tensor({frames}, at::kLong));
    (y[0] * numbers.at("share/" + key)).sum().backward();
    INFO("clip " << i);
    CHECK(distance(y[0], numbers.at("y/" + key)) <= 1e-5);
    CHECK(distance(x.grad()[0], numbers.at("dx/" + key)) <= 1e-5);
  }
  for (const auto& item : head->named_parameters()) {
    INFO(item.key());
    REQUIRE(item.value().grad().defined());
    CHECK(distance(item.value().grad(), numbers.at("grad/" + item.key())) <= 1e-5);
  }
}

TEST_CASE("bilstm: values and gradients of a padded batch are PyTorch's of single clips",
          "[models]") {
  const auto numbers = golden("bilstm");
  const auto head = reference(numbers);
  const auto y = head->forward(padded(numbers, 0), at::tensor(kLengths, at::kLong));
  at::Tensor loss = at::zeros({});
  for (int64_t i = 0; i < 3; ++i) {
    const auto key = std::to_string(i);
    const auto own = y[i].slice(0, 0, kLengths[static_cast<size_t>(i)]);
    CHECK(distance(own, numbers.at("y/" + key)) <= 1e-5);
    loss = loss + (own * numbers.at("share/" + key)).sum();
  }
  loss.backward();
  for (const auto& item : head->named_parameters()) {
    INFO(item.key());
    CHECK(distance(item.value().grad(), numbers.at("grad/" + item.key())) <= 1e-5);
  }
}

TEST_CASE("bilstm: a clip's result does not depend on the clips beside it", "[models]") {
  const auto numbers = golden("bilstm");
  const auto head = reference(numbers);
  const at::NoGradGuard no_grad;
  const auto together = head->forward(padded(numbers, 0), at::tensor(kLengths, at::kLong));
  for (int64_t i = 0; i < 3; ++i) {
    const int64_t frames = kLengths[static_cast<size_t>(i)];
    const auto x = numbers.at("x/" + std::to_string(i)).unsqueeze(0);
    const auto alone = head->forward(x, at::tensor({frames}, at::kLong))[0];
    CHECK(distance(together[i].slice(0, 0, frames), alone) <= 1e-6);
    // As the longest of its batch and as a short one in a wide batch.
    const auto wide = at::cat({x, at::zeros({1, 5, 5})}, 1);
    const auto in_wide = head->forward(wide, at::tensor({frames}, at::kLong))[0];
    CHECK(distance(in_wide.slice(0, 0, frames), alone) <= 1e-6);
  }
}

TEST_CASE("model: what padding holds is never heard, NaN included", "[models]") {
  models::BilstmKind kind;
  models::Card card;
  card.head = "bilstm";
  card.features.stack = 1;
  card.rig = curves::load_rig("arkit-mouth");
  // The kind has the reference size: too slow here, so its options are set as a user sets them.
  config::Schema schema;
  kind.describe(schema.section("model.bilstm"));
  std::vector<config::Assignment> all;
  for (const auto* text :
       {"model.bilstm.projection=[8]", "model.bilstm.hidden=4", "model.bilstm.output=[6]"}) {
    all.push_back(config::parse_override(text));
  }
  schema.apply(all);
  models::Model model(kind, card);
  model.eval();
  torch::manual_seed(5);
  auto x = at::randn({2, 6, 80});
  const auto lengths = at::tensor({6, 3}, at::kLong);
  const at::NoGradGuard no_grad;
  const auto clean = model.forward(x, lengths);
  x[1].slice(0, 3) = std::numeric_limits<float>::quiet_NaN();
  const auto dirty = model.forward(x, lengths);
  CHECK(distance(clean[0], dirty[0]) == 0);
  CHECK(distance(clean[1].slice(0, 0, 3), dirty[1].slice(0, 0, 3)) == 0);
  const auto alone = model.forward(x.slice(0, 1, 2).slice(1, 0, 3), at::tensor({3}, at::kLong));
  CHECK(distance(alone[0], clean[1].slice(0, 0, 3)) <= 1e-6);
}

TEST_CASE("bilstm: the reference size is models.md's", "[models]") {
  // D → 512 → 384; three bidirectional layers of 512; 1024 → 256 → 128 → C. PyTorch's LSTM has
  // four gates with two biases each.
  const auto count = [](int64_t dim, int64_t curves) {
    const int64_t projection = linear_size(dim, 512) + 2 * 512 + linear_size(512, 384) + 2 * 384;
    const auto layer = [](int64_t in) { return 2 * 4 * (512 * in + 512 * 512 + 2 * 512); };
    const int64_t lstm = layer(384) + layer(1024) + layer(1024);
    const int64_t output =
        linear_size(1024, 256) + linear_size(256, 128) + linear_size(128, curves);
    return projection + lstm + output;
  };
  for (const auto& [dim, curves] : {std::pair<int64_t, int64_t>{768, 52}, {240, 26}}) {
    const models::BilstmKind kind;
    const auto head = kind.make({dim, std::vector<models::Range>(static_cast<size_t>(curves))});
    int64_t own = 0;
    for (const auto& p : head->parameters()) own += p.numel();
    CHECK(own == count(dim, curves));
  }
}

TEST_CASE("bilstm: each curve keeps to its range, whatever comes", "[models]") {
  torch::manual_seed(6);
  models::BilstmHead head(mixed_ranges(), small());
  head.eval();
  const at::NoGradGuard no_grad;
  for (auto& p : head.parameters()) p.mul_(50);
  const auto y = head.forward(1000 * at::randn({4, 50, 5}), at::full({4}, 50, at::kLong));
  const std::vector<models::Range> ranges = mixed_ranges().curves;
  for (size_t c = 0; c < ranges.size(); ++c) {
    const auto values = y.select(2, static_cast<int64_t>(c));
    CHECK(values.min().item<double>() >= ranges[c].low);
    CHECK(values.max().item<double>() <= ranges[c].high);
  }
}

TEST_CASE("bilstm: a start at the mean is the mean, once the last weights are nothing",
          "[models]") {
  models::BilstmHead head(mixed_ranges(), small());
  const auto mean = at::tensor({0.25, -0.4, 1.2, 0.05}, at::kFloat);
  head.start_at(mean);
  {
    const at::NoGradGuard no_grad;
    head.named_parameters()["output.6.weight"].zero_();  // Linear, ReLU, Dropout twice, then this
  }
  head.eval();
  const auto y = head.forward(at::randn({2, 3, 5}), at::full({2}, 3, at::kLong));
  CHECK(distance(y, mean.expand({2, 3, 4})) <= 1e-6);
}

TEST_CASE("bilstm: a mean at the end of its range starts finite and near it", "[models]") {
  models::BilstmHead head(mixed_ranges(), small());
  head.start_at(at::tensor({0.0, 1.0, 2.0, 1.0}, at::kFloat));
  const auto bias = head.named_parameters()["output.6.bias"];
  CHECK(at::isfinite(bias).all().item<bool>());
  const at::NoGradGuard no_grad;
  head.named_parameters()["output.6.weight"].zero_();
  head.eval();
  const auto y = head.forward(at::randn({1, 2, 5}), at::full({1}, 2, at::kLong));
  CHECK(distance(y[0][0], at::tensor({0.0, 1.0, 2.0, 1.0})) <= 0.01);
}

TEST_CASE("bilstm: dropout works in training and never in evaluation", "[models]") {
  torch::manual_seed(7);
  models::BilstmHead head(mixed_ranges(), small());
  const auto x = at::randn({1, 9, 5});
  const auto lengths = at::tensor({9}, at::kLong);
  const at::NoGradGuard no_grad;
  head.train();
  CHECK(distance(head.forward(x, lengths), head.forward(x, lengths)) > 0);
  head.eval();
  CHECK(distance(head.forward(x, lengths), head.forward(x, lengths)) == 0);
}
