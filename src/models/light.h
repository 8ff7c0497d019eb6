// src/models/light.h
#pragma once

#include <torch/nn/modules/linear.h>

#include "models/head.h"
#include "models/range_output.h"

namespace kuchi::models {

/// Linear to the curves and their ranges, a frame at a time: what stands on an encoder that does
/// the hearing itself.
class LightHead : public Head {
 public:
  explicit LightHead(const Shape& shape);
  at::Tensor forward(const at::Tensor& features, const at::Tensor& lengths) override;
  onnx::Value emit(onnx::Graph& graph, const OnnxBatch& batch) const override;
  void start_at(const at::Tensor& mean) override;
  std::vector<std::string> by_curve() const override { return {"output.weight", "output.bias"}; }

 private:
  torch::nn::Linear output_{nullptr};
  std::shared_ptr<RangeOutput> range_;
};

}  // namespace kuchi::models
