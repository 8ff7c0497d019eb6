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
  /// beside   [batch, Shape::features], the same in a clip's every frame; undefined where that is 0
  /// returns  [batch, frames, curves] as Head::forward()
  virtual at::Tensor hear(const std::vector<at::Tensor>& clips, const at::Tensor& lengths,
                          const at::Tensor& beside) = 0;

  /// The same as nodes of an ONNX graph. audio [batch, samples] float32, 16 kHz, with anything
  /// beyond a clip's end; samples [batch] int64, of each clip; lengths [batch] int64, curve frames
  /// of each; beside as in hear(), without a name where there is none → [batch, frames, curves],
  /// frames as the longest possible clip has them; undefined beyond a clip's end.
  virtual onnx::Value emit_heard(onnx::Graph& graph, const onnx::Value& audio,
                                 const onnx::Value& samples, const onnx::Value& lengths,
                                 const onnx::Value& beside) const = 0;

  /// Once trained, for good: gradients off, weights in the order the processor likes, adapters
  /// merged. On the device and in evaluation mode by then.
  virtual void freeze_for_inference() = 0;

 private:
  at::Tensor forward(const at::Tensor&, const at::Tensor&) final;  // std::logic_error
  onnx::Value emit(onnx::Graph&, const OnnxBatch&) const final;    // std::logic_error
};

}  // namespace kuchi::models
