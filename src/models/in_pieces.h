// src/models/in_pieces.h
#pragma once

#include <torch/nn/modules/linear.h>

#include "models/head.h"

namespace kuchi::models {

/// Frames that a stream takes at a time: enough for the matrix products, few enough for the cache.
constexpr int64_t kPieceFrames = 256;

/// A stream that takes what comes in such pieces.
class PieceStream : public HeadStream {
 public:
  at::Tensor push(const at::Tensor& features) final;
  at::Tensor finish() final;

 protected:
  /// input: the head's first layer, which must outlive the stream.
  explicit PieceStream(const torch::nn::LinearImpl& input) : input_(input) {}
  /// features [frames, dim], none of them only if `ends`: nothing follows → [frames', curves]
  virtual at::Tensor step(const at::Tensor& features, bool ends) = 0;

 private:
  const torch::nn::LinearImpl& input_;
};

/// Head::forward() of a head that has a stream, each clip through one of its own, so that the
/// memory needed beside the curves does not grow with length. In evaluation mode, on the CPU.
at::Tensor in_pieces(Head& head, const at::Tensor& features, const at::Tensor& lengths);

/// True where forward() should go that way: no gradients are kept, and the padded clips have more
/// frames than a few pieces.
bool worth_pieces(const Head& head, const at::Tensor& features);

}  // namespace kuchi::models
