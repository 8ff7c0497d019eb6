// src/models/steps.h
#pragma once

#include <torch/nn/modules/container/sequential.h>

#include <cstdint>
#include <string>
#include <vector>

#include "models/range_output.h"

/// The layers that heads begin and end with, frame by frame.
namespace kuchi::models {

/// What a width becomes by steps of these widths.
inline int64_t width_after(int64_t width, const std::vector<int64_t>& widths) {
  return widths.empty() ? width : widths.back();
}

/// Each Linear + LayerNorm + ReLU + Dropout; nothing for no widths.
torch::nn::Sequential projection_steps(int64_t width, const std::vector<int64_t>& widths,
                                       double dropout);

/// Each Linear + ReLU + Dropout, then Linear to the curves: what RangeOutput takes.
torch::nn::Sequential output_steps(int64_t width, const std::vector<int64_t>& widths,
                                   double dropout, int64_t curves);

/// Head::start_at() for a head that ends so: the bias of the last Linear gives `mean`, [curves].
void start_at(const torch::nn::Sequential& output, const RangeOutput& range,
              const at::Tensor& mean);
/// Head::by_curve() for a head that ends so and registers it under `name`.
std::vector<std::string> by_curve(const torch::nn::Sequential& output, const std::string& name);

}  // namespace kuchi::models
