// The LSTM layer of ours against LibTorch's own, values and every gradient.
#include "models/lstm.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/nn/utils/rnn.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>

#include "catch.h"
#include "models/lstm_layer.h"
#include "models/lstm_panels.h"
#include "models/lstm_recurrence.h"

using namespace kuchi;
namespace rnn = torch::nn::utils::rnn;

namespace {

struct LstmCase {
  int64_t dim, hidden, layers;
  std::vector<int64_t> lengths;
  bool both = true;
};

/// Odd and even widths, under and over a vector's lanes, one clip, many, and of one length.
std::vector<LstmCase> cases() {
  return {{5, 3, 1, {7, 4, 1}},
          {8, 16, 2, {9, 9, 9}},
          {12, 33, 2, {20, 3, 11, 20, 1, 6, 2}},
          {6, 32, 3, {15, 15, 14, 2}},
          {4, 70, 1, {13}},
          {6, 17, 2, {5, 8}, false},
          {3, 9, 1, std::vector<int64_t>(60, 4)}};
}

torch::nn::LSTM make(const LstmCase& c, at::ScalarType type) {
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

at::Tensor input(const LstmCase& c, at::ScalarType type) {
  torch::manual_seed(5);
  const auto longest = *std::max_element(c.lengths.begin(), c.lengths.end());
  return at::randn({static_cast<int64_t>(c.lengths.size()), longest, c.dim}, at::kDouble)
      .to(type)
      .requires_grad_();
}

Result ours(const LstmCase& c, at::ScalarType type) {
  auto lstm = make(c, type);
  auto x = input(c, type);
  const auto rows = std::make_shared<const models::PackedRows>(
      models::pack_rows(at::tensor(c.lengths, at::kLong), x.size(1)));
  const auto y = models::lstm(*lstm, models::packed(*rows, x), rows);
  return result(lstm, x, models::unpacked(*rows, y));
}

Result theirs(const LstmCase& c, at::ScalarType type) {
  auto lstm = make(c, type);
  auto x = input(c, type);
  const auto packed = rnn::pack_padded_sequence(x, at::tensor(c.lengths, at::kLong), true, false);
  const auto y = std::get<0>(lstm->forward_with_packed_input(packed));
  return result(lstm, x, std::get<0>(rnn::pad_packed_sequence(y, true, 0, x.size(1))));
}

/// Largest difference as a share of the largest value.
double off_by(const at::Tensor& a, const at::Tensor& b) {
  const auto wide = b.to(at::kDouble);
  return (a.to(at::kDouble) - wide).abs().max().item<double>() /
         std::max(1e-30, wide.abs().max().item<double>());
}

void compare(const Result& a, const Result& b, double within) {
  CHECK(off_by(a.out, b.out) <= within);
  REQUIRE(a.gradients.size() == b.gradients.size());
  for (size_t i = 0; i < a.gradients.size(); ++i) {
    INFO("gradient " << i);
    CHECK(off_by(a.gradients[i], b.gradients[i]) <= within);
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
    CHECK(off_by(out, first_out) <= 2e-6);
    CHECK(off_by(d_gates, first_gradient) <= 2e-6);
  }
}

TEST_CASE("lstm: threads and neighbours change no bit", "[models]") {
  const LstmCase c{12, 33, 2, {20, 3, 11, 20, 1, 6, 2}};
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
  CHECK(off_by(y[0], batch[2].slice(0, 0, 11)) <= 1e-6);
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

namespace {

std::vector<models::LstmWeights> weights_of(const torch::nn::LSTM& lstm, bool both) {
  std::vector<models::LstmWeights> out;
  const auto named = lstm->named_parameters();
  for (const std::string end : {"_l0", "_l0_reverse"}) {
    if (!both && end != "_l0") continue;
    out.push_back({named["weight_ih" + end], named["weight_hh" + end], named["bias_ih" + end],
                   named["bias_hh" + end]});
  }
  return out;
}

at::Tensor rounded(const at::Tensor& x) { return x.to(at::kBFloat16).to(at::kDouble); }

/// One direction over one clip [frames, dim], in double but for what is kept in bfloat16: inputs,
/// weights, x W', h.
at::Tensor reference_bfloat16(const at::Tensor& x, const models::LstmWeights& w) {
  const auto from_x = rounded(at::mm(rounded(x), rounded(w.input).t()));
  const auto bias = (w.input_bias + w.recurrent_bias).to(at::kDouble);
  const auto recurrent = rounded(w.recurrent).t();
  auto h = at::zeros({1, recurrent.size(0)}, at::kDouble), c = h;
  std::vector<at::Tensor> out;
  for (int64_t t = 0; t < x.size(0); ++t) {
    const auto z = (from_x[t] + bias + at::mm(h, recurrent)).chunk(4, 1);
    c = z[1].sigmoid() * c + z[0].sigmoid() * z[2].tanh();
    h = rounded(z[3].sigmoid() * c.tanh());
    out.push_back(h);
  }
  return at::cat(out);
}

}  // namespace

TEST_CASE("lstm: in bfloat16 it is near single precision, and weights stay single", "[models]") {
  for (const auto& c : cases()) {
    if (c.layers > 1) continue;
    INFO("hidden " << c.hidden << ", clips " << c.lengths.size());
    auto lstm = make(c, at::kFloat);
    auto x = input(c, at::kFloat);
    const auto rows = std::make_shared<const models::PackedRows>(
        models::pack_rows(at::tensor(c.lengths, at::kLong), x.size(1)));
    const auto y =
        models::lstm_layer(models::packed(*rows, x), weights_of(lstm, c.both), rows, true);
    CHECK(y.scalar_type() == at::kBFloat16);
    const auto near = result(lstm, x, models::unpacked(*rows, y));
    compare(near, theirs(c, at::kFloat), 0.03);
    for (const auto& g : near.gradients) CHECK(g.scalar_type() == at::kFloat);
  }
}

TEST_CASE("lstm: bfloat16 rounds what is kept, and nothing else", "[models]") {
  const LstmCase c{24, 33, 1, {40}, false};
  const auto lstm = make(c, at::kFloat);
  const auto x = input(c, at::kFloat).detach();
  const at::NoGradGuard no_grad;
  const auto w = weights_of(lstm, false);
  const auto rows = std::make_shared<const models::PackedRows>(
      models::pack_rows(at::tensor(c.lengths, at::kLong), x.size(1)));
  const auto want = reference_bfloat16(x[0], w[0]);
  // Half a unit in the last of 8 bits, where a sum in another order rounds the other way.
  CHECK(off_by(models::lstm_layer(models::packed(*rows, x), w, rows, true), want) <= 1.0 / 256);
}

TEST_CASE("lstm: every bfloat16 cell that this processor can run gives the same", "[models]") {
  torch::manual_seed(2);
  for (const int64_t hidden : {37, 64}) {
    const auto rows = models::pack_rows(at::tensor({6, 11, 3}, at::kLong), 11);
    const auto x = at::randn({rows.total, 2 * 4 * hidden}).to(at::kBFloat16);
    const std::vector<at::Tensor> weights = {at::randn({4 * hidden, hidden}) * 0.1,
                                             at::randn({4 * hidden, hidden}) * 0.1};
    const auto bias = at::randn({2, 4 * hidden});
    const auto d_out = at::randn({rows.total, 2 * hidden}).to(at::kBFloat16);
    at::Tensor first_out, first_gradient;
    const auto cells = models::recurrent::cells<float, uint16_t>();
    REQUIRE_FALSE(cells.empty());
    for (const auto& cell : cells) {
      INFO(cell.name << ", hidden " << hidden);
      const auto width = models::recurrent::row_width(cell, hidden);
      auto gates = x.clone(), c = at::empty({rows.total, 2 * hidden});
      auto out = at::zeros({rows.total, 2 * width}, at::kBFloat16), d_gates = at::empty_like(x);
      models::recurrent::run_forward(cell, {rows, weights}, bias, gates, c, out);
      models::recurrent::run_backward(cell, {rows, weights}, gates, c, d_out, d_gates);
      out = out.view({rows.total, 2, width});
      CHECK(out.narrow(2, hidden, width - hidden).eq(0).all().item<bool>());
      out = out.narrow(2, 0, hidden);
      if (!first_out.defined()) {
        first_out = out;
        first_gradient = d_gates;
      }
      CHECK(off_by(out, first_out) <= 0.01);
      CHECK(off_by(d_gates, first_gradient) <= 0.02);
    }
  }
}

TEST_CASE("lstm: bfloat16 is rounded to the nearest, ties to even, and NaN stays NaN", "[models]") {
  // Weights of zero and an open output gate: the gates are functions of the input alone.
  torch::manual_seed(4);
  const int64_t n = 129;
  const auto rows = models::pack_rows(at::tensor({int64_t{1}}, at::kLong), 1);
  const auto z = (at::randn({1, 4 * n}) * 3).to(at::kBFloat16);
  auto bias = at::zeros({1, 4 * n});
  bias[0][7] = NAN;
  const auto exact = models::recurrent::portable_cell();
  auto wide = z.to(at::kFloat), c = at::empty({1, n}), out = at::zeros({1, n});
  models::recurrent::run_forward(exact, {rows, {at::zeros({4 * n, n})}}, bias, wide, c, out);
  for (const auto& cell : models::recurrent::cells<float, uint16_t>()) {
    INFO(cell.name);
    auto gates = z.clone();
    auto narrow = at::zeros({1, models::recurrent::row_width(cell, n)}, at::kBFloat16);
    models::recurrent::run_forward(cell, {rows, {at::zeros({4 * n, n})}}, bias, gates, c, narrow);
    const auto want = wide.to(at::kBFloat16);
    CHECK(gates[0][7].isnan().item<bool>());
    CHECK(narrow[0][7].isnan().item<bool>());
    int64_t unlike = 0;  // where the last bit of single precision decides
    for (int64_t i = 0; i < 4 * n; ++i) {
      if (i == 7) continue;
      const float got = gates[0][i].item<float>(), right = want[0][i].item<float>();
      CHECK(got == Approx(right).epsilon(1.0 / 128));
      unlike += got != right ? 1 : 0;
    }
    CHECK(unlike <= 4);
  }
}

TEST_CASE("lstm: in bfloat16 no direction reads what the other one keeps", "[models]") {
  // An odd width, where pairs of units are read: what is no number in one direction must not reach
  // the other. One thread, so that what lies beside a row has been written when it is read.
  const LstmCase c{5, 3, 1, {7, 4, 1}};
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const auto lstm = make(c, at::kFloat);
  const at::NoGradGuard no_grad;
  const auto x = input(c, at::kFloat).detach();
  const auto rows = std::make_shared<const models::PackedRows>(
      models::pack_rows(at::tensor(c.lengths, at::kLong), x.size(1)));
  for (const size_t sick : {0U, 1U}) {
    auto weights = weights_of(lstm, true);
    weights[sick].input_bias = at::full_like(weights[sick].input_bias, NAN);
    const auto y = models::lstm_layer(models::packed(*rows, x), weights, rows, true)
                       .view({rows->total, 2, c.hidden});
    INFO("direction " << sick);
    CHECK(y.select(1, static_cast<int64_t>(sick)).isnan().all().item<bool>());
    CHECK(y.select(1, 1 - static_cast<int64_t>(sick)).isfinite().all().item<bool>());
  }
  at::set_num_threads(threads);
}

TEST_CASE("packed rows: a clip without a frame is a mistake of ours", "[models]") {
  CHECK_THROWS_AS(models::pack_rows(at::tensor({3, 0}, at::kLong), 3), std::logic_error);
  CHECK_THROWS_AS(models::pack_rows(at::tensor({3, 4}, at::kLong), 3), std::logic_error);
  CHECK_THROWS_AS(models::pack_rows(at::empty({0}, at::kLong), 3), std::logic_error);
}
