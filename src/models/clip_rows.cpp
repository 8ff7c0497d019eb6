#include "models/clip_rows.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "edge/side_stream.h"

namespace kuchi::models {

ClipRows clip_rows(const at::Tensor& lengths, int64_t frames) {
  ClipRows r;
  r.clips = lengths.size(0);
  r.frames = frames;
  const auto all = lengths.contiguous();
  const auto* length = all.const_data_ptr<int64_t>();
  r.offsets.push_back(0);
  for (int64_t i = 0; i < r.clips; ++i) {
    r.total += length[i];
    r.longest = std::max(r.longest, length[i]);
    r.offsets.push_back(r.total);
  }
  r.index = at::empty({r.total}, at::kLong);
  r.clip = at::empty({r.total}, at::kLong);
  r.position = at::empty({r.total}, at::kLong);
  auto* index = r.index.mutable_data_ptr<int64_t>();
  auto* clip = r.clip.mutable_data_ptr<int64_t>();
  auto* position = r.position.mutable_data_ptr<int64_t>();
  for (int64_t i = 0; i < r.clips; ++i) {
    for (int64_t t = 0; t < length[i]; ++t) {
      *index++ = i * frames + t;
      *clip++ = i;
      *position++ = t;
    }
  }
  return r;
}

at::Tensor packed(const ClipRows& rows, const at::Tensor& x) {
  const auto flat = x.reshape({rows.clips * rows.frames, x.size(2)});
  if (rows.total == flat.size(0)) return flat;
  if (rows.clips == 1) return flat.narrow(0, 0, rows.total);
  return flat.index_select(0, edge::sent(rows.index, x.device()));
}

at::Tensor unpacked(const ClipRows& rows, const at::Tensor& x) {
  const auto shape = std::vector<int64_t>{rows.clips, rows.frames, x.size(1)};
  if (rows.total == rows.clips * rows.frames) return x.reshape(shape);
  const auto zeros = at::zeros({rows.clips * rows.frames, x.size(1)}, x.options());
  return zeros.index_copy(0, edge::sent(rows.index, x.device()), x).view(shape);
}

}  // namespace kuchi::models
