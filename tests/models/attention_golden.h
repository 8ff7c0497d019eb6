// What heads with attention are held against, beside PyTorch's numbers (golden_head.h).
#pragma once

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/utils.h>

#include <algorithm>
#include <string>
#include <vector>

#include "golden_head.h"

namespace kuchi::test {

inline const std::vector<int64_t> kAttentionLengths = {70, 9, 1};  // as in make_transformer.py

/// d loss / d parameters and d loss / d x by central differences, in double: some values of each.
inline void check_numerically(models::Head& head, const at::Tensor& features,
                              const at::Tensor& lengths) {
  at::set_num_threads(1);  // so little work that sharing it takes longer
  head.eval();
  head.to(at::kDouble);
  auto x = features.to(at::kDouble).requires_grad_();
  const auto valid = at::arange(x.size(1), at::kLong).unsqueeze(0) < lengths.unsqueeze(1);
  torch::manual_seed(21);
  at::Tensor share;
  const auto loss = [&] {
    const auto y = head.forward(x, lengths);
    if (!share.defined()) share = at::randn(y.sizes(), at::kDouble);
    return (y * share * valid.unsqueeze(2)).sum();
  };
  loss().backward();
  auto all = head.named_parameters().pairs();
  all.emplace_back("x", x);
  for (auto& [name, p] : all) {
    INFO(name);
    const auto gradient = p.grad().flatten().clone();
    auto values = p.detach().view({-1});
    for (int64_t k = 0; k < 2; ++k) {
      const int64_t i = (k * 7919 + 13) % values.size(0);
      const double was = values[i].item<double>(), step = 1e-5;
      const at::NoGradGuard no_grad;
      values[i] = was + step;
      const double above = loss().item<double>();
      values[i] = was - step;
      const double below = loss().item<double>();
      values[i] = was;
      CHECK(gradient[i].item<double>() ==
            Approx((above - below) / (2 * step)).epsilon(1e-5).margin(1e-7));
    }
  }
}

/// A padded batch of unlike clips, each as it is alone.
inline void check_alone(models::Head& head, const std::vector<int64_t>& lengths, int64_t dim,
                        double within = 1e-6) {
  at::set_num_threads(1);
  const at::NoGradGuard no_grad;
  torch::manual_seed(22);
  const auto longest = *std::max_element(lengths.begin(), lengths.end());
  const auto x = at::randn({static_cast<int64_t>(lengths.size()), longest + 3, dim});
  const auto together = head.forward(x, at::tensor(lengths, at::kLong));  // noise as padding
  for (size_t i = 0; i < lengths.size(); ++i) {
    INFO("clip " << i << " of " << lengths[i] << " frames");
    const auto own = static_cast<int64_t>(i);
    const auto alone = head.forward(x.narrow(0, own, 1).narrow(1, 0, lengths[i]),
                                    at::tensor({lengths[i]}, at::kLong));
    CHECK(distance(together[own].narrow(0, 0, lengths[i]), alone[0]) <= within);
  }
}

/// A stream given pieces of these sizes in turn, to the end: the whole clip's curves.
inline void check_stream(models::Head& head, int64_t frames, int64_t dim,
                         const std::vector<int64_t>& pieces, double within = 1e-5) {
  at::set_num_threads(1);
  torch::manual_seed(23);
  const auto x = at::randn({frames, dim});
  const auto whole = [&] {  // with gradients on: never in pieces itself
    return head.forward(x.unsqueeze(0), at::tensor({frames}, at::kLong))[0].detach();
  }();
  const auto lookahead = head.lookahead_frames();
  REQUIRE(lookahead.has_value());
  const auto stream = head.stream();
  REQUIRE(stream != nullptr);
  std::vector<at::Tensor> out;
  int64_t given = 0, got = 0;
  for (size_t i = 0; given < frames; ++i) {
    const int64_t count = std::min(pieces[i % pieces.size()], frames - given);
    out.push_back(stream->push(x.narrow(0, given, count)));
    given += count;
    got += out.back().size(0);
    REQUIRE(got == std::max<int64_t>(0, given - *lookahead));  // as soon as it can be known
  }
  out.push_back(stream->finish());
  CHECK(distance(at::cat(out), whole) <= within);
}

}  // namespace kuchi::test
