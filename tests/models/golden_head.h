// A head with the weights of a file under tests/golden/models, held against what it says: PyTorch's
// values and all gradients, of each clip alone and of all in a padded batch.
#pragma once

#include <torch/utils.h>

#include <algorithm>

#include "catch.h"
#include "golden.h"
#include "models/head.h"

namespace kuchi::test {

inline const std::vector<int64_t> kGoldenLengths = {7, 4, 1};  // as in make_models.py

using Numbers = std::map<std::string, at::Tensor>;

/// Of the golden heads: 5 features, four curves of unlike ranges.
inline models::Shape golden_shape() { return {5, {{0, 1}, {-1, 1}, {-0.5, 2}, {0, 1}}}; }

/// "weight/NAME" → the parameter NAME, one for one. In evaluation mode.
inline void take_weights(models::Head& head, const Numbers& numbers) {
  std::map<std::string, at::Tensor> weights;
  for (const auto& [name, value] : numbers) {
    if (name.rfind("weight/", 0) == 0) weights[name.substr(7)] = value;
  }
  edge::NamedTensors parameters;
  for (const auto& item : head.named_parameters()) {
    parameters.emplace_back(item.key(), item.value());
  }
  REQUIRE(parameters.size() == weights.size());
  edge::copy_into(parameters, weights, "golden");
  head.eval();
}

/// "x/0", "x/1" … padded to the longest. → [clips, longest, dim]
inline at::Tensor padded_clips(const Numbers& numbers, const std::vector<int64_t>& lengths) {
  const auto& first = numbers.at("x/0");
  const auto longest = *std::max_element(lengths.begin(), lengths.end());
  auto x = at::zeros({static_cast<int64_t>(lengths.size()), longest, first.size(1)});
  for (size_t i = 0; i < lengths.size(); ++i) {
    x[static_cast<int64_t>(i)].narrow(0, 0, lengths[i]).copy_(numbers.at("x/" + std::to_string(i)));
  }
  return x;
}

/// Takes the weights, then: values, gradients of the inputs and of every parameter, of each clip
/// alone and of all as one padded batch.
inline void check_golden(models::Head& head, const Numbers& numbers,
                         const std::vector<int64_t>& lengths, double within = 1e-5) {
  take_weights(head, numbers);
  const auto check_gradients = [&] {
    for (const auto& item : head.named_parameters()) {
      INFO(item.key());
      REQUIRE(item.value().grad().defined());
      const auto& want = numbers.at("grad/" + item.key());
      const double largest = std::max(1.0, want.abs().max().item<double>());
      CHECK(distance(item.value().grad(), want) <= within * largest);
    }
    head.zero_grad();
  };
  for (size_t i = 0; i < lengths.size(); ++i) {
    INFO("clip " << i);
    const auto key = std::to_string(i);
    auto x = numbers.at("x/" + key).unsqueeze(0).clone().requires_grad_();
    const auto y = head.forward(x, at::tensor({lengths[i]}, at::kLong));
    (y[0] * numbers.at("share/" + key)).sum().backward();
    CHECK(distance(y[0], numbers.at("y/" + key)) <= within);
    CHECK(distance(x.grad()[0], numbers.at("dx/" + key)) <= within);
  }
  check_gradients();

  const auto y = head.forward(padded_clips(numbers, lengths), at::tensor(lengths, at::kLong));
  auto loss = at::zeros({});
  for (size_t i = 0; i < lengths.size(); ++i) {
    INFO("clip " << i << " in a batch");
    const auto key = std::to_string(i);
    const auto own = y[static_cast<int64_t>(i)].narrow(0, 0, lengths[i]);
    CHECK(distance(own, numbers.at("y/" + key)) <= within);
    loss = loss + (own * numbers.at("share/" + key)).sum();
  }
  loss.backward();
  check_gradients();
}

/// d loss / d parameters in double, against differences: the head on two clips of unlike lengths.
inline void check_gradients_numerically(models::Head& head, int64_t dim) {
  head.to(at::kDouble);
  head.eval();
  const auto x = at::randn({2, 6, dim}, at::kDouble);
  x[1].slice(0, 4).zero_();
  const auto lengths = at::tensor({6, 4}, at::kLong);
  const auto loss = [&] {
    const auto y = head.forward(x, lengths);
    return y[0].square().sum() + y[1].slice(0, 0, 4).sum();
  };
  loss().backward();
  const at::NoGradGuard no_grad;
  constexpr double kStep = 1e-6;
  for (const auto& item : head.named_parameters()) {
    auto flat = item.value().view({-1});
    const auto gradient = item.value().grad().reshape({-1});
    for (int64_t i = 0; i < flat.size(0); i += std::max<int64_t>(1, flat.size(0) / 7)) {
      const double before = flat[i].item<double>();
      flat[i] = before + kStep;
      const double up = loss().item<double>();
      flat[i] = before - kStep;
      const double down = loss().item<double>();
      flat[i] = before;
      INFO(item.key() << "[" << i << "]");
      CHECK(gradient[i].item<double>() == Approx((up - down) / (2 * kStep)).margin(1e-7));
    }
  }
}

/// The first frame whose features change nothing of frame `at`'s curves and of those before it is
/// at + lookahead + 1; those of at + lookahead still do.
inline void check_lookahead(models::Head& head, int64_t dim, int64_t lookahead) {
  head.eval();
  const at::NoGradGuard no_grad;
  const int64_t frames = 40, at = 10;
  const auto x = at::randn({1, frames, dim});
  const auto lengths = at::tensor({frames}, at::kLong);
  const auto y = head.forward(x, lengths);
  auto later = x.clone();
  later.slice(1, at + lookahead + 1) += 3;
  CHECK(distance(head.forward(later, lengths).slice(1, 0, at + 1), y.slice(1, 0, at + 1)) == 0);
  auto last = x.clone();
  last.slice(1, at + lookahead) += 3;
  CHECK(distance(head.forward(last, lengths).select(1, at), y.select(1, at)) > 0);
}

/// A clip alone, as the longest of its batch and as a short one in a wide batch.
inline void check_padding(models::Head& head, int64_t dim) {
  head.eval();
  const at::NoGradGuard no_grad;
  const std::vector<int64_t> lengths = {9, 4, 1, 6};
  auto x = at::zeros({4, 9, dim});
  for (int64_t i = 0; i < 4; ++i) {
    x[i].slice(0, 0, lengths[static_cast<size_t>(i)]).normal_();
  }
  const auto together = head.forward(x, at::tensor(lengths, at::kLong));
  for (int64_t i = 0; i < 4; ++i) {
    const int64_t frames = lengths[static_cast<size_t>(i)];
    const auto own = x[i].slice(0, 0, frames).unsqueeze(0);
    const auto alone = head.forward(own, at::tensor({frames}, at::kLong))[0];
    CHECK(distance(together[i].slice(0, 0, frames), alone) <= 1e-6);
    const auto wide = at::cat({own, at::zeros({1, 30, dim})}, 1);
    const auto in_wide = head.forward(wide, at::tensor({frames}, at::kLong))[0];
    CHECK(distance(in_wide.slice(0, 0, frames), alone) <= 1e-6);
  }
}

/// The clip in pieces of every size is the clip at once; a frame comes no later than it must.
inline void check_stream(models::Head& head, int64_t dim, int64_t frames) {
  head.eval();
  const at::NoGradGuard no_grad;
  const auto x = at::randn({frames, dim});
  const auto whole =
      frames == 0 ? at::Tensor() : head.forward(x.unsqueeze(0), at::tensor({frames}, at::kLong))[0];
  const int64_t lookahead = head.lookahead_frames().value();
  for (const int64_t piece : {1, 2, 5, 64, 1000}) {
    auto stream = head.stream();
    std::vector<at::Tensor> out = {stream->push(x.slice(0, 0, 0))};
    int64_t given = 0;
    for (int64_t t = 0; t < frames; t += piece) {
      out.push_back(stream->push(x.slice(0, t, std::min(t + piece, frames))));
      given += out.back().size(0);
      CHECK(given == std::max<int64_t>(0, std::min(t + piece, frames) - lookahead));
    }
    out.push_back(stream->finish());
    const auto all = at::cat(out);
    INFO(frames << " frames in pieces of " << piece);
    REQUIRE(all.size(0) == frames);
    if (frames > 0) CHECK(distance(all, whole) <= 1e-5);
  }
}

}  // namespace kuchi::test
