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

LinearHead::Heard& LinearHead::heard_with(const std::vector<bool>& present, int64_t dim) {
  auto& heard = heard_[present];
  if (!heard.xx.defined()) {
    const int64_t offsets = 2 * options_.context + 1;
    heard.xx = at::zeros({offsets, offsets, dim, dim}, at::kDouble);
    heard.x = at::zeros({offsets, dim}, at::kDouble);
  }
  return heard;
}

void LinearHead::observe(const at::Tensor& features, const at::Tensor& targets) {
  const auto x = features.to(at::kCPU, at::kDouble);
  const auto given = targets.to(at::kCPU, at::kDouble);
  const int64_t frames = x.size(0), dim = x.size(1), context = options_.context;
  const int64_t offsets = 2 * context + 1;
  const auto lacks = at::isnan(given[0]);  // [curves]
  std::vector<bool> present;
  for (int64_t c = 0; c < lacks.size(0); ++c) present.push_back(!lacks[c].item<bool>());
  const auto y = given.masked_fill(lacks, 0);
  if (!xy_.defined()) {
    xy_ = at::zeros({offsets, dim, y.size(1)}, at::kDouble);
    y_ = at::zeros({y.size(1)}, at::kDouble);
  }
  auto& heard = heard_with(present, dim);
  for (int64_t o = -context; o <= context; ++o) {
    const int64_t from = std::max<int64_t>(0, -o), to = std::min(frames, frames - o);
    if (from >= to) continue;
    const auto shifted = x.slice(0, from + o, to + o);
    xy_[o + context] += at::matmul(shifted.t(), y.slice(0, from, to));
    heard.x[o + context] += shifted.sum(0);
  }
  y_ += y.sum(0);
  heard.frames += frames;
  observe_lags(x, heard.xx);
}

// Block (i, j) of the window's second moments is sum over t of x[t+i] x[t+j]^T. Written with
// u = t + i it is the clip's sum at lag j - i less the few frames at its ends where t falls
// outside: one product a lag instead of one a block, 2 context + 1 instead of their square.
void LinearHead::observe_lags(const at::Tensor& x, at::Tensor& xx) const {
  const int64_t frames = x.size(0), context = options_.context;
  for (int64_t lag = 0; lag <= 2 * context && lag < frames; ++lag) {
    const auto whole = at::matmul(x.slice(0, 0, frames - lag).t(), x.slice(0, lag, frames));
    for (int64_t i = -context; i + lag <= context; ++i) {
      auto block = xx[i + context][i + lag + context];
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
  // Curves that the same clips have are solved together.
  std::map<std::vector<bool>, std::vector<int64_t>> alike;  // by which of heard_ have them
  for (int64_t c = 0; c < y_.size(0); ++c) {
    std::vector<bool> in;
    for (const auto& [present, heard] : heard_) in.push_back(present[static_cast<size_t>(c)]);
    alike[in].push_back(c);
  }
  for (const auto& [in, curves] : alike) {
    Heard sum;
    size_t i = 0;
    for (const auto& [present, heard] : heard_) {
      if (!in[i++]) continue;
      sum = sum.frames == 0 ? heard
                            : Heard{sum.xx + heard.xx, sum.x + heard.x, sum.frames + heard.frames};
    }
    solve_curves(curves, sum);
  }
  heard_.clear();
  xy_ = y_ = at::Tensor();
}

void LinearHead::solve_curves(const std::vector<int64_t>& curves, const Heard& heard) {
  const int64_t offsets = heard.xx.size(0), dim = heard.xx.size(2);
  const int64_t window = offsets * dim, count = static_cast<int64_t>(curves.size());
  const auto n = static_cast<double>(heard.frames);
  const auto which = at::tensor(curves, at::kLong);
  auto gram = heard.xx.permute({0, 2, 1, 3}).reshape({window, window});
  gram = gram.triu();  // diagonal blocks are whole, blocks above them too
  gram = gram + gram.triu(1).t();
  const auto x = heard.x.reshape({window});
  const auto y = y_.index_select(0, which);
  // Centred sums leave the bias out of the penalty.
  gram -= at::outer(x, x) / n;
  const auto right = xy_.index_select(2, which).reshape({window, count}) - at::outer(x, y) / n;
  gram.diagonal() += options_.ridge * n;
  const auto factor = at::linalg_cholesky(gram);
  const auto solution = at::cholesky_solve(right, factor);  // [window, curves]
  weight_.index_copy_(2, which.to(weight_.device()),
                      solution.view({offsets, dim, count}).to(weight_.options()));
  bias_.index_copy_(0, which.to(bias_.device()),
                    ((y - at::matmul(x, solution)) / n).to(bias_.options()));
}

}  // namespace kuchi::models
