// src/models/lookahead.h
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "models/onnx.h"

/// Look-ahead of a head that goes forward in time: it answers `count` frames late, so that when it
/// says what the mouth does at frame t it has heard features up to frame t + count. A clip of n
/// frames is taken as n + count frames, of which the last `count` repeat frame n - 1, and what the
/// head says of the first `count` is thrown away: n answers, of all features and never of padding.
namespace kuchi::models {

/// x [batch, frames, dim], lengths [batch] int64 on the CPU, each 1 … frames
/// → [batch, frames + count, dim]: each clip repeats its last frame from its own end on.
at::Tensor continued(const at::Tensor& x, const at::Tensor& lengths, int64_t count);

/// The same in a graph; of a clip of no frames the continuation is zero.
onnx::Value emit_continued(onnx::Graph& graph, const OnnxBatch& batch, int64_t count);
/// Frames count … count + frames - 1 of x [batch, any, dim], where frames are the batch's.
onnx::Value emit_answers(onnx::Graph& graph, const onnx::Value& x, const OnnxBatch& batch,
                         int64_t count);

/// A stream's features with those after the end repeating the last: [batch, frames, dim].
onnx::Value emit_continued(onnx::Graph& graph, OnnxStates& states, const StreamRows& rows);

}  // namespace kuchi::models
