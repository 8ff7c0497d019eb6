#include "models/lookahead.h"

#include <ATen/ATen.h>

#include <limits>

#include "edge/side_stream.h"
#include "onnx/ops.h"

namespace kuchi::models {

at::Tensor continued(const at::Tensor& x, const at::Tensor& lengths, int64_t count) {
  if (count == 0) return x;
  const int64_t batch = x.size(0), frames = x.size(1);
  const auto t = at::arange(frames + count, at::kLong).unsqueeze(0);
  const auto first = (at::arange(batch, at::kLong) * frames).unsqueeze(1);  // row of each clip
  const auto rows = first + at::minimum(t, lengths.unsqueeze(1) - 1);
  return x.reshape({batch * frames, x.size(2)})
      .index_select(0, edge::sent(rows.view({-1}), x.device()))
      .view({batch, frames + count, x.size(2)});
}

onnx::Value emit_continued(onnx::Graph& g, const OnnxBatch& batch, int64_t count) {
  const onnx::Graph::Part part(g, "continued");
  const auto zero = g.integer(0), one = g.integer(1);
  // A frame of zeros after the batch: a batch without frames has one to repeat.
  const auto by_dim = onnx::transpose(g, batch.x, {0, 2, 1});
  const auto x = onnx::transpose(g, onnx::pad_last(g, by_dim, 3, 0, g.integers({1})), {0, 2, 1});
  const auto t = onnx::range(
      g, onnx::add(g, onnx::size_of(g, batch.x, 1), g.integer(count)));        // [frames + count]
  const auto last = onnx::maximum(g, onnx::sub(g, batch.lengths, one), zero);  // [batch]
  const auto at = onnx::minimum(g, t, onnx::unsqueeze(g, last, {1}));          // [batch, …]
  // GatherND picks x[b, at[b, t], :] with the batch as its first axis.
  return g.add("GatherND", {x, onnx::unsqueeze(g, at, {2})}, {{"batch_dims", int64_t{1}}});
}

onnx::Value emit_continued(onnx::Graph& g, OnnxStates& states, const StreamRows& rows) {
  const onnx::Graph::Part part(g, "continued");
  const auto last = states.take(g, "last", {1, rows.width});
  const auto x = onnx::concat(g, {last.value, rows.x}, 1);
  // Row t of a chunk with n frames is row min(t, n − 1) of it, and that of the chunk before where n
  // is 0: one more of x.
  const auto heard = onnx::reshape(g, onnx::sum(g, rows.inside, {1, 2}), {-1, 1});  // [batch, 1]
  const auto t = onnx::range(g, onnx::size_of(g, rows.x, 1));
  const auto at =
      onnx::minimum(g, onnx::add(g, t, g.integer(1)), onnx::cast(g, heard, onnx::Type::int64));
  const auto out =
      g.add("GatherND", {x, onnx::unsqueeze(g, at, {2})}, {{"batch_dims", int64_t{1}}});
  states.leave(last, onnx::slice(g, out, g.integers({-1}),
                                 g.integers({std::numeric_limits<int64_t>::max()}), 1));
  return out;
}

onnx::Value emit_answers(onnx::Graph& g, const onnx::Value& x, const OnnxBatch& batch,
                         int64_t count) {
  const auto frames = onnx::unsqueeze(g, onnx::size_of(g, batch.x, 1), {0});
  return onnx::slice(g, x, g.integers({count}), onnx::add(g, frames, g.integers({count})), 1);
}

}  // namespace kuchi::models
