#include "models/linear.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <limits>

#include "catch.h"
#include "golden.h"
#include "models/mean.h"

using namespace kuchi;
using kuchi::test::distance;
using kuchi::test::golden;

namespace {

models::Shape shape(int64_t dim, int64_t curves) {
  return {dim, std::vector<models::Range>(static_cast<size_t>(curves))};
}

at::Tensor buffer(models::Head& head, const std::string& name) {
  return head.named_buffers()[name];
}

}  // namespace

TEST_CASE("linear: the closed form is NumPy's ridge on explicit windows", "[models]") {
  const auto numbers = golden("linear");
  models::LinearHead head(shape(3, 2), {/*context=*/4, /*ridge=*/0.05});
  for (int i = 0; i < 5; ++i) {
    head.observe(numbers.at("x/" + std::to_string(i)), numbers.at("y/" + std::to_string(i)));
  }
  head.solve();

  CHECK(distance(buffer(head, "weight"), numbers.at("weight")) <= 1e-5);
  CHECK(distance(buffer(head, "bias"), numbers.at("bias")) <= 1e-5);
  const auto x = numbers.at("test_x").to(at::kFloat).unsqueeze(0);
  const auto y = head.forward(x, at::tensor({6}, at::kLong));
  CHECK(distance(y[0], numbers.at("test_y")) <= 1e-5);
}

TEST_CASE("linear: the order of the clips does not matter, nor that one is alone", "[models]") {
  const auto numbers = golden("linear");
  models::LinearHead head(shape(3, 2), {4, 0.05});
  for (const int i : {2, 4, 0, 3, 1}) {
    head.observe(numbers.at("x/" + std::to_string(i)), numbers.at("y/" + std::to_string(i)));
  }
  head.solve();
  CHECK(distance(buffer(head, "weight"), numbers.at("weight")) <= 1e-5);
}

TEST_CASE("linear: a padded batch gives what single clips give", "[models]") {
  const auto numbers = golden("linear");
  models::LinearHead head(shape(3, 2), {4, 0.05});
  head.observe(numbers.at("x/0"), numbers.at("y/0"));
  head.solve();
  const std::vector<int64_t> lengths = {30, 3, 1, 17, 9};
  auto x = at::zeros({5, 30, 3});
  for (int64_t i = 0; i < 5; ++i) {
    x[i].slice(0, 0, lengths[static_cast<size_t>(i)]).copy_(numbers.at("x/" + std::to_string(i)));
  }
  const auto together = head.forward(x, at::tensor(lengths, at::kLong));
  for (int64_t i = 0; i < 5; ++i) {
    const int64_t n = lengths[static_cast<size_t>(i)];
    const auto alone =
        head.forward(x.slice(0, i, i + 1).slice(1, 0, n), at::tensor({n}, at::kLong));
    CHECK(distance(together[i].slice(0, 0, n), alone[0]) <= 1e-6);
  }
}

TEST_CASE("linear: without context it is the ridge of single frames", "[models]") {
  torch::manual_seed(8);
  const auto x = at::randn({40, 3}, at::kDouble);
  const auto y = at::randn({40, 2}, at::kDouble);
  models::LinearHead head(shape(3, 2), {0, 0.1});
  head.observe(x, y);
  head.solve();
  // (Xc' Xc + ridge n I) W = Xc' Yc with both centred
  const auto xc = x - x.mean(0), yc = y - y.mean(0);
  const auto w = at::linalg_solve(at::matmul(xc.t(), xc) + 0.1 * 40 * at::eye(3, at::kDouble),
                                  at::matmul(xc.t(), yc));
  CHECK(distance(buffer(head, "weight")[0], w) <= 1e-6);
  CHECK(distance(buffer(head, "bias"), y.mean(0) - at::matmul(x.mean(0), w)) <= 1e-6);
}

TEST_CASE("linear: fewer frames than weights, one frame even, is solved all the same", "[models]") {
  models::LinearHead head(shape(3, 1), {10, 0.03});
  head.observe(at::ones({1, 3}), at::full({1, 1}, 0.7));
  head.solve();
  const auto y = head.forward(at::ones({1, 1, 3}), at::tensor({1}, at::kLong));
  CHECK(y.item<double>() == Approx(0.7).margin(1e-6));
}

TEST_CASE("mean: the mean over all frames of all clips", "[models]") {
  models::MeanHead head(shape(3, 2));
  head.observe(at::zeros({1, 3}), at::tensor({1.0, 4.0}).view({1, 2}));
  head.observe(at::zeros({3, 3}), at::tensor({0.0, 1.0, 0.0, 1.0, 0.0, 2.0}).view({3, 2}));
  head.solve();
  const auto y = head.forward(at::randn({2, 5, 3}), at::tensor({5, 2}, at::kLong));
  CHECK(distance(y, at::tensor({0.25, 2.0}).expand({2, 5, 2})) <= 1e-7);
}

TEST_CASE("linear and mean: each curve is solved over the clips that have it", "[models]") {
  const auto numbers = golden("linear");
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto clip = [&](int i) {
    return std::pair(numbers.at("x/" + std::to_string(i)), numbers.at("y/" + std::to_string(i)));
  };
  // Curve 0 is in all clips, curve 1 in the first three.
  models::LinearHead head(shape(3, 2), {4, 0.05}), all(shape(3, 2), {4, 0.05}),
      few(shape(3, 2), {4, 0.05});
  models::MeanHead mean(shape(3, 2)), mean_of_few(shape(3, 2));
  for (int i = 0; i < 5; ++i) {
    const auto [x, y] = clip(i);
    auto masked = y.to(at::kDouble).clone();
    if (i > 2) masked.select(1, 1).fill_(nan);
    head.observe(x, masked);
    mean.observe(x, masked);
    all.observe(x, y);
    if (i > 2) continue;
    few.observe(x, y);
    mean_of_few.observe(x, y);
  }
  head.solve();
  all.solve();
  few.solve();
  mean.solve();
  mean_of_few.solve();
  for (const char* name : {"weight", "bias"}) {
    INFO(name);
    const auto solved = buffer(head, name);
    CHECK(distance(solved.select(-1, 0), buffer(all, name).select(-1, 0)) <= 1e-6);
    CHECK(distance(solved.select(-1, 1), buffer(few, name).select(-1, 1)) <= 1e-6);
    CHECK(distance(buffer(all, name).select(-1, 1), buffer(few, name).select(-1, 1)) > 1e-3);
  }
  CHECK(buffer(mean, "mean")[1].item<float>() == buffer(mean_of_few, "mean")[1].item<float>());
}
