// src/train/optimizer.h
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "edge/tensor_file.h"
#include "models/model.h"
#include "train/options.h"

namespace kuchi::train {

/// Parameters that are stepped alike, and what the optimiser keeps for each, slot by slot.
struct ParameterSlice {
  std::vector<at::Tensor> parameters, grads;
  std::vector<std::vector<at::Tensor>> kept;  // [slot][parameter]
};

/// How an optimiser moves parameters; the groups, clipping and names around it are the Optimizer's.
class UpdateRule {
 public:
  virtual ~UpdateRule() = default;
  /// Names of what is kept for a parameter, as they stand in a checkpoint before "/NAME".
  virtual std::vector<std::string> slots() const = 0;
  /// What a slot holds before the first step.
  virtual at::Tensor start(size_t slot, const at::Tensor& parameter) const;
  /// skip: undefined, or a scalar float on the device; where it is 1 neither parameters nor slots
  /// change, whatever the gradients hold, and nobody waits to learn which it is.
  virtual void step(ParameterSlice& slice, double lr, double weight_decay,
                    const at::Tensor& skip) const = 0;
};

/// Every optimiser by its name in train.optimizer: the one list.
std::unique_ptr<UpdateRule> make_rule(const Options& options);

/// AdamW (Loshchilov & Hutter, ICLR 2019) through LibTorch's fused operator.
std::unique_ptr<UpdateRule> adamw_rule(const Options& options);

/// Stochastic gradient descent with momentum (Polyak 1964; nesterov: Sutskever et al., ICML 2013),
/// in PyTorch's form:  g ← g + decay w;  b ← momentum b + g;  w ← w - lr (b, or g + momentum b)
std::unique_ptr<UpdateRule> sgd_rule(const Options& options);

/// The parameters of a model that learn, in groups of one rate and one decay: as the head's
/// treatment() says, then as train.group_lr and train.group_weight_decay do, where of the patterns
/// that fit a name the longest decides.
class Optimizer {
 public:
  /// UserError (config) at `at` for a pattern that fits no parameter. What has a rate of 0 takes no
  /// gradient from here on.
  Optimizer(models::Model& model, const Options& options, const Location& at);

  void zero_grad();
  /// Scales the gradients so that their norm over all parameters is at most max_norm (0: leaves
  /// them); returns the norm before. Does not wait for the device.
  at::Tensor clip(double max_norm);
  /// skip: see UpdateRule::step().
  void step(double lr, const at::Tensor& skip = {});

  /// "SLOT/NAME" of every slot and parameter.
  edge::NamedTensors state() const;

  struct Group {
    double lr_factor = 1, weight_decay = 0;
    std::vector<std::string> names;
    ParameterSlice all;  // without grads
  };
  const std::vector<Group>& groups() const { return groups_; }

 private:
  Group& group_of(double lr_factor, double weight_decay);

  std::unique_ptr<UpdateRule> rule_;
  std::vector<Group> groups_;
};

}  // namespace kuchi::train
