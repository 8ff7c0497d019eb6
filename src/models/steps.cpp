#include "models/steps.h"

#include <ATen/ATen.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>

namespace kuchi::models {

namespace nn = torch::nn;

nn::Sequential projection_steps(int64_t width, const std::vector<int64_t>& widths, double dropout) {
  nn::Sequential steps;
  for (const int64_t next : widths) {
    steps->push_back(nn::Linear(width, next));
    steps->push_back(nn::LayerNorm(nn::LayerNormOptions({next})));
    steps->push_back(nn::ReLU());
    steps->push_back(nn::Dropout(dropout));
    width = next;
  }
  return steps;
}

nn::Sequential output_steps(int64_t width, const std::vector<int64_t>& widths, double dropout,
                            int64_t curves) {
  nn::Sequential steps;
  for (const int64_t next : widths) {
    steps->push_back(nn::Linear(width, next));
    steps->push_back(nn::ReLU());
    steps->push_back(nn::Dropout(dropout));
    width = next;
  }
  steps->push_back(nn::Linear(width, curves));
  return steps;
}

void start_at(const nn::Sequential& output, const RangeOutput& range, const at::Tensor& mean) {
  const at::NoGradGuard no_grad;
  auto* last = output->ptr(output->size() - 1)->as<nn::Linear>();
  last->bias.copy_(range.inverse(mean.to(last->bias.device())));
}

std::vector<std::string> by_curve(const nn::Sequential& output, const std::string& name) {
  const auto last = name + "." + std::to_string(output->size() - 1);
  return {last + ".weight", last + ".bias"};
}

}  // namespace kuchi::models
