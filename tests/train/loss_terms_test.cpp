// Each loss term by hand, and what frames it singles out.
#include "train/loss_terms.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <cmath>

#include "../models/golden.h"
#include "catch.h"
#include "small_batches.h"
#include "train/marks.h"

using namespace kuchi;
using namespace kuchi::test;

TEST_CASE("mse: sum and count by hand, each curve by its weight", "[train]") {
  Batch b = targets({2}, 2, 0);
  b.targets = at::tensor({0.0, 1.0, 0.5, 0.5}, at::kDouble).view({1, 2, 2});
  const auto pred = at::tensor({0.1, 0.8, 0.5, 1.0}, at::kDouble).view({1, 2, 2});

  const auto plain = mse_loss(pred, b, {});
  CHECK(plain.count == 4);
  CHECK(plain.sum.item<double>() == Approx(0.01 + 0.04 + 0 + 0.25));
  const auto weighted = mse_loss(pred, b, {at::tensor({2.0, 10.0}, at::kDouble)});
  CHECK(weighted.count == 4);
  CHECK(weighted.sum.item<double>() == Approx(2 * 0.01 + 10 * (0.04 + 0.25)));
}

TEST_CASE("huber: square near zero, a line beyond, without a step between", "[train]") {
  const Batch b = still(4);
  const auto pred = at::tensor({0.05, -0.1, 0.3, -1.0}, at::kDouble).view({1, 4, 1});
  // d^2 up to 0.1; then 0.1 (2 |d| - 0.1)
  CHECK(huber_loss(pred, b, {}).sum.item<double>() ==
        Approx(0.0025 + 0.01 + 0.1 * 0.5 + 0.1 * 1.9));
  LossContext wide;
  wide.huber_delta = 100;
  CHECK(huber_loss(pred, b, wide).sum.item<double>() ==
        Approx(mse_loss(pred, b, {}).sum.item<double>()));
}

TEST_CASE("velocity: a padded frame never counts", "[train]") {
  Batch b = still(4);
  b.valid[0][3] = false;
  b.frames = 3;
  b.pairs = 2;
  const auto pred = at::tensor({0.0, 0.1, 0.3, 9.0}, at::kDouble).view({1, 4, 1});
  const auto loss = velocity_loss(pred, b, at_fps(10));
  CHECK(loss.count == 2);
  CHECK(loss.sum.item<double>() == Approx(5.0));  // (10*0.1)^2 + (10*0.2)^2
}

TEST_CASE("velocity: an error that stays is none; a clip of one frame has no pair", "[train]") {
  Batch b = targets({5}, 2, 0);
  CHECK(velocity_loss(b.targets + 0.3, b, at_fps(30)).sum.item<double>() ==
        Approx(0).margin(1e-12));
  const Batch one = still(1);
  const auto loss = velocity_loss(at::ones({1, 1, 1}, at::kDouble), one, at_fps(30));
  CHECK(loss.count == 0);
  CHECK(loss.sum.item<double>() == 0);
  LossOptions o;
  o.velocity = 1;
  const auto total = make(o)(at::ones({1, 1, 3}, at::kDouble), still(1, 3), Counts{1, 0, 0}, 0);
  CHECK(total.total.item<double>() == Approx(1));
}

TEST_CASE("l1: by hand", "[train]") {
  const auto pred = at::tensor({0.05, -0.1, 0.3, -1.0}, at::kDouble).view({1, 4, 1});
  const auto loss = l1_loss(pred, still(4), {});
  CHECK(loss.count == 4);
  CHECK(loss.sum.item<double>() == Approx(1.45));
}

TEST_CASE("acceleration: by hand; a straight line has none, two frames have no triple", "[train]") {
  Batch b = still(5);
  b.valid[0][4] = false;
  b.frames = 4;
  b.triples = 2;
  const auto pred = at::tensor({0.0, 0.1, 0.3, 0.3, 9.0}, at::kDouble).view({1, 5, 1});
  const auto loss = acceleration_loss(pred, b, at_fps(10));
  CHECK(loss.count == 2);
  CHECK(loss.sum.item<double>() == Approx(100 + 400));  // (100 · 0.1)^2 + (100 · -0.2)^2
  const auto line = at::arange(5, at::kDouble).view({1, 5, 1});
  CHECK(acceleration_loss(line, still(5), at_fps(10)).sum.item<double>() == Approx(0).margin(1e-9));
  CHECK(acceleration_loss(line.slice(1, 0, 2), still(2), at_fps(10)).count == 0);
}

TEST_CASE("lips: errors where the target's lips are closed, of the aperture's curves", "[train]") {
  Batch b = still(3, 3);
  b.closed = at::tensor({1, 0, 1}).to(at::kBool).view({1, 3});
  const auto pred = at::tensor({0.1, 0.2, 0.9, 1.0, 1.0, 1.0, 0.0, 0.3, 0.9}, at::kDouble);
  LossOptions o;
  o.lips = 2;
  const auto value = make(o)(pred.view({1, 3, 3}), b, b, 0);
  const double closed = 0.01 + 0.04 + 0.09;  // not mouthPucker, not the open frame
  CHECK(value.sums[1].item<double>() == Approx(closed));
  CHECK(value.total.item<double>() == Approx((value.sums[0].item<double>() + 2 * closed) / 9));
  CHECK(make(o).names() == std::vector<std::string>{"mse", "lips"});
  CHECK(make(o).divisors({10, 9, 8}) == std::vector<double>{30, 30});
}

TEST_CASE("closure: the logistic loss of the aperture against the threshold, by hand", "[train]") {
  Batch b = still(3, 3);
  b.closed = at::tensor({1, 0, 1}).to(at::kBool).view({1, 3});
  b.closed_below = at::tensor({0.1});
  const auto pred = at::tensor({0.3, 0.1, 0.9, 0.2, 0.3, 1.0, 0.1, 0.0, 0.5}, at::kDouble);
  LossContext context;
  context.aperture = std::make_shared<Aperture>(rig());
  const auto loss = closure_loss(pred.view({1, 3, 3}), b, context);
  CHECK(loss.count == 3);
  // Apertures 0.2 (should be closed), -0.1 (should be open) and 0.1 (at the threshold).
  CHECK(
      loss.sum.item<double>() ==
      Approx(std::log1p(std::exp(4.0)) + std::log1p(std::exp(8.0)) + std::log(2.0)).epsilon(1e-6));
  b.closed_below.zero_();  // lips that never open
  CHECK(closure_loss(pred.view({1, 3, 3}), b, context).sum.item<double>() == 0);
}

TEST_CASE("closure: lips that are shut are asked for no more", "[train]") {
  Batch b = still(1, 3);
  b.closed = at::ones({1, 1}, at::kBool);
  b.closed_below = at::tensor({0.1});
  LossContext context;
  context.aperture = std::make_shared<Aperture>(rig());
  auto pred = at::tensor({0.1, 0.3, 0.0}, at::kDouble).view({1, 1, 3}).requires_grad_();
  closure_loss(pred, b, context).sum.backward();
  CHECK(at::equal(pred.grad(), at::zeros_like(pred)));
}

TEST_CASE("aperture: the rig's formula, with a gradient and no limit around it", "[train]") {
  torch::manual_seed(6);
  for (const std::string name : {"arkit", "arkit-mouth", "kuchi26", "facegood"}) {
    INFO(name);
    const auto full = curves::load_rig(name);
    const auto values = at::rand({50, full.size()});
    const auto ours = Aperture(full)(values).clamp(0, 1);
    const auto theirs = curves::aperture(
        full, {values.const_data_ptr<float>(), static_cast<size_t>(values.numel())}, 50);
    CHECK(distance(ours, at::tensor(theirs)) <= 1e-6);
  }
  const auto odd = curves::parse_rig(
      "name: odd\ncurves: [a, b, c]\n"
      "aperture: max(min(a, b, c) / (a - 0.5), clamp(abs(-b), 0.2, 0.4) * 2, 3 - c)\n",
      "test");
  auto x = at::tensor({0.1F, 0.9F, 0.3F, 0.5F, 0.3F, 0.9F, 0.7F, 0.25F, 2.9F}).view({3, 3});
  const auto theirs =
      curves::aperture(odd, {x.const_data_ptr<float>(), static_cast<size_t>(x.numel())}, 3);
  CHECK(distance(Aperture(odd)(x), at::tensor(theirs)) <= 1e-6);
  const auto deep = at::tensor({0.1, 0.4, 0.0}, at::kDouble).requires_grad_();
  const auto a = Aperture(rig())(deep);
  CHECK(a.item<double>() == Approx(-0.3));
  a.backward();
  CHECK(at::equal(deep.grad(), at::tensor({1.0, -1.0, 0.0}, at::kDouble)));
}

TEST_CASE("silence: speed of the prediction where the later frame is silent", "[train]") {
  Batch b = targets({4}, 1, 0);  // whatever the target does
  b.silent = at::tensor({1, 0, 1, 1}).to(at::kBool).view({1, 4});
  const auto pred = at::tensor({0.0, 0.5, 0.4, 0.7}, at::kDouble).view({1, 4, 1});
  const auto loss = silence_loss(pred, b, at_fps(10));
  CHECK(loss.count == 3);
  CHECK(loss.sum.item<double>() == Approx(10 * (0.1 + 0.3)));
}

TEST_CASE("silence: away from speech, but up to a clip's ends", "[train]") {
  using Frames = std::vector<bool>;
  const Frames silent = {1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1};
  CHECK(away_from_speech(silent, 0) == silent);
  CHECK(away_from_speech(silent, 1) == Frames{1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1});
  CHECK(away_from_speech(silent, 2) == Frames{1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1});
  CHECK(away_from_speech(Frames(3, true), 5) == Frames(3, true));
  CHECK(away_from_speech({}, 5).empty());
}
