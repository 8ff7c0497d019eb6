#include <ATen/ATen.h>

#include "models/onnx.h"
#include "onnx/ops.h"

namespace kuchi::models {

onnx::Value emit(onnx::Graph& g, std::string_view hint, const at::Tensor& tensor) {
  const auto values = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  return g.constant(
      hint, std::span<const float>(values.data_ptr<float>(), static_cast<size_t>(values.numel())),
      values.sizes().vec());
}

onnx::Value emit(onnx::Graph& g, const torch::nn::LinearImpl& layer, const onnx::Value& x) {
  const auto y = onnx::matmul(g, x, emit(g, "weight", layer.weight.t()));
  return layer.bias.defined() ? onnx::add(g, y, emit(g, "bias", layer.bias)) : y;
}

}  // namespace kuchi::models
