#include "train/batch.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace kuchi::train {

Batch Batch::to(at::Device device) const {
  Batch out = *this;
  out.features = features.to(device, /*non_blocking=*/true);
  out.targets = targets.to(device, /*non_blocking=*/true);
  out.valid = valid.to(device, /*non_blocking=*/true);
  for (auto& clip : out.audio) clip = clip.to(device, /*non_blocking=*/true);
  return out;
}

Batch Batch::pinned() const {
  Batch out = *this;
  out.features = features.pin_memory();
  out.targets = targets.pin_memory();
  out.valid = valid.pin_memory();
  for (auto& clip : out.audio) clip = clip.pin_memory();
  return out;
}

Batch collate(const std::vector<Sample>& samples) {
  const auto count = static_cast<int64_t>(samples.size());
  int64_t longest = 0;
  for (const auto& s : samples) longest = std::max(longest, s.features.rows);
  Batch b;
  b.features = at::zeros({count, longest, samples[0].features.cols});
  b.targets = at::zeros({count, longest, samples[0].targets.cols});
  b.valid = at::zeros({count, longest}, at::kBool);
  b.lengths = at::empty({count}, at::kLong);
  for (int64_t i = 0; i < count; ++i) {
    const auto& s = samples[static_cast<size_t>(i)];
    const int64_t frames = s.features.rows;
    std::copy(s.features.data.begin(), s.features.data.end(), b.features[i].data_ptr<float>());
    std::copy(s.targets.data.begin(), s.targets.data.end(), b.targets[i].data_ptr<float>());
    if (!s.audio.empty()) b.audio.push_back(at::tensor(s.audio));
    std::fill_n(b.valid[i].data_ptr<bool>(), frames, true);
    b.lengths.data_ptr<int64_t>()[i] = frames;
    b.frames += frames;
    b.pairs += std::max<int64_t>(frames - 1, 0);
  }
  return b;
}

}  // namespace kuchi::train
