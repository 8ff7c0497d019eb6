// The LSTM layer of ours against LibTorch's own, values and every gradient.
#include "models/lstm.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/nn/utils/rnn.h>
#include <torch/utils.h>

#include <algorithm>

#include "catch.h"
#include "models/lstm_layer.h"
#include "models/lstm_recurrence.h"

using namespace kuchi;
namespace rnn = torch::nn::utils::rnn;

namespace {

struct Case {
  int64_t dim, hidden, layers;
  std::vector<int64_t> lengths;
  bool both = true;
};

/// Odd and even widths, under and over a vector's lanes, one clip, many, and of one length.
std::vector<Case> cases() {
  return {{5, 3, 1, {7, 4, 1}},
          {8, 16, 2, {9, 9, 9}},
          {12, 33, 2, {20, 3, 11, 20, 1, 6, 2}},
          {6, 32, 3, {15, 15, 14, 2}},
          {4, 70, 1, {13}},
          {6, 17, 2, {5, 8}, false},
          {3, 9, 1, std::vector<int64_t>(60, 4)}};
}

torch::nn::LSTM make(const Case& c, at::ScalarType type) {
  torch::manual_seed(11);
  torch::nn::LSTM lstm(torch::nn::LSTMOptions(c.dim, c.hidden)
                           .num_layers(c.layers)
                           .bidirectional(c.both)
                           .batch_first(true));
  lstm->to(type);
  return lstm;
}

/// Outputs [batch, frames, width], zero in the padding, and the gradients of a weighted sum of
/// them.
struct Result {
  at::Tensor out;
  std::vector<at::Tensor> gradients;  // of x, then of every parameter by name
};

Result result(torch::nn::LSTM& lstm, at::Tensor x, const at::Tensor& out) {
  torch::manual_seed(3);
  const auto share = at::randn({out.size(0), out.size(1), out.size(2)}, at::kDouble);
  (out.to(at::kDouble) * share).sum().backward();
  Result r{out.detach(), {x.grad().clone()}};
  for (auto& p : lstm->parameters()) {
    r.gradients.push_back(p.grad().clone());
    p.mutable_grad() = at::Tensor();
  }
  return r;
}

at::Tensor input(const Case& c, at::ScalarType type) {
  torch::manual_seed(5);
  const auto longest = *std::max_element(c.lengths.begin(), c.lengths.end());
  return at::randn({static_cast<int64_t>(c.lengths.size()), longest, c.dim}, at::kDouble)
      .to(type)
      .requires_grad_();
}

Result ours(const Case& c, at::ScalarType type) {
  auto lstm = make(c, type);
  auto x = input(c, type);
  const auto rows = std::make_shared<const models::PackedRows>(
      models::pack_rows(at::tensor(c.lengths, at::kLong), x.size(1)));
  const auto y = models::lstm(*lstm, models::packed(*rows, x), rows);
  return result(lstm, x, models::unpacked(*rows, y));
}

Result theirs(const Case& c, at::ScalarType type) {
  auto lstm = make(c, type);
  auto x = input(c, type);
  const auto packed = rnn::pack_padded_sequence(x, at::tensor(c.lengths, at::kLong), true, false);
  const auto y = std::get<0>(lstm->forward_with_packed_input(packed));
  return result(lstm, x, std::get<0>(rnn::pad_packed_sequence(y, true, 0, x.size(1))));
}

/// Largest difference as a share of the largest value.
double off(const at::Tensor& a, const at::Tensor& b) {
  const auto wide = b.to(at::kDouble);
  return (a.to(at::kDouble) - wide).abs().max().item<double>() /
         std::max(1e-30, wide.abs().max().item<double>());
}

void compare(const Result& a, const Result& b, double within) {
  CHECK(off(a.out, b.out) <= within);
  REQUIRE(a.gradients.size() == b.gradients.size());
  for (size_t i = 0; i < a.gradients.size(); ++i) {
    INFO("gradient " << i);
    CHECK(off(a.gradients[i], b.gradients[i]) <= within);
  }
}

}  // namespace

TEST_CASE("lstm: values and gradients are LibTorch's, in double and in single precision",
          "[models]") {
  for (const auto& c : cases()) {
    INFO("hidden " << c.hidden << ", clips " << c.lengths.size());
    const auto exact = theirs(c, at::kDouble);
    compare(ours(c, at::kDouble), exact, 1e-12);
    compare(ours(c, at::kFloat), exact, 2e-6);
  }
}

TEST_CASE("lstm: every cell that this processor can run gives the same", "[models]") {
  torch::manual_seed(2);
  const int64_t hidden = 37;
  const auto rows = models::pack_rows(at::tensor({6, 11, 3}, at::kLong), 11);
  const auto x = at::randn({rows.total, 2 * 4 * hidden});
  const std::vector<at::Tensor> weights = {at::randn({4 * hidden, hidden}) * 0.2,
                                           at::randn({4 * hidden, hidden}) * 0.2};
  const auto bias = at::randn({2, 4 * hidden}), d_out = at::randn({rows.total, 2 * hidden});
  at::Tensor first_out, first_gradient;
  const auto cells = models::recurrent::cells<float, float>();
  REQUIRE_FALSE(cells.empty());
  for (const auto& cell : cells) {
    INFO(cell.name);
    auto gates = x.clone(), c = at::empty({rows.total, 2 * hidden});
    auto out = at::empty({rows.total, 2 * hidden}), d_gates = at::empty_like(x);
    models::recurrent::run_forward(cell, {rows, weights}, bias, gates, c, out);
    models::recurrent::run_backward(cell, {rows, weights}, gates, c, d_out, d_gates);
    if (!first_out.defined()) {
      first_out = out;
      first_gradient = d_gates;
    }
    CHECK(off(out, first_out) <= 2e-6);
    CHECK(off(d_gates, first_gradient) <= 2e-6);
  }
}

TEST_CASE("lstm: threads and neighbours change no bit", "[models]") {
  const Case c{12, 33, 2, {20, 3, 11, 20, 1, 6, 2}};
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = ours(c, at::kFloat);
  at::set_num_threads(2);
  const auto two = ours(c, at::kFloat);
  at::set_num_threads(threads);
  CHECK(at::equal(one.out, two.out));
  // A clip alone, and the same clip in the batch.
  auto lstm = make(c, at::kFloat);
  const auto x = input(c, at::kFloat).detach();
  const auto all = std::make_shared<const models::PackedRows>(
      models::pack_rows(at::tensor(c.lengths, at::kLong), x.size(1)));
  const at::NoGradGuard no_grad;
  const auto batch = models::unpacked(*all, models::lstm(*lstm, models::packed(*all, x), all));
  const auto alone = std::make_shared<const models::PackedRows>(
      models::pack_rows(at::tensor({11}, at::kLong), 11));
  const auto own = x.slice(0, 2, 3).slice(1, 0, 11);
  const auto y = models::unpacked(*alone, models::lstm(*lstm, models::packed(*alone, own), alone));
  CHECK(off(y[0], batch[2].slice(0, 0, 11)) <= 1e-6);
}

TEST_CASE("lstm: small and large values keep sigmoid and tanh exact", "[models]") {
  // With weights of zero and an input that is the gates, c = i g and h = o tanh(c) by hand.
  const std::vector<float> values = {-200,   -88,   -20,  -5,   -0.7F, -0.6F, -1e-3F, -1e-20F, 0,
                                     1e-20F, 1e-3F, 0.6F, 0.7F, 5,     20,    88,     200};
  const auto n = static_cast<int64_t>(values.size());
  const auto rows = models::pack_rows(at::tensor({int64_t{1}}, at::kLong), 1);
  const auto z = at::tensor(values).repeat({4}).view({1, 4 * n});
  for (const auto& cell : models::recurrent::cells<float, float>()) {
    INFO(cell.name);
    auto gates = z.clone(), c = at::empty({1, n}), out = at::empty({1, n});
    models::recurrent::run_forward(cell, {rows, {at::zeros({4 * n, n})}}, at::zeros({1, 4 * n}),
                                   gates, c, out);
    const auto wide = at::tensor(values).to(at::kDouble);
    const auto want_c = wide.sigmoid() * wide.tanh();
    const auto want = wide.sigmoid() * want_c.tanh();
    for (int64_t i = 0; i < n; ++i) {
      INFO(values[static_cast<size_t>(i)]);
      const double expected = want[i].item<double>();
      CHECK(out[0][i].item<double>() == Approx(expected).epsilon(2e-6).margin(1e-30));
      CHECK(c[0][i].item<double>() == Approx(want_c[i].item<double>()).epsilon(2e-6).margin(1e-30));
    }
  }
}

TEST_CASE("lstm: in bfloat16 it is near single precision", "[models]") {
  if (models::recurrent::cells<float, uint16_t>().empty()) {
    WARN("skipped: this processor does not multiply bfloat16");
    return;
  }
  for (const auto& c : cases()) {
    if (c.layers > 1) continue;
    INFO("hidden " << c.hidden << ", clips " << c.lengths.size());
    auto lstm = make(c, at::kFloat);
    auto x = input(c, at::kFloat);
    const auto rows = std::make_shared<const models::PackedRows>(
        models::pack_rows(at::tensor(c.lengths, at::kLong), x.size(1)));
    std::vector<models::LstmWeights> weights;
    const auto named = lstm->named_parameters();
    for (const std::string end : {"_l0", "_l0_reverse"}) {
      if (!c.both && end != "_l0") continue;
      weights.push_back({named["weight_ih" + end], named["weight_hh" + end], named["bias_ih" + end],
                         named["bias_hh" + end]});
    }
    const auto y = models::lstm_layer(models::packed(*rows, x), weights, rows, true);
    CHECK(y.scalar_type() == at::kBFloat16);
    const auto near = result(lstm, x, models::unpacked(*rows, y));
    compare(near, theirs(c, at::kFloat), 0.03);
    for (const auto& g : near.gradients) CHECK(g.scalar_type() == at::kFloat);
  }
}
