// src/models/temporal_conv.h
#pragma once

#include <torch/nn/modules/conv.h>

#include <cstdint>

#include "onnx/graph.h"

namespace kuchi::models {

/// A dilated convolution over time, frames × channels as everywhere in heads:
///
///   y[t] = b + sum over i in 0 … kernel-1 of W[i] x[t + dilation (i - before)]
///
/// causal: before = kernel - 1, so that y[t] hears nothing after t; centred (odd kernels):
/// before = (kernel - 1) / 2. Parameters are those of PyTorch's Conv1d, [out, in, kernel] and
/// [out], with its start. Computed as one product: the kernel's views of x side by side.
class TemporalConv : public torch::nn::Module {
 public:
  struct Form {
    int64_t in = 0, out = 0, kernel = 3, dilation = 1;
    bool causal = true;
  };
  explicit TemporalConv(const Form& form);

  /// x [batch, frames, in], taken as zero outside → [batch, frames, out]. What a clip has beyond
  /// its end must be zero.
  at::Tensor forward(const at::Tensor& x) const;
  /// x [batch, span() + frames - 1, in] → [batch, frames, out]: nothing is added at the ends.
  at::Tensor inside(const at::Tensor& x) const;
  /// forward() in a graph; there is at least one frame.
  onnx::Value emit(onnx::Graph& graph, const onnx::Value& x) const;
  /// inside() in a graph.
  onnx::Value emit_inside(onnx::Graph& graph, const onnx::Value& x) const;

  /// Frames that one answer is made of: those before its own, its own, and those after.
  int64_t span() const { return before() + 1 + after(); }
  int64_t before() const { return form_.dilation * (form_.kernel - 1) - after(); }
  int64_t after() const { return form_.causal ? 0 : form_.dilation * (form_.kernel - 1) / 2; }

 private:
  onnx::Value emit_padded(onnx::Graph& graph, const onnx::Value& x, int64_t before,
                          int64_t after) const;

  Form form_;
  at::Tensor weight_, bias_;
};

}  // namespace kuchi::models
