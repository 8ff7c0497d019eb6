#include "train/average.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace kuchi::train {

WeightAverage::WeightAverage(models::Model& model) {
  for (const auto& item : model.named_parameters()) {
    if (!item.value().requires_grad()) continue;
    names_.push_back(item.key());
    parameters_.push_back(item.value().detach());
    averages_.push_back(item.value().detach().clone());
  }
}

void WeightAverage::swap() {
  if (!begun()) return;
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const auto held = parameters_[i].clone();
    parameters_[i].copy_(averages_[i]);
    averages_[i].copy_(held);
  }
}

edge::NamedTensors WeightAverage::state() const {
  edge::NamedTensors out;
  for (size_t i = 0; i < names_.size(); ++i) out.emplace_back("raw/" + names_[i], averages_[i]);
  return out;
}

void MovingAverage::after_update(int64_t updates_done, const at::Tensor& skip) {
  const auto n = static_cast<double>(updates_done);
  const double decay = std::min(decay_, (1 + n) / (10 + n));
  const at::NoGradGuard no_grad;
  if (!skip.defined()) {
    at::_foreach_lerp_(averages_, parameters_, 1 - decay);
    return;
  }
  const auto weight = (1 - decay) * (1 - skip);  // 0 leaves the average as it is, to the bit
  at::_foreach_lerp_(averages_, parameters_, std::vector<at::Tensor>(averages_.size(), weight));
}

EpochAverage::EpochAverage(models::Model& model, double share)
    : WeightAverage(model), share_(share), epochs_(at::zeros({}, at::kLong)) {}

bool EpochAverage::begun() const { return epochs_.item<int64_t>() > 0; }

void EpochAverage::after_epoch(int64_t step, int64_t total) {
  const auto start = (1 - share_) * static_cast<double>(total);
  // A training that was prolonged begins anew with its last epochs.
  if (static_cast<double>(step) <= start + 1e-9 * static_cast<double>(total)) {
    epochs_.zero_();
    return;
  }
  const at::NoGradGuard no_grad;
  epochs_.add_(1);
  at::_foreach_lerp_(averages_, parameters_, 1 / static_cast<double>(epochs_.item<int64_t>()));
}

edge::NamedTensors EpochAverage::state() const {
  auto out = WeightAverage::state();
  out.emplace_back("raw_epochs", epochs_);
  return out;
}

std::unique_ptr<WeightAverage> make_average(models::Model& model, const Options& options) {
  if (options.ema > 0) return std::make_unique<MovingAverage>(model, options.ema);
  if (options.swa > 0) return std::make_unique<EpochAverage>(model, options.swa);
  return nullptr;
}

}  // namespace kuchi::train
