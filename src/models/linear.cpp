#include "models/linear.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace kuchi::models {

using at::indexing::Slice;

LinearHead::LinearHead(const Shape& shape, const LinearOptions& options) : options_(options) {
  const int64_t offsets = 2 * options.context + 1;
  weight_ = register_buffer("weight", at::zeros({offsets, shape.features, shape.size()}));
  bias_ = register_buffer("bias", at::zeros({shape.size()}));
}

at::Tensor LinearHead::forward(const at::Tensor& features, const at::Tensor&) {
  const int64_t frames = features.size(1), context = options_.context;
  auto out = bias_.expand({features.size(0), frames, bias_.size(0)}).clone();
  for (int64_t o = -context; o <= context; ++o) {
    // Frame t hears frame t + o; frames outside the batch are zero and add nothing.
    const int64_t from = std::max<int64_t>(0, -o), to = std::min(frames, frames - o);
    if (from >= to) continue;
    out.slice(1, from, to) += at::matmul(features.slice(1, from + o, to + o), weight_[o + context]);
  }
  return out;
}

void LinearHead::observe(const at::Tensor& features, const at::Tensor& targets) {
  const auto x = features.to(at::kCPU, at::kDouble), y = targets.to(at::kCPU, at::kDouble);
  const int64_t frames = x.size(0), dim = x.size(1), context = options_.context;
  const int64_t offsets = 2 * context + 1;
  if (!xx_.defined()) {
    xx_ = at::zeros({offsets, offsets, dim, dim}, at::kDouble);
    xy_ = at::zeros({offsets, dim, y.size(1)}, at::kDouble);
    x_ = at::zeros({offsets, dim}, at::kDouble);
    y_ = at::zeros({y.size(1)}, at::kDouble);
  }
  for (int64_t o = -context; o <= context; ++o) {
    const int64_t from = std::max<int64_t>(0, -o), to = std::min(frames, frames - o);
    if (from >= to) continue;
    const auto shifted = x.slice(0, from + o, to + o);
    xy_[o + context] += at::matmul(shifted.t(), y.slice(0, from, to));
    x_[o + context] += shifted.sum(0);
  }
  y_ += y.sum(0);
  frames_ += frames;
  observe_lags(x);
}

// Block (i, j) of the window's second moments is sum over t of x[t+i] x[t+j]^T. Written with
// u = t + i it is the clip's sum at lag j - i less the few frames at its ends where t falls
// outside: one product a lag instead of one a block, 2 context + 1 instead of their square.
void LinearHead::observe_lags(const at::Tensor& x) {
  const int64_t frames = x.size(0), context = options_.context;
  for (int64_t lag = 0; lag <= 2 * context && lag < frames; ++lag) {
    const auto whole = at::matmul(x.slice(0, 0, frames - lag).t(), x.slice(0, lag, frames));
    for (int64_t i = -context; i + lag <= context; ++i) {
      auto block = xx_[i + context][i + lag + context];
      block += whole;
      // u runs over [i, frames - 1 + i] cut to [0, frames - 1 - lag].
      const int64_t first = std::clamp<int64_t>(i, 0, frames - lag);
      const int64_t last = std::clamp<int64_t>(frames + i, first, frames - lag);
      if (first > 0) {
        block -= at::matmul(x.slice(0, 0, first).t(), x.slice(0, lag, first + lag));
      }
      if (last < frames - lag) {
        block -= at::matmul(x.slice(0, last, frames - lag).t(), x.slice(0, last + lag, frames));
      }
    }
  }
}

void LinearHead::solve() {
  const int64_t offsets = xx_.size(0), dim = xx_.size(2), curves = y_.size(0);
  const int64_t window = offsets * dim;
  const auto n = static_cast<double>(frames_);
  auto gram = xx_.permute({0, 2, 1, 3}).reshape({window, window});
  gram = gram.triu();  // diagonal blocks are whole, blocks above them too
  gram = gram + gram.triu(1).t();
  const auto x = x_.reshape({window});
  // Centred sums leave the bias out of the penalty.
  gram -= at::outer(x, x) / n;
  const auto right = xy_.reshape({window, curves}) - at::outer(x, y_) / n;
  gram.diagonal() += options_.ridge * n;
  const auto factor = at::linalg_cholesky(gram);
  const auto solution = at::cholesky_solve(right, factor);  // [window, curves]
  weight_.copy_(solution.view({offsets, dim, curves}));
  bias_.copy_((y_ - at::matmul(x, solution)) / n);
  xx_ = xy_ = x_ = y_ = at::Tensor();
}

}  // namespace kuchi::models
