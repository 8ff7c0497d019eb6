#include <ATen/ATen.h>

#include "edge/onnx_constant.h"
#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {

onnx::Value emit(onnx::Graph& g, std::string_view hint, const at::Tensor& tensor) {
  return edge::constant(g, hint, tensor);
}

onnx::Value emit_weight(onnx::Graph& g, std::string_view hint, const at::Tensor& tensor,
                        int64_t axis) {
  return edge::weight(g, hint, tensor, axis);
}

onnx::Value emit(onnx::Graph& g, const torch::nn::LinearImpl& layer, const onnx::Value& x) {
  const auto y = onnx::matmul(g, x, emit_weight(g, "weight", layer.weight.t(), 1));
  return layer.bias.defined() ? onnx::add(g, y, emit(g, "bias", layer.bias)) : y;
}

}  // namespace kuchi::models
