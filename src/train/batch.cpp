#include "train/batch.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <stdexcept>

namespace kuchi::train {
namespace {

/// Flags of every row, false in the padding; undefined where the rows have none.
at::Tensor flags(const std::vector<Sample>& samples, std::vector<bool> Sample::*of,
                 int64_t longest) {
  if ((samples[0].*of).empty()) return {};
  const auto out = at::zeros({static_cast<int64_t>(samples.size()), longest}, at::kBool);
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto& row = samples[i].*of;
    if (static_cast<int64_t>(row.size()) != samples[i].targets.rows) {
      throw std::logic_error("a sample's marks are not as many as its frames");
    }
    std::copy(row.begin(), row.end(), out[static_cast<int64_t>(i)].data_ptr<bool>());
  }
  return out;
}

}  // namespace

Counts& Counts::operator+=(const Counts& other) {
  frames += other.frames;
  pairs += other.pairs;
  triples += other.triples;
  return *this;
}

namespace {
/// The batch with every tensor that moves as `move` makes it; lengths stay on the CPU.
template <typename Move>
Batch moved(Batch batch, const Move& move) {
  for (auto* t : {&batch.features, &batch.targets, &batch.valid, &batch.closed, &batch.closed_below,
                  &batch.silent}) {
    if (t->defined()) *t = move(*t);
  }
  for (auto& clip : batch.audio) clip = move(clip);
  return batch;
}
}  // namespace

Batch Batch::to(at::Device device) const {
  return moved(*this, [&](const at::Tensor& t) { return t.to(device, /*non_blocking=*/true); });
}

Batch Batch::to(at::Device device, const edge::SideStream& copies) const {
  Batch out;
  copies.run([&] { out = to(device); });
  return moved(std::move(out), [&](const at::Tensor& t) {
    copies.lend(t);
    return t;
  });
}

Batch Batch::pinned() const {
  return moved(*this, [](const at::Tensor& t) { return t.pin_memory(); });
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
    b.triples += std::max<int64_t>(frames - 2, 0);
  }
  b.closed = flags(samples, &Sample::closed, longest);
  if (b.closed.defined()) {
    b.closed_below = at::empty({count});
    for (int64_t i = 0; i < count; ++i) {
      b.closed_below.data_ptr<float>()[i] =
          static_cast<float>(samples[static_cast<size_t>(i)].closed_below);
    }
  }
  b.silent = flags(samples, &Sample::silent, longest);
  return b;
}

}  // namespace kuchi::train
