#include "models/audio_head.h"

#include <ATen/core/Tensor.h>

#include <stdexcept>

#include "models/onnx.h"

namespace kuchi::models {

at::Tensor AudioHead::forward(const at::Tensor&, const at::Tensor&) {
  throw std::logic_error("a head that hears audio was given features");
}

onnx::Value AudioHead::emit(onnx::Graph&, const OnnxBatch&) const {
  throw std::logic_error("a head that hears audio was given features");
}

}  // namespace kuchi::models
