#include "train/optimizer.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace kuchi::train {

AdamW::AdamW(models::Model& model, const Options& options) : options_(options) {
  const std::string own = "head.";
  group_of({1, true});
  group_of({1, false});
  for (const auto& item : model.named_parameters()) {
    const auto& p = item.value();
    if (!p.requires_grad()) continue;
    const bool of_head = item.key().rfind(own, 0) == 0;  // else the sum of an encoder's layers
    auto& group = group_of(of_head ? model.head().treatment(item.key().substr(own.size()), p)
                                   : models::Treatment{1, false});
    group.names.push_back(item.key());
    group.parameters.push_back(p);
    group.means.push_back(at::zeros_like(p.detach()));
    group.squares.push_back(at::zeros_like(p.detach()));
    group.steps.push_back(at::zeros({}, p.options().dtype(at::kFloat).requires_grad(false)));
  }
}

AdamW::Group& AdamW::group_of(const models::Treatment& treatment) {
  for (auto& group : groups_) {
    if (group.treatment == treatment) return group;
  }
  groups_.push_back({treatment, {}, {}, {}, {}, {}});
  return groups_.back();
}

void AdamW::zero_grad() {
  for (auto& group : groups_) {
    for (auto& p : group.parameters) p.mutable_grad() = at::Tensor();
  }
}

at::Tensor AdamW::clip(double max_norm) {
  std::vector<at::Tensor> grads;
  for (const auto& group : groups_) {
    for (const auto& p : group.parameters) {
      if (p.grad().defined()) grads.push_back(p.grad());
    }
  }
  if (grads.empty()) return at::zeros({});
  const at::NoGradGuard no_grad;
  const auto norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(grads, 2)), 2);
  if (max_norm > 0) at::_foreach_mul_(grads, (max_norm / (norm + 1e-6)).clamp_max(1.0));
  return norm;
}

void AdamW::step(double lr) {
  const at::NoGradGuard no_grad;
  for (auto& group : groups_) {
    std::vector<at::Tensor> parameters, grads, means, squares, steps;
    for (size_t i = 0; i < group.parameters.size(); ++i) {
      if (!group.parameters[i].grad().defined()) continue;
      parameters.push_back(group.parameters[i]);
      grads.push_back(group.parameters[i].grad());
      means.push_back(group.means[i]);
      squares.push_back(group.squares[i]);
      steps.push_back(group.steps[i]);
    }
    if (parameters.empty()) continue;
    at::_foreach_add_(steps, 1);
    at::_fused_adamw_(parameters, grads, means, squares, /*max_exp_avg_sqs=*/{}, steps,
                      lr * group.treatment.lr_factor, options_.beta1, options_.beta2,
                      group.treatment.decays ? options_.weight_decay : 0, options_.eps,
                      /*amsgrad=*/false, /*maximize=*/false);
  }
}

edge::NamedTensors AdamW::state() const {
  edge::NamedTensors out;
  for (const auto& group : groups_) {
    for (size_t i = 0; i < group.names.size(); ++i) {
      out.emplace_back("exp_avg/" + group.names[i], group.means[i]);
      out.emplace_back("exp_avg_sq/" + group.names[i], group.squares[i]);
      out.emplace_back("steps/" + group.names[i], group.steps[i]);
    }
  }
  return out;
}

WeightAverage::WeightAverage(models::Model& model, double decay) : decay_(decay) {
  for (const auto& item : model.named_parameters()) {
    if (!item.value().requires_grad()) continue;
    names_.push_back(item.key());
    parameters_.push_back(item.value().detach());
    averages_.push_back(item.value().detach().clone());
  }
}

void WeightAverage::update(int64_t updates_done) {
  const auto n = static_cast<double>(updates_done);
  const double decay = std::min(decay_, (1 + n) / (10 + n));
  const at::NoGradGuard no_grad;
  at::_foreach_lerp_(averages_, parameters_, 1 - decay);
}

void WeightAverage::swap() {
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const auto held = parameters_[i].clone();
    parameters_[i].copy_(averages_[i]);
    averages_[i].copy_(held);
  }
}

edge::NamedTensors WeightAverage::state() const {
  edge::NamedTensors out;
  for (size_t i = 0; i < names_.size(); ++i) out.emplace_back("average/" + names_[i], averages_[i]);
  return out;
}

}  // namespace kuchi::train
