#include "models/attention.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

#include "edge/side_stream.h"

namespace kuchi::models {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

/// Queries that get a mask at a time where there is no band: [heads, queries, keys] of it exists.
constexpr int64_t kQueries = 128;

/// A reach that no frame of these clips exhausts is no bound.
Reach cut(Reach reach, int64_t longest) {
  if (reach.left && *reach.left >= longest - 1) reach.left.reset();
  if (reach.right && *reach.right >= longest - 1) reach.right.reset();
  return reach;
}

/// Queries in a block. A block computes block + left + right scores a query, so small ones waste
/// less; but each costs a call's overhead, and the kernel takes 32 queries at a time.
int64_t block_of(int64_t left, int64_t right) {
  return std::clamp<int64_t>((left + right) / 2 / 32 * 32, 32, 128);
}

int64_t up_to_multiple(int64_t n, int64_t of) { return (n + of - 1) / of * of; }

/// Rows before and after. x [rows, …]
at::Tensor padded(const at::Tensor& x, int64_t before, int64_t after, const at::Scalar& value) {
  std::vector<int64_t> pads(static_cast<size_t>(2 * x.dim()), 0);
  pads[pads.size() - 2] = before;
  pads[pads.size() - 1] = after;
  return at::constant_pad_nd(x, pads, value);
}

}  // namespace

at::Tensor reach_mask(const at::Tensor& distance, const Reach& reach, const at::Tensor& slopes,
                      const at::TensorOptions& like) {
  auto outside = at::zeros_like(distance, at::kBool);
  if (reach.left) outside = outside.logical_or(distance < -*reach.left);
  if (reach.right) outside = outside.logical_or(distance > *reach.right);
  auto bias = at::zeros(distance.sizes(), like);
  if (slopes.defined()) {
    bias = -slopes.to(like).view({-1, 1, 1}) * distance.abs().to(like.dtype()).unsqueeze(0);
  }
  return bias.masked_fill(outside, kNever);
}

Attending::Attending(const ClipRows& rows, const Reach& reach, const at::Tensor& slopes,
                     const at::TensorOptions& like)
    : rows_(rows), reach_(cut(reach, rows.longest)), slopes_(slopes) {
  if (!reach_.bounded()) return;
  const int64_t left = *reach_.left, right = *reach_.right;
  block_ = block_of(left, right);
  // A GPU's kernels want rows of masks at multiples of 16 bytes.
  span_ = up_to_multiple(left + block_ + right, 16);
  if (span_ >= rows.longest) {
    block_ = 0;  // no less than everything
    return;
  }
  // Block b: queries b · block + i, keys b · block − left + j.
  const auto device = like.device();
  const auto whole = at::TensorOptions(at::kLong).device(device);
  const auto distance =
      at::arange(span_, whole).unsqueeze(0) - at::arange(block_, whole).unsqueeze(1) - left;
  const auto bias = reach_mask(distance, reach_, slopes_, like);  // [(heads,) block, span]
  // Clips stand side by side, so a block may see its neighbours: they are masked. What is beyond
  // all clips is a clip of its own, so that no query is without a key.
  const int64_t queries = up_to_multiple(rows.total, block_);
  const auto clip =
      padded(edge::sent(rows.clip, device), left, queries - rows.total + span_ - block_ - left,
             /*value=*/-1);
  const auto keys = clip.unfold(0, span_, block_);  // [blocks, span]
  const auto own = clip.narrow(0, left, queries).view({-1, block_});
  const auto other = keys.unsqueeze(1).ne(own.unsqueeze(2));  // [blocks, block, span]
  const auto all = bias.dim() == 2 ? bias.unsqueeze(0) : bias;
  mask_ = all.unsqueeze(0).masked_fill(other.unsqueeze(1), kNever);
}

at::Tensor Attending::operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                 double dropout) const {
  return block_ > 0 ? band(q, k, v, dropout) : clip_by_clip(q, k, v, dropout);
}

at::Tensor Attending::band(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                           double dropout) const {
  const int64_t left = *reach_.left, blocks = mask_.size(0), heads = q.size(1);
  const int64_t missing = blocks * block_ - rows_.total;
  const auto queries =
      padded(q, 0, missing, 0).view({blocks, block_, heads, q.size(2)}).transpose(1, 2);
  // Windows over the same memory: nothing is copied for the overlap.
  const auto windows = [&](const at::Tensor& x) {
    return padded(x, left, missing + span_ - block_ - left, 0)
        .unfold(0, span_, block_)  // [blocks, heads, head_dim, span]
        .transpose(2, 3);
  };
  const auto heard =
      at::scaled_dot_product_attention(queries, windows(k), windows(v), mask_, dropout);
  return heard.transpose(1, 2)
      .reshape({blocks * block_, heads * q.size(2)})
      .narrow(0, 0, rows_.total);
}

at::Tensor Attending::clip_by_clip(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                   double dropout) const {
  std::vector<at::Tensor> out;
  for (size_t i = 0; i + 1 < rows_.offsets.size();) {
    size_t end = i + 1;  // neighbours of one length together
    while (end + 1 < rows_.offsets.size() && rows_.length(end) == rows_.length(i)) ++end;
    const int64_t begin = rows_.offsets[i], count = rows_.offsets[end] - begin;
    const auto part = [&](const at::Tensor& x) {  // [clips, heads, frames, head_dim]
      return x.narrow(0, begin, count)
          .unflatten(0, {static_cast<int64_t>(end - i), rows_.length(i)})
          .transpose(1, 2);
    };
    const auto heard = by_blocks(part(q), part(k), part(v), dropout);
    out.push_back(heard.transpose(1, 2).reshape({count, q.size(1) * q.size(2)}));
    i = end;
  }
  return out.size() == 1 ? out[0] : at::cat(out);
}

at::Tensor Attending::by_blocks(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                                double dropout) const {
  const int64_t frames = q.size(2);
  if (!slopes_.defined() && !reach_.left && (!reach_.right || *reach_.right == 0)) {
    return at::scaled_dot_product_attention(q, k, v, {}, dropout, /*is_causal=*/!!reach_.right);
  }
  const auto whole = at::TensorOptions(at::kLong).device(q.device());
  std::vector<at::Tensor> blocks;
  for (int64_t begin = 0; begin < frames; begin += kQueries) {
    const int64_t count = std::min(kQueries, frames - begin);
    const int64_t first = reach_.left ? std::max<int64_t>(0, begin - *reach_.left) : 0;
    const int64_t last = reach_.right ? std::min(frames, begin + count + *reach_.right) : frames;
    const auto distance = at::arange(first, last, whole).unsqueeze(0) -
                          at::arange(begin, begin + count, whole).unsqueeze(1);
    auto mask = reach_mask(distance, reach_, slopes_, q.options().requires_grad(false));
    if (mask.dim() == 2) mask = mask.unsqueeze(0);
    blocks.push_back(at::scaled_dot_product_attention(
        q.narrow(2, begin, count), k.narrow(2, first, last - first),
        v.narrow(2, first, last - first), mask.unsqueeze(0), dropout));
  }
  return blocks.size() == 1 ? blocks[0] : at::cat(blocks, 2);
}

}  // namespace kuchi::models
