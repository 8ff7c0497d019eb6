#include "edge/onnx_constant.h"

#include <ATen/ATen.h>

#include <span>

#include "onnx/weights.h"

namespace kuchi::edge {
namespace {

template <typename T>
onnx::Value keep(onnx::Graph& graph, std::string_view hint, const at::Tensor& tensor,
                 at::ScalarType type) {
  const auto values = tensor.detach().to(at::kCPU, type).contiguous();
  const auto count = static_cast<size_t>(values.numel());
  return graph.constant(hint, std::span<const T>(values.const_data_ptr<T>(), count),
                        values.sizes().vec());
}

}  // namespace

onnx::Value constant(onnx::Graph& graph, std::string_view hint, const at::Tensor& tensor) {
  return keep<float>(graph, hint, tensor, at::kFloat);
}

onnx::Value constant64(onnx::Graph& graph, std::string_view hint, const at::Tensor& tensor) {
  return keep<double>(graph, hint, tensor, at::kDouble);
}

onnx::Value weight(onnx::Graph& graph, std::string_view hint, const at::Tensor& tensor,
                   int64_t axis) {
  const auto values = tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  const std::span<const float> all(values.const_data_ptr<float>(),
                                   static_cast<size_t>(values.numel()));
  return onnx::weight(graph, hint, all, values.sizes().vec(), axis);
}

}  // namespace kuchi::edge
