#include "train/loss.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <limits>

#include "../models/golden.h"
#include "catch.h"
#include "small_batches.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

/// Every kind of term at once.
std::vector<LossOptions> all_kinds() {
  std::vector<LossOptions> out(8);
  out[1].kind = LossKind::huber;
  out[2].velocity = 0.01;
  out[3].kind = LossKind::huber;
  out[3].velocity = 0.02;
  out[3].curve_weights = {{"mouthClose", 3}};
  out[4].kind = LossKind::l1;
  out[5].acceleration = 1e-4;
  out[6].lips = 3;
  out[6].curve_weights = {{"mouthClose", 3}};
  out[7].silence = 0.1;
  out[7].velocity = 0.01;
  out[7].lips = 2;
  out[7].closure = 0.01;
  return out;
}

}  // namespace

TEST_CASE("schedule of a term: in a line, in or out, from and to as told", "[train]") {
  LossOptions o;
  o.velocity = 2;
  o.schedule = {{"velocity", {0.2, 0.6}}, {"mse", {1, 0.5}}};
  CHECK(schedule_factor(o, "velocity", 0.1) == 0);
  CHECK(schedule_factor(o, "velocity", 0.3) == Approx(0.25));
  CHECK(schedule_factor(o, "velocity", 0.9) == 1);
  CHECK(schedule_factor(o, "mse", 0.4) == 1);
  CHECK(schedule_factor(o, "mse", 0.75) == Approx(0.5));
  CHECK(schedule_factor(o, "mse", 1) == 0);
  CHECK(schedule_factor(o, "lips", 0) == 1);
  const Batch b = still(3, 3);
  const auto pred = at::rand({1, 3, 3}, at::kDouble);
  const auto loss = make(o);
  const auto at_half = loss(pred, b, b, 0.4);
  CHECK(at_half.total.item<double>() ==
        Approx(at_half.sums[0].item<double>() / 9 + 0.5 * 2 * at_half.sums[1].item<double>() / 6));
  // None counts yet, or any more: the gradient is zero, not absent.
  o.schedule = {{"velocity", {0.5, 0.6}}, {"mse", {0.5, 0.6}}};
  auto learns = pred.clone().requires_grad_();
  make(o)(learns, b, b, 0).total.backward();
  CHECK(at::equal(learns.grad(), at::zeros_like(pred)));
}

TEST_CASE("loss: a schedule of no term, and lips without an aperture, are refused", "[train]") {
  const auto refused = [](const LossOptions& o, const curves::Rig& with) -> std::string {
    try {
      const Loss loss(o, with, 30, {"test"});
    } catch (const UserError& e) {
      CHECK(e.code() == Exit::config);
      return e.what();
    }
    return "";
  };
  LossOptions o;
  o.schedule = {{"velocty", {0, 1}}};
  CHECK(refused(o, rig()).find("did you mean \"velocity\"") != std::string::npos);
  o.schedule = {{"velocity", {0.5, 0.5}}};
  CHECK(refused(o, rig()).find("two unlike shares") != std::string::npos);
  o.schedule = {{"velocity", {0.5}}};
  CHECK(refused(o, rig()).find("two unlike shares") != std::string::npos);
  o.schedule.clear();
  o.lips = 1;
  CHECK(refused(o, rig()).empty());
  const auto bare = curves::parse_rig("name: bare\ncurves: [jawOpen]\n", "test");
  CHECK(refused(o, bare).find("aperture") != std::string::npos);
}

TEST_CASE("loss: NaN in the padding reaches neither the value nor the gradient", "[train]") {
  torch::manual_seed(1);
  for (const auto& o : all_kinds()) {
    Batch clean = targets({6, 3, 1}, 3, 0);
    Batch dirty = clean;
    dirty.targets =
        at::where(clean.valid.unsqueeze(2), clean.targets, at::full({}, kNan, at::kDouble));
    const auto values = at::rand({3, 6, 3}, at::kDouble);
    auto in_clean = values.clone().requires_grad_();
    auto in_dirty = at::where(clean.valid.unsqueeze(2), values, at::full({}, kNan, at::kDouble))
                        .requires_grad_();
    const auto loss = make(o);
    const auto a = loss(in_clean, clean, clean, 0).total;
    const auto b = loss(in_dirty, dirty, clean, 0).total;
    a.backward();
    b.backward();
    CHECK(a.item<double>() == b.item<double>());
    CHECK(distance(in_clean.grad(), in_dirty.grad()) == 0);
    CHECK(in_clean.grad()
              .masked_select(clean.valid.logical_not().unsqueeze(2))
              .abs()
              .sum()
              .item<double>() == 0);
  }
}

TEST_CASE("loss: a batch is the clips' sums over the clips' counts", "[train]") {
  torch::manual_seed(2);
  const Batch b = targets({6, 3, 1, 5}, 3, 7);
  const auto pred = at::rand({4, 6, 3}, at::kDouble);
  LossContext context = at_fps(30);
  context.lips = at::tensor({1.0, 1.0, 0.0}, at::kDouble);
  context.aperture = std::make_shared<Aperture>(rig());
  for (const auto& term : loss_terms()) {
    INFO(term.name);
    double sum = 0, count = 0;
    for (int64_t i = 0; i < 4; ++i) {
      const Batch one = row(b, i);
      const auto part = term.sum(pred.slice(0, i, i + 1).slice(1, 0, one.frames), one, context);
      sum += part.sum.item<double>();
      count += part.count;
    }
    const auto whole = term.sum(pred, b, context);
    CHECK(sum > 0);
    CHECK(whole.count == count);
    CHECK(whole.sum.item<double>() / whole.count == Approx(sum / count).epsilon(1e-6));
  }
}

TEST_CASE("loss: micro-batches add up to the gradient of the one large batch", "[train]") {
  torch::manual_seed(3);
  const Batch b = targets({6, 3, 1, 5}, 3, 7, at::kFloat);
  const auto x = at::randn({4, 6, 2});
  const auto start = at::randn({2, 3});
  for (const auto& o : all_kinds()) {
    const auto loss = make(o);
    auto w = start.clone().requires_grad_();
    loss(at::matmul(x, w), b, b, 0).total.backward();
    auto v = start.clone().requires_grad_();
    for (int64_t half = 0; half < 2; ++half) {
      Batch part = b;
      part.targets = b.targets.slice(0, 2 * half, 2 * half + 2);
      part.valid = b.valid.slice(0, 2 * half, 2 * half + 2);
      part.lengths = b.lengths.slice(0, 2 * half, 2 * half + 2);
      part.frames = part.lengths.sum().item<int64_t>();
      part.closed = b.closed.slice(0, 2 * half, 2 * half + 2);
      part.silent = b.silent.slice(0, 2 * half, 2 * half + 2);
      part.closed_below = b.closed_below.slice(0, 2 * half, 2 * half + 2);
      loss(at::matmul(x.slice(0, 2 * half, 2 * half + 2), v), part, b, 0).total.backward();
    }
    const double scale = std::max(1.0, w.grad().abs().max().item<double>());
    CHECK(distance(w.grad(), v.grad()) <= 1e-6 * scale);
  }
}

TEST_CASE("loss: the gradient is the numeric one", "[train]") {
  torch::manual_seed(4);
  const Batch b = targets({4, 2}, 3, kNan);
  for (const auto& o : all_kinds()) {
    const auto loss = make(o);
    auto pred = at::rand({2, 4, 3}, at::kDouble).requires_grad_();
    loss(pred, b, b, 0).total.backward();
    const at::NoGradGuard no_grad;
    auto numeric = at::zeros_like(pred);
    constexpr double kStep = 1e-6;
    for (int64_t i = 0; i < pred.numel(); ++i) {
      const auto at_offset = [&](double d) {
        auto moved = pred.clone();
        moved.view({-1})[i] += d;
        return loss(moved, b, b, 0).total.item<double>();
      };
      numeric.view({-1})[i] = (at_offset(kStep) - at_offset(-kStep)) / (2 * kStep);
    }
    CHECK(distance(pred.grad(), numeric) <= 1e-7);
  }
}

TEST_CASE("loss: weights go by name; a name that no curve has is the user's mistake", "[train]") {
  torch::manual_seed(5);
  LossOptions o;
  o.curve_weights = {{"mouthPucker", 4}, {"jawOpen", 0}};
  const Batch b = targets({2}, 3, 0, at::kFloat);
  const auto pred = b.targets + at::tensor({1.0F, 0.5F, 0.1F});
  CHECK(make(o)(pred, b, b, 0).total.item<double>() ==
        Approx((0 + 0.25 + 4 * 0.01) / 3).epsilon(1e-5));
  o.curve_weights = {{"mouthPuker", 4}};
  try {
    make(o);
    FAIL("no error");
  } catch (const UserError& e) {
    CHECK(e.code() == Exit::config);
    CHECK(std::string(e.what()).find("mouthPuker") != std::string::npos);
    CHECK(std::string(e.what()).find("mouthPucker") != std::string::npos);
  }
}

TEST_CASE("collate: padding is zero, lengths and counts are the clips'", "[train]") {
  Sample a{Matrix(3, 2), Matrix(3, 1)}, b{Matrix(1, 2), Matrix(1, 1)};
  for (size_t i = 0; i < a.features.data.size(); ++i)
    a.features.data[i] = static_cast<float>(i + 1);
  a.targets.data = {1, 2, 3};
  b.features.data = {9, 8};
  b.targets.data = {7};
  const Batch batch = collate({b, a});
  CHECK(batch.frames == 4);
  CHECK(batch.pairs == 2);
  CHECK(at::equal(batch.lengths, at::tensor({1, 3}, at::kLong)));
  CHECK(at::equal(batch.features.view({-1}),
                  at::tensor({9.F, 8.F, 0.F, 0.F, 0.F, 0.F, 1.F, 2.F, 3.F, 4.F, 5.F, 6.F})));
  CHECK(at::equal(batch.targets.view({-1}), at::tensor({7.F, 0.F, 0.F, 1.F, 2.F, 3.F})));
  CHECK(at::equal(batch.valid.sum(1), batch.lengths));
}
