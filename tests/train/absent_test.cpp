// Clips that lack some of the curves: losses, batches and marks.
#include <ATen/ATen.h>
#include <torch/utils.h>

#include <cmath>
#include <limits>

#include "../models/golden.h"
#include "catch.h"
#include "core/random.h"
#include "small_batches.h"

using namespace kuchi;
using namespace kuchi::test;

namespace {

const float kNoCurve = std::numeric_limits<float>::quiet_NaN();

/// Which of the three curves each of four clips has. The aperture is of the first two.
at::Tensor four_rigs() {
  return at::tensor({1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 0, 1}).to(at::kBool).view({4, 3});
}

/// Four clips, as collate() makes them: nothing says when the lips of the last two close.
Batch four(at::ScalarType type = at::kDouble) {
  Batch b = masked(targets({6, 3, 4, 5}, 3, 7, type), four_rigs());
  b.targets = at::where(b.present.unsqueeze(1), b.targets, at::zeros({}, b.targets.options()));
  for (const int64_t i : {2, 3}) {
    b.closed[i].fill_(false);
    b.closed_below[i].fill_(0);
    b.lipless_frames += b.lengths[i].item<int64_t>();
  }
  return b;
}

/// One clip of it alone.
Batch one_of(const Batch& b, int64_t i) {
  Batch out = masked(row(b, i), b.present.slice(0, i, i + 1));
  if (b.closed_below[i].item<double>() == 0) out.lipless_frames = out.frames;
  return out;
}

LossContext whole_context() {
  LossContext context = at_fps(30);
  context.lips = at::tensor({1.0, 1.0, 0.0}, at::kDouble);
  context.aperture = std::make_shared<Aperture>(rig());
  return context;
}

LossOptions every_term() {
  LossOptions o;
  o.kind = LossKind::huber;
  o.velocity = 0.02;
  o.acceleration = 1e-4;
  o.lips = 2;
  o.closure = 0.1;
  o.silence = 0.1;
  o.curve_weights = {{"mouthClose", 3}};
  return o;
}

/// A clip's sample with such columns of NaN.
Sample sample_of(int64_t frames, const std::vector<bool>& present, uint64_t seed) {
  Sample s{Matrix(frames, 2), Matrix(frames, static_cast<int64_t>(present.size()))};
  Stream draw(seed, "test.absent");
  for (auto& v : s.targets.data) v = static_cast<float>(draw.uniform());
  for (int64_t t = 0; t < frames; ++t) {
    for (size_t c = 0; c < present.size(); ++c) {
      if (!present[c]) s.targets(t, static_cast<int64_t>(c)) = kNoCurve;
    }
  }
  s.present = present;
  return s;
}

}  // namespace

TEST_CASE("absent curves: a batch is the clips' sums over the clips' counts", "[train]") {
  torch::manual_seed(2);
  const Batch b = four();
  const auto pred = at::rand({4, 6, 3}, at::kDouble);
  for (const auto& term : loss_terms()) {
    INFO(term.name);
    double sum = 0, count = 0;
    for (int64_t i = 0; i < 4; ++i) {
      const Batch one = one_of(b, i);
      const auto part =
          term.sum(pred.slice(0, i, i + 1).slice(1, 0, one.frames), one, whole_context());
      sum += part.sum.item<double>();
      count += part.count;
    }
    const auto whole = term.sum(pred, b, whole_context());
    CHECK(sum > 0);
    CHECK(whole.count == count);
    CHECK(whole.sum.item<double>() / whole.count == Approx(sum / count).epsilon(1e-6));
  }
}

TEST_CASE("absent curves: the mean of squares is over what is there, by hand", "[train]") {
  torch::manual_seed(3);
  const Batch b = four();
  const auto pred = at::rand({4, 6, 3}, at::kDouble);
  const std::vector<int64_t> lengths = {6, 3, 4, 5};
  double sum = 0, count = 0;
  for (int64_t i = 0; i < 4; ++i) {
    for (int64_t t = 0; t < lengths[static_cast<size_t>(i)]; ++t) {
      for (int64_t c = 0; c < 3; ++c) {
        if (!b.present[i][c].item<bool>()) continue;
        const double e = (pred[i][t][c] - b.targets[i][t][c]).item<double>();
        sum += e * e;
        count += 1;
      }
    }
  }
  CHECK(make({})(pred, b, b, 0).total.item<double>() == Approx(sum / count).epsilon(1e-12));
  const auto loss = make(every_term());
  const auto divisors = loss.divisors(b);
  CHECK(loss.names() == std::vector<std::string>{"huber", "velocity", "acceleration", "lips",
                                                 "closure", "silence"});
  CHECK(divisors == std::vector<double>{18 * 3 - 12.0, 14 * 3 - 9.0, 10 * 3 - 6.0, 18 * 3 - 12.0,
                                        9.0, 14 * 3 - 9.0});
}

TEST_CASE("absent curves: their outputs have a gradient of exactly zero", "[train]") {
  torch::manual_seed(4);
  const Batch b = four();
  auto pred = at::rand({4, 6, 3}, at::kDouble).requires_grad_();
  make(every_term())(pred, b, b, 0).total.backward();
  const auto counts = b.valid.unsqueeze(2).logical_and(b.present.unsqueeze(1));
  CHECK(pred.grad().masked_select(counts.logical_not()).abs().max().item<double>() == 0);
  CHECK(pred.grad().masked_select(counts).abs().min().item<double>() > 0);
  // What stands in their targets does not matter, and NaN spreads nowhere.
  Batch dirty = b;
  dirty.targets = at::where(counts, b.targets, at::full({}, kNoCurve, at::kDouble));
  auto again = pred.detach().clone().requires_grad_();
  make(every_term())(again, dirty, b, 0).total.backward();
  CHECK(at::equal(pred.grad(), again.grad()));
}

TEST_CASE("absent curves: micro-batches and devices add up to the one large batch", "[train]") {
  torch::manual_seed(5);
  const Batch b = four(at::kFloat);
  const auto x = at::randn({4, 6, 2});
  const auto start = at::randn({2, 3});
  const auto loss = make(every_term());
  auto w = start.clone().requires_grad_();
  const auto whole = loss(at::matmul(x, w), b, b, 0);
  whole.total.backward();
  auto v = start.clone().requires_grad_();
  Counts counts;
  auto sums = at::zeros_like(whole.sums);
  for (int64_t i = 0; i < 4; ++i) counts += one_of(b, i);
  for (int64_t i = 0; i < 4; ++i) {
    const Batch one = one_of(b, i);
    const auto heard = x.slice(0, i, i + 1).slice(1, 0, one.frames);
    const auto part = loss(at::matmul(heard, v), one, counts, 0);
    part.total.backward();
    sums += part.sums;
  }
  CHECK(loss.divisors(counts) == loss.divisors(b));
  CHECK(distance(sums, whole.sums) <= 1e-5 * whole.sums.abs().max().item<double>());
  CHECK(distance(w.grad(), v.grad()) <= 1e-6 * std::max(1.0, w.grad().abs().max().item<double>()));
}

TEST_CASE("absent curves: where all are there a mask changes no bit", "[train]") {
  torch::manual_seed(6);
  const Batch plain = targets({6, 3, 1, 5}, 3, 7, at::kFloat);
  const Batch marked = masked(plain, at::ones({4, 3}, at::kBool));
  const auto values = at::rand({4, 6, 3});
  auto a = values.clone().requires_grad_(), b = values.clone().requires_grad_();
  const auto loss = make(every_term());
  const auto one = loss(a, plain, plain, 0), two = loss(b, marked, marked, 0);
  one.total.backward();
  two.total.backward();
  CHECK(at::equal(one.total, two.total));
  CHECK(at::equal(one.sums, two.sums));
  CHECK(at::equal(a.grad(), b.grad()));
}

TEST_CASE("absent curves: a batch holds no NaN, and knows what is there", "[train]") {
  const auto whole = collate({sample_of(5, {true, true}, 1), sample_of(3, {true, true}, 2)});
  auto unmarked = sample_of(5, {true, true}, 1);
  unmarked.present.clear();
  CHECK_FALSE(collate({unmarked}).present.defined());
  CHECK(whole.absent_frames == 0);
  auto lipless = sample_of(3, {false, true}, 2);
  lipless.closed.assign(3, false);
  lipless.lipless = true;
  auto first = sample_of(5, {true, true}, 1);
  first.present.clear();
  first.closed.assign(5, true);
  first.closed_below = 0.1;
  const auto b = collate({first, lipless});
  REQUIRE(b.present.defined());
  CHECK(at::equal(b.present, at::tensor({1, 1, 0, 1}).to(at::kBool).view({2, 2})));
  CHECK(at::isfinite(b.targets).all().item<bool>());
  CHECK(b.targets[1].select(1, 0).abs().max().item<float>() == 0);
  CHECK(b.targets[1][2][1].item<float>() == lipless.targets(2, 1));
  CHECK(b.absent_frames == 3);
  CHECK(b.absent_pairs == 2);
  CHECK(b.absent_triples == 1);
  CHECK(b.lipless_frames == 3);
  CHECK(present_columns(lipless.targets) == std::vector<bool>{false, true});
  CHECK(b.to(at::kCPU).present.defined());
}
