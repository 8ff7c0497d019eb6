#include "encoders/masks.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "edge/side_stream.h"

namespace kuchi::encoders {

at::Tensor draw_mask(int64_t n, const MaskOptions& o) {
  auto mask = at::zeros({n}, at::kBool);
  if (o.probability <= 0 || n < o.length) return mask;
  const double share = o.probability * static_cast<double>(n) / static_cast<double>(o.length);
  const int64_t places = n - o.length + 1;  // where a run may begin
  auto runs = static_cast<int64_t>(share + at::rand({1}, at::kDouble).item<double>());
  runs = std::min({std::max(runs, o.least), n / o.length, places});
  const auto begins = at::randperm(places, at::kLong).narrow(0, 0, runs);
  const auto hidden = begins.unsqueeze(1) + at::arange(o.length, at::kLong).unsqueeze(0);
  return mask.index_fill_(0, hidden.reshape({-1}), true);
}

Packed masked(const Packed& projected, const at::Tensor& embedding, const Masking& masking) {
  if (!masking.any()) return projected;
  std::vector<at::Tensor> clips;
  for (int64_t i = 0; i < projected.clips(); ++i) {
    auto x = projected.clip(i);
    if (masking.time.probability > 0) {
      const auto hidden = edge::sent(draw_mask(x.size(0), masking.time).unsqueeze(1), x.device());
      x = at::where(hidden, embedding, x);
    }
    if (masking.feature.probability > 0) {
      x = x.masked_fill(edge::sent(draw_mask(x.size(1), masking.feature), x.device()), 0);
    }
    clips.push_back(x);
  }
  return {at::cat(clips), projected.offsets};
}

}  // namespace kuchi::encoders
