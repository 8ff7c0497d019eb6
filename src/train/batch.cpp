#include "train/batch.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
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
  absent_frames += other.absent_frames;
  absent_pairs += other.absent_pairs;
  absent_triples += other.absent_triples;
  lipless_frames += other.lipless_frames;
  return *this;
}

namespace {

/// Takes the curves that clips lack out of a batch: 0 instead of NaN, so that nothing spreads from
/// there, a mark, and the counts.
void mark_absent(const std::vector<Sample>& samples, Batch& b) {
  const auto is_whole = [](const Sample& s) { return s.present.empty(); };
  if (std::all_of(samples.begin(), samples.end(), is_whole)) return;
  const int64_t curves = b.targets.size(2);
  b.present = at::ones({b.targets.size(0), curves}, at::kBool);
  for (size_t i = 0; i < samples.size(); ++i) {
    const auto& present = samples[i].present;
    const int64_t frames = samples[i].targets.rows;
    for (int64_t c = 0; c < static_cast<int64_t>(present.size()); ++c) {
      if (present[static_cast<size_t>(c)]) continue;
      const auto row = static_cast<int64_t>(i);
      b.present.data_ptr<bool>()[row * curves + c] = false;
      b.targets[row].select(1, c).zero_();
      b.absent_frames += frames;
      b.absent_pairs += std::max<int64_t>(frames - 1, 0);
      b.absent_triples += std::max<int64_t>(frames - 2, 0);
    }
  }
}

/// The batch with every tensor that moves as `move` makes it; lengths stay on the CPU.
template <typename Move>
Batch moved(Batch batch, const Move& move) {
  for (auto* t : {&batch.features, &batch.targets, &batch.valid, &batch.present, &batch.closed,
                  &batch.closed_below, &batch.silent}) {
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

std::vector<bool> present_columns(const Matrix& curves) {
  std::vector<bool> out(static_cast<size_t>(curves.cols), true);
  if (curves.rows == 0) return out;
  const auto first = curves.row(0);
  for (size_t c = 0; c < out.size(); ++c) out[c] = !std::isnan(first[c]);
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
    b.told.push_back(s.told);
    std::fill_n(b.valid[i].data_ptr<bool>(), frames, true);
    b.lengths.data_ptr<int64_t>()[i] = frames;
    b.frames += frames;
    b.pairs += std::max<int64_t>(frames - 1, 0);
    b.triples += std::max<int64_t>(frames - 2, 0);
    if (s.lipless) b.lipless_frames += frames;
  }
  mark_absent(samples, b);
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
