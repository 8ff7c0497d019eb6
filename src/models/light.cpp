#include "models/light.h"

#include <ATen/ATen.h>

#include "models/onnx.h"

namespace kuchi::models {

LightHead::LightHead(const Shape& shape) {
  output_ = register_module("output", torch::nn::Linear(shape.features, shape.size()));
  range_ = register_module("range", std::make_shared<RangeOutput>(shape.curves));
}

at::Tensor LightHead::forward(const at::Tensor& features, const at::Tensor&) {
  return range_->forward(output_->forward(features));
}

onnx::Value LightHead::emit(onnx::Graph& graph, const OnnxBatch& batch) const {
  return range_->emit(graph, models::emit(graph, *output_, batch.x));
}

void LightHead::start_at(const at::Tensor& mean) {
  const at::NoGradGuard no_grad;
  output_->bias.copy_(range_->inverse(mean.to(output_->bias.device())));
}

}  // namespace kuchi::models
