#include "models/packed_rows.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "edge/side_stream.h"

namespace kuchi::models {

PackedRows pack_rows(const at::Tensor& lengths, int64_t frames) {
  PackedRows p;
  p.clips = lengths.size(0);
  p.frames = frames;
  const auto all = lengths.contiguous();
  const auto* length = all.const_data_ptr<int64_t>();
  std::vector<int64_t> order(static_cast<size_t>(p.clips));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return length[a] > length[b]; });
  const int64_t longest = p.clips > 0 ? length[order.front()] : 0;
  if (p.clips == 0 || length[order.back()] < 1 || longest > frames) {
    throw std::logic_error("packed rows: a clip of no frame, or of more than the batch has");
  }
  p.same_length = length[order.back()] == longest;
  int64_t clips = p.clips;  // that have the time step
  for (int64_t t = 0; t < longest; ++t) {
    while (clips > 0 && length[order[static_cast<size_t>(clips - 1)]] <= t) --clips;
    p.sizes.push_back(clips);
    p.offsets.push_back(p.total);
    p.total += clips;
  }
  p.offsets.push_back(p.total);
  p.index = at::empty({p.total}, at::kLong);
  auto* index = p.index.mutable_data_ptr<int64_t>();
  for (int64_t t = 0; t < longest; ++t) {
    for (int64_t i = 0; i < p.sizes[static_cast<size_t>(t)]; ++i) {
      *index++ = order[static_cast<size_t>(i)] * frames + t;
    }
  }
  return p;
}

at::Tensor packed(const PackedRows& rows, const at::Tensor& x) {
  const auto flat = x.reshape({rows.clips * rows.frames, x.size(2)});
  if (rows.clips == 1) return flat.slice(0, 0, rows.total);
  return flat.index_select(0, edge::sent(rows.index, x.device()));
}

at::Tensor unpacked(const PackedRows& rows, const at::Tensor& x) {
  const auto shape = std::vector<int64_t>{rows.clips, rows.frames, x.size(1)};
  if (rows.clips == 1 && rows.total == rows.frames) return x.view(shape);
  const auto zeros = at::zeros({rows.clips * rows.frames, x.size(1)}, x.options());
  return zeros.index_copy(0, edge::sent(rows.index, x.device()), x).view(shape);
}

}  // namespace kuchi::models
