#include "train/optimizer.h"

#include <ATen/ATen.h>

#include <set>
#include <stdexcept>

#include "core/text.h"
#include "data/glob.h"

namespace kuchi::train {
namespace {

/// Values by pattern; remembers which patterns fitted something.
class Patterns {
 public:
  Patterns(std::string option, const std::map<std::string, double>& values)
      : option_(std::move(option)), values_(values) {}

  /// The value of the longest pattern that fits, else `otherwise`.
  double at(const std::string& name, double otherwise) {
    size_t longest = 0;
    double out = otherwise;
    for (const auto& [pattern, value] : values_) {
      if (!data::glob_match(pattern, name)) continue;
      used_.insert(pattern);
      if (pattern.size() < longest) continue;
      longest = pattern.size();
      out = value;
    }
    return out;
  }

  void check_used(const Location& where, const std::vector<std::string>& names) const {
    for (const auto& [pattern, value] : values_) {
      if (used_.count(pattern) > 0) continue;
      fail_config(
          where, cat(option_, ": no parameter fits \"", pattern, "\"", did_you_mean(pattern, names),
                     "; they are named like ", names.front(), " and ", names.back()));
    }
  }

 private:
  std::string option_;
  const std::map<std::string, double>& values_;
  std::set<std::string> used_;
};

models::Treatment treatment_of(models::Model& model, const std::string& name,
                               const at::Tensor& parameter) {
  const std::string own = "head.";
  if (name.rfind(own, 0) != 0) return {1, false};  // the sum of an encoder's layers
  return model.head().treatment(name.substr(own.size()), parameter);
}

}  // namespace

at::Tensor UpdateRule::start(size_t slot, const at::Tensor& parameter) const {
  (void)slot;
  return at::zeros_like(parameter.detach());
}

std::unique_ptr<UpdateRule> make_rule(const Options& options) {
  if (options.optimizer == "adamw") return adamw_rule(options);
  if (options.optimizer == "sgd") return sgd_rule(options);
  throw std::logic_error("train.optimizer passed its check but is in no list");
}

Optimizer::Optimizer(models::Model& model, const Options& options, const Location& at)
    : rule_(make_rule(options)) {
  Patterns rates("train.group_lr", options.group_lr);
  Patterns decays("train.group_weight_decay", options.group_weight_decay);
  std::vector<std::string> names;
  group_of(1, options.weight_decay);
  group_of(1, 0);
  for (const auto& item : model.named_parameters()) {
    auto p = item.value();
    if (!p.requires_grad()) continue;
    names.push_back(item.key());
    const auto treatment = treatment_of(model, item.key(), p);
    const double factor = treatment.lr_factor * rates.at(item.key(), 1);
    const double decay = decays.at(item.key(), treatment.decays ? options.weight_decay : 0);
    if (factor == 0) {
      p.requires_grad_(false);
      continue;
    }
    auto& group = group_of(factor, decay);
    group.names.push_back(item.key());
    group.all.parameters.push_back(p);
    for (size_t s = 0; s < group.all.kept.size(); ++s) {
      group.all.kept[s].push_back(rule_->start(s, p));
    }
  }
  if (names.empty()) return;
  rates.check_used(at, names);
  decays.check_used(at, names);
}

Optimizer::Group& Optimizer::group_of(double lr_factor, double weight_decay) {
  for (auto& group : groups_) {
    if (group.lr_factor == lr_factor && group.weight_decay == weight_decay) return group;
  }
  groups_.push_back({lr_factor, weight_decay, {}, {}});
  groups_.back().all.kept.resize(rule_->slots().size());
  return groups_.back();
}

void Optimizer::zero_grad() {
  for (auto& group : groups_) {
    for (auto& p : group.all.parameters) p.mutable_grad() = at::Tensor();
  }
}

at::Tensor Optimizer::clip(double max_norm) {
  std::vector<at::Tensor> grads;
  for (const auto& group : groups_) {
    for (const auto& p : group.all.parameters) {
      if (p.grad().defined()) grads.push_back(p.grad());
    }
  }
  if (grads.empty()) return at::zeros({});
  const at::NoGradGuard no_grad;
  const auto norm = at::linalg_vector_norm(at::stack(at::_foreach_norm(grads, 2)), 2);
  if (max_norm > 0) at::_foreach_mul_(grads, (max_norm / (norm + 1e-6)).clamp_max(1.0));
  return norm;
}

void Optimizer::step(double lr, const at::Tensor& skip) {
  const at::NoGradGuard no_grad;
  for (auto& group : groups_) {
    ParameterSlice with_grad;
    with_grad.kept.resize(group.all.kept.size());
    for (size_t i = 0; i < group.all.parameters.size(); ++i) {
      const auto& p = group.all.parameters[i];
      if (!p.grad().defined()) continue;
      with_grad.parameters.push_back(p);
      with_grad.grads.push_back(p.grad());
      for (size_t s = 0; s < with_grad.kept.size(); ++s) {
        with_grad.kept[s].push_back(group.all.kept[s][i]);
      }
    }
    if (with_grad.parameters.empty()) continue;
    rule_->step(with_grad, lr * group.lr_factor, group.weight_decay, skip);
  }
}

edge::NamedTensors Optimizer::state() const {
  const auto slots = rule_->slots();
  edge::NamedTensors out;
  for (const auto& group : groups_) {
    for (size_t i = 0; i < group.names.size(); ++i) {
      for (size_t s = 0; s < slots.size(); ++s) {
        out.emplace_back(slots[s] + "/" + group.names[i], group.all.kept[s][i]);
      }
    }
  }
  return out;
}

}  // namespace kuchi::train
