// Attention within reach against the formula, pair by pair.
#include "models/attention.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/utils.h>

#include <cmath>
#include <limits>

#include "catch.h"
#include "golden.h"
#include "models/positions.h"

using namespace kuchi;
using kuchi::test::distance;
using models::Reach;

namespace {

constexpr int64_t kHeads = 3, kHeadDim = 8;

struct AttentionInputs {
  models::ClipRows rows;
  at::Tensor q, k, v;  // [total, heads, head_dim]
};

AttentionInputs attention_inputs(const std::vector<int64_t>& lengths,
                                 at::ScalarType type = at::kDouble) {
  torch::manual_seed(31);
  AttentionInputs in;
  in.rows = models::clip_rows(at::tensor(lengths, at::kLong),
                              *std::max_element(lengths.begin(), lengths.end()));
  for (auto* x : {&in.q, &in.k, &in.v}) {
    *x = at::randn({in.rows.total, kHeads, kHeadDim}, at::kDouble).to(type).requires_grad_();
  }
  return in;
}

/// Scores of every pair of a clip, those out of reach at −infinity.
at::Tensor by_formula(const AttentionInputs& in, const Reach& reach, const at::Tensor& slopes) {
  std::vector<at::Tensor> out;
  for (size_t c = 0; c + 1 < in.rows.offsets.size(); ++c) {
    const int64_t begin = in.rows.offsets[c], n = in.rows.length(c);
    auto added = at::zeros({kHeads, n, n}, at::kDouble);
    auto a = added.accessor<double, 3>();
    for (int64_t h = 0; h < kHeads; ++h) {
      const double slope = slopes.defined() ? slopes[h].item<double>() : 0;
      for (int64_t i = 0; i < n; ++i) {
        for (int64_t j = 0; j < n; ++j) {
          const bool seen =
              (!reach.left || i - j <= *reach.left) && (!reach.right || j - i <= *reach.right);
          a[h][i][j] = seen ? -slope * static_cast<double>(std::abs(i - j))
                            : -std::numeric_limits<double>::infinity();
        }
      }
    }
    const auto part = [&](const at::Tensor& x) {
      return x.narrow(0, begin, n).transpose(0, 1).to(at::kDouble);
    };
    const auto scores =
        at::matmul(part(in.q), part(in.k).transpose(1, 2)) / std::sqrt(double{kHeadDim}) + added;
    const auto heard = at::matmul(at::softmax(scores, -1), part(in.v));
    out.push_back(heard.transpose(0, 1).reshape({n, kHeads * kHeadDim}));
  }
  return at::cat(out);
}

std::vector<at::Tensor> attention_gradients(AttentionInputs& in, const at::Tensor& out) {
  torch::manual_seed(32);
  (out.to(at::kDouble) * at::randn(out.sizes(), at::kDouble)).sum().backward();
  std::vector<at::Tensor> all;
  for (auto* x : {&in.q, &in.k, &in.v}) {
    all.push_back(x->grad().clone());
    x->mutable_grad() = at::Tensor();
  }
  return all;
}

const std::vector<Reach>& attention_reaches() {
  static const std::vector<Reach> kAll = {{},
                                          {5, 3},
                                          {0, 0},
                                          {30, 0},
                                          {0, 9},
                                          {64, 64},
                                          {100, 40},
                                          {200, 200},
                                          {149, 0},
                                          {150, 2},
                                          {16, 80},
                                          {std::nullopt, 0},
                                          {std::nullopt, 4},
                                          {7, std::nullopt}};
  return kAll;
}

}  // namespace

TEST_CASE("attention: values and gradients are the formula's for every reach, clip by clip",
          "[models]") {
  at::set_num_threads(1);
  for (const auto& lengths : std::vector<std::vector<int64_t>>{
           {150, 3, 70, 1, 64}, {150}, {90, 90}, {1}, {128, 129, 130}}) {
    for (const bool alibi : {false, true}) {
      const auto slopes = alibi ? models::alibi_slopes(kHeads) : at::Tensor();
      for (const auto& reach : attention_reaches()) {
        auto in = attention_inputs(lengths);
        const models::Attending attend(in.rows, reach, slopes, at::kDouble);
        INFO("longest " << in.rows.longest << ", alibi " << alibi << ", left "
                        << reach.left.value_or(-1) << ", right " << reach.right.value_or(-1));
        const auto out = attend(in.q, in.k, in.v, 0);
        const auto want = by_formula(in, reach, slopes);
        CHECK(distance(out, want) <= 1e-10);
        const auto got = attention_gradients(in, out), exact = attention_gradients(in, want);
        for (size_t i = 0; i < got.size(); ++i) CHECK(distance(got[i], exact[i]) <= 1e-10);
      }
    }
  }
}

TEST_CASE("attention: in single precision too, forward and backward", "[models]") {
  for (const auto& reach : {Reach{}, Reach{20, 12}, Reach{std::nullopt, 0}}) {
    auto in = attention_inputs({150, 31, 2}, at::kFloat);
    const models::Attending attend(in.rows, reach, {}, at::kFloat);
    const auto out = attend(in.q, in.k, in.v, 0);
    const auto want = by_formula(in, reach, {});
    CHECK(distance(out, want) <= 1e-5);
    const auto got = attention_gradients(in, out), exact = attention_gradients(in, want);
    for (size_t i = 0; i < got.size(); ++i) CHECK(distance(got[i], exact[i]) <= 2e-5);
  }
}

TEST_CASE("attention: a window that holds a whole clip gives full attention", "[models]") {
  // Beside a clip of 300 frames the band is in use, and the others lie within it whole.
  auto in = attention_inputs({300, 40, 41, 7, 1}, at::kFloat);
  const Reach window{40, 40};
  const auto banded =
      models::Attending(in.rows, window, {}, at::kFloat)(in.q, in.k, in.v, 0).narrow(0, 300, 89);
  const auto full =
      models::Attending(in.rows, {}, {}, at::kFloat)(in.q, in.k, in.v, 0).narrow(0, 300, 89);
  CHECK(distance(banded, full) <= 1e-5);
}

TEST_CASE("attention: dropout keeps the expected value and drops something", "[models][slow]") {
  for (const auto& reach : {Reach{}, Reach{20, 12}}) {
    const auto in = attention_inputs({150, 31}, at::kFloat);
    const models::Attending attend(in.rows, reach, {}, at::kFloat);
    const at::NoGradGuard no_grad;
    const auto exact = attend(in.q, in.k, in.v, 0);
    auto mean = at::zeros_like(exact);
    for (int i = 0; i < 200; ++i) mean += attend(in.q, in.k, in.v, 0.2) / 200;
    CHECK(distance(attend(in.q, in.k, in.v, 0.2), exact) > 0.05);
    CHECK((mean - exact).abs().mean().item<double>() < 0.03);
  }
}

TEST_CASE("positions: a rotation keeps lengths, and products know the distance alone", "[models]") {
  torch::manual_seed(33);
  const auto q = at::randn({1, 1, 8}, at::kDouble), k = at::randn({1, 1, 8}, at::kDouble);
  const auto at_ = [](const at::Tensor& x, int64_t position) {
    return models::rotation(at::tensor({position}, at::kLong), 8, at::kDouble)(x);
  };
  const auto product = [&](int64_t i, int64_t j) {
    return (at_(q, i) * at_(k, j)).sum().item<double>();
  };
  CHECK(at_(q, 77).norm().item<double>() == Approx(q.norm().item<double>()));
  CHECK(product(3, 8) == Approx(product(100, 105)));
  CHECK(product(3, 8) == Approx(product(400000, 400005)).epsilon(1e-6));  // hours into a stream
  CHECK(product(0, 0) == Approx((q * k).sum().item<double>()));
  CHECK(std::abs(product(3, 8) - product(8, 3)) > 1e-3);  // it knows before from after
}

TEST_CASE("positions: ALiBi's slopes of eight heads are the paper's", "[models]") {
  const auto slopes = models::alibi_slopes(8);
  for (int64_t h = 0; h < 8; ++h) {
    CHECK(slopes[h].item<double>() == Approx(std::pow(0.5, static_cast<double>(h + 1))));
  }
}
