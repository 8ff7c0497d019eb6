#include "train/loss.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

#include <limits>

#include "../models/golden.h"
#include "catch.h"
#include "train/marks.h"

using namespace kuchi;
using namespace kuchi::train;
using kuchi::test::distance;

namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

/// A batch of targets alone; padding is where `fill` goes.
Batch targets(const std::vector<int64_t>& lengths, int64_t curves, double fill,
              at::ScalarType type = at::kDouble) {
  int64_t longest = 0;
  for (const auto n : lengths) longest = std::max(longest, n);
  const auto count = static_cast<int64_t>(lengths.size());
  Batch b;
  b.targets = at::rand({count, longest, curves}, type);
  b.valid = at::zeros({count, longest}, at::kBool);
  b.lengths = at::tensor(lengths, at::kLong);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t n = lengths[static_cast<size_t>(i)];
    b.valid[i].slice(0, 0, n).fill_(true);
    b.targets[i].slice(0, n).fill_(fill);
    b.frames += n;
    b.pairs += n - 1;
    b.triples += std::max<int64_t>(n - 2, 0);
  }
  b.closed = at::rand({count, longest}).lt(0.5);
  b.silent = at::rand({count, longest}).lt(0.5);
  b.closed_below = at::rand({count}) * 0.1 + 0.02;
  return b;
}

Batch row(const Batch& b, int64_t i) {
  Batch out;
  const int64_t n = b.lengths[i].item<int64_t>();
  out.targets = b.targets.slice(0, i, i + 1).slice(1, 0, n);
  out.valid = b.valid.slice(0, i, i + 1).slice(1, 0, n);
  out.lengths = b.lengths.slice(0, i, i + 1);
  out.frames = n;
  out.pairs = n - 1;
  out.triples = std::max<int64_t>(n - 2, 0);
  out.closed = b.closed.slice(0, i, i + 1).slice(1, 0, n);
  out.silent = b.silent.slice(0, i, i + 1).slice(1, 0, n);
  out.closed_below = b.closed_below.slice(0, i, i + 1);
  return out;
}

LossContext at_fps(double fps) {
  LossContext out;
  out.fps = fps;
  return out;
}

/// One clip whose targets are zero.
Batch still(int64_t frames, int64_t curves = 1) {
  Batch b = targets({frames}, curves, 0);
  b.targets.zero_();
  return b;
}

const curves::Rig& rig() {
  static const curves::Rig kRig = curves::parse_rig(
      "name: three\ncurves: [jawOpen, mouthClose, mouthPucker]\n"
      "aperture: clamp(jawOpen - mouthClose, 0, 1)\n",
      "test");
  return kRig;
}

Loss make(const LossOptions& o) { return Loss(o, rig(), 30, {"test"}); }

/// Every kind of term at once.
std::vector<LossOptions> all_kinds() {
  std::vector<LossOptions> out(8);
  out[4].kind = LossKind::l1;
  out[5].acceleration = 1e-4;
  out[6].lips = 3;
  out[6].curve_weights = {{"mouthClose", 3}};
  out[7].silence = 0.1;
  out[7].velocity = 0.01;
  out[7].lips = 2;
  out[7].closure = 0.01;
  out[1].kind = LossKind::huber;
  out[2].velocity = 0.01;
  out[3].kind = LossKind::huber;
  out[3].velocity = 0.02;
  out[3].curve_weights = {{"mouthClose", 3}};
  return out;
}

}  // namespace

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
