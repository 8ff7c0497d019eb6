#include "train/loss.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/text.h"

namespace kuchi::train {
namespace {

/// pred - target where valid, 0 in the padding. Selected away before anything else is done to it,
/// not multiplied: a NaN there must spread neither to the sum nor, through a factor, to the
/// gradient.
at::Tensor difference(const at::Tensor& pred, const Batch& batch) {
  return at::where(batch.valid.unsqueeze(2), pred - batch.targets, at::zeros({}, pred.options()));
}

/// Sum of error [batch, frames, curves] where valid [batch, frames], each curve by its weight.
at::Tensor masked_sum(const at::Tensor& error, const at::Tensor& valid, const at::Tensor& weights) {
  auto kept = at::where(valid.unsqueeze(2), error, at::zeros({}, error.options()));
  if (weights.defined()) kept = kept * weights;
  return kept.sum();
}

}  // namespace

LossSum mse_loss(const at::Tensor& pred, const Batch& batch, const at::Tensor& weights) {
  const auto error = difference(pred, batch).square();
  return {masked_sum(error, batch.valid, weights),
          static_cast<double>(batch.frames * pred.size(2))};
}

LossSum huber_loss(const at::Tensor& pred, const Batch& batch, const at::Tensor& weights,
                   double delta) {
  const auto distance = difference(pred, batch).abs();
  const auto error =
      at::where(distance <= delta, distance.square(), delta * (2 * distance - delta));
  return {masked_sum(error, batch.valid, weights),
          static_cast<double>(batch.frames * pred.size(2))};
}

LossSum velocity_loss(const at::Tensor& pred, const Batch& batch, const at::Tensor& weights,
                      double fps) {
  const auto error = (fps * at::diff(difference(pred, batch), 1, 1)).square();
  const auto both = batch.valid.slice(1, 1).logical_and(batch.valid.slice(1, 0, -1));
  return {masked_sum(error, both, weights), static_cast<double>(batch.pairs * pred.size(2))};
}

Loss::Loss(const LossOptions& options, const std::vector<std::string>& curves, double fps,
           const Location& at)
    : options_(options), fps_(fps) {
  if (options.curve_weights.empty()) return;
  std::vector<float> weights(curves.size(), 1.0F);
  for (const auto& [name, weight] : options.curve_weights) {
    const auto it = std::find_if(curves.begin(), curves.end(), [&](const std::string& c) {
      return plain_name(c) == plain_name(name);
    });
    if (it == curves.end()) {
      fail_config(at, cat("loss.curve_weights: the rig has no curve \"", name, "\"",
                          did_you_mean(name, curves)));
    }
    weights[static_cast<size_t>(it - curves.begin())] = static_cast<float>(weight);
  }
  weights_ = at::tensor(weights);
}

void Loss::to(at::Device device) {
  if (weights_.defined()) weights_ = weights_.to(device);
}

at::Tensor Loss::operator()(const at::Tensor& pred, const Batch& batch, int64_t update_frames,
                            int64_t update_pairs) const {
  const auto curves = static_cast<double>(pred.size(2));
  const auto value = options_.kind == LossKind::mse
                         ? mse_loss(pred, batch, weights_)
                         : huber_loss(pred, batch, weights_, options_.huber_delta);
  auto total = value.sum / (static_cast<double>(update_frames) * curves);
  if (options_.velocity > 0 && update_pairs > 0) {
    const auto velocity = velocity_loss(pred, batch, weights_, fps_);
    total = total + options_.velocity * velocity.sum / (static_cast<double>(update_pairs) * curves);
  }
  return total;
}

}  // namespace kuchi::train
