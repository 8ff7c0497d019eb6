// src/models/transformer_onnx.h
#pragma once

#include <ATen/core/Tensor.h>

#include "models/attention.h"
#include "models/onnx.h"

namespace kuchi::models {

/// What the frames of a batch see in a graph: the masks that all layers share, and rotary angles.
///
/// With a reach on both sides queries stand in blocks as long as the farther reach, and a block
/// sees itself and its neighbours: time and memory are linear in length. Otherwise all scores of
/// all frames exist at once.
class OnnxSight {
 public:
  /// frames: of x before it was lengthened; slopes [heads] or undefined; head_dim of rotary
  /// positions, 0 for others
  OnnxSight(onnx::Graph& graph, const OnnxBatch& batch, const Reach& reach,
            const at::Tensor& slopes, int64_t rotary_head_dim);

  /// x [batch, frames, width] with zeros after it, so that the frames make whole blocks, and there
  /// is one at least.
  onnx::Value lengthened(onnx::Graph& graph, const onnx::Value& x) const;
  /// And back.
  onnx::Value shortened(onnx::Graph& graph, const onnx::Value& x) const;
  /// Frames after lengthening, [].
  const onnx::Value& frames() const { return padded_; }

  /// q, k, v [batch, frames, heads, head_dim], q divided by sqrt(head_dim)
  /// → [batch, frames, heads · head_dim]
  onnx::Value attend(onnx::Graph& graph, const onnx::Value& q, const onnx::Value& k,
                     const onnx::Value& v, int64_t heads, int64_t head_dim) const;
  /// x [batch, frames, heads, head_dim], turned where positions are rotary.
  onnx::Value turned(onnx::Graph& graph, const onnx::Value& x) const;

 private:
  void build_band(onnx::Graph& graph, const onnx::Value& inside, const at::Tensor& slopes);
  void build_full(onnx::Graph& graph, const onnx::Value& inside, const at::Tensor& slopes);
  onnx::Value windows(onnx::Graph& graph, const onnx::Value& x,
                      const std::vector<int64_t>& tail) const;

  Reach reach_;
  int64_t block_ = 0;      // queries in a block; 0: no band
  onnx::Value short_;      // frames before lengthening, [1]
  onnx::Value padded_;     // frames, []
  onnx::Value missing_;    // zeros after them, [1]
  onnx::Value mask_;       // [batch, blocks, 1 or heads, block, span], or [batch, 1 or heads, n, n]
  onnx::Value cos_, sin_;  // [frames, 1, head_dim / 2]; of rotary positions
  int64_t half_ = 0;       // head_dim / 2
};

/// What the frames of a chunk see in a graph, where attention has a reach on both sides. A layer
/// answers `right` rows late and has the keys and values of the left + right rows before the chunk,
/// so that of span = left + right + frames keys the one that is a query's own frame is `left` after
/// it. Turns of rotary positions count from the first key: it is distances that matter.
class OnnxStreamSight {
 public:
  /// frames: of the chunk, []; the rest as above
  OnnxStreamSight(onnx::Graph& graph, const onnx::Value& frames, const Reach& reach,
                  const at::Tensor& slopes, int64_t rotary_head_dim);

  int64_t left() const { return *reach_.left; }
  int64_t right() const { return *reach_.right; }
  /// What is added to scores: inside [batch, span, 1] as in StreamRows → [batch, 1 or heads,
  /// frames, span]
  onnx::Value seen(onnx::Graph& graph, const onnx::Value& inside) const;
  /// q [batch, frames, width], divided by sqrt(head_dim); k, v [batch, span, width]
  /// → [batch, frames, width]
  onnx::Value attend(onnx::Graph& graph, const onnx::Value& q, const onnx::Value& k,
                     const onnx::Value& v, int64_t heads, const onnx::Value& seen) const;

 private:
  Reach reach_;
  int64_t half_ = 0;         // head_dim / 2; of rotary positions
  onnx::Value band_;         // [frames, span] or [heads, frames, span]
  onnx::Value cos_, sin_;    // of the keys, [span, 1, half]
  onnx::Value qcos_, qsin_;  // of the queries, [frames, 1, half]
};

/// Cosine and sine of angles of positions at int64 [..., n]: [..., n, dim / 2] each. Angles are
/// brought to one turn in double, since ONNX Runtime has no cosine of doubles on every device.
std::pair<onnx::Value, onnx::Value> emit_angles(onnx::Graph& graph, const onnx::Value& at,
                                                int64_t dim);

/// x [batch, n, heads, 2 half] turned by angles of these, [n, 1, half].
onnx::Value emit_turned(onnx::Graph& graph, const onnx::Value& x, const onnx::Value& cos,
                        const onnx::Value& sin, int64_t half);

/// mask + what reach and slopes, [heads] or undefined, add to scores: distance int64 [n, m].
onnx::Value emit_reach(onnx::Graph& graph, onnx::Value mask, const onnx::Value& distance,
                       const Reach& reach, const at::Tensor& slopes);
/// −1e9 for 0, 0 for 1: of what is no key.
onnx::Value emit_never(onnx::Graph& graph, const onnx::Value& inside);

}  // namespace kuchi::models
