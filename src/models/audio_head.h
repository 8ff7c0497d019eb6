// src/models/audio_head.h
#pragma once

#include <vector>

#include "models/head.h"

namespace kuchi::models {

/// A head that hears sound itself: no features are made for it, and none are normalised.
class AudioHead : public Head {
 public:
  /// clips    each [samples] float32, 16 kHz, any length from 1 on; its frame j is at j / fps
  /// lengths  [batch] int64 on the CPU, curve frames of each
  /// returns  [batch, frames, curves] as Head::forward()
  virtual at::Tensor hear(const std::vector<at::Tensor>& clips, const at::Tensor& lengths) = 0;

  /// Once trained, for good: gradients off, weights in the order the processor likes, adapters
  /// merged. On the device and in evaluation mode by then.
  virtual void freeze_for_inference() = 0;

 private:
  at::Tensor forward(const at::Tensor&, const at::Tensor&) final;  // std::logic_error
  onnx::Value emit(onnx::Graph&, const OnnxBatch&) const final;    // std::logic_error
};

}  // namespace kuchi::models
