// src/train/average.h
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "edge/tensor_file.h"
#include "models/model.h"
#include "train/options.h"

namespace kuchi::train {

/// An average of all that learns, along the training: what is judged and saved in its place.
class WeightAverage {
 public:
  explicit WeightAverage(models::Model& model);
  virtual ~WeightAverage() = default;

  /// skip: undefined, or a scalar float on the device, 1 where the update was left out: then the
  /// average stays what it was.
  virtual void after_update(int64_t updates_done, const at::Tensor& skip = {}) {
    (void)updates_done, (void)skip;
  }
  /// `step` of `total` updates are done, and an epoch with them.
  virtual void after_epoch(int64_t step, int64_t total) { (void)step, (void)total; }
  /// False while there is none yet.
  virtual bool begun() const { return true; }

  /// Swaps the model's weights and the average, in place; twice is nothing, and so is once before
  /// the average has begun.
  void swap();
  /// "raw/NAME": while swapped, as a checkpoint is written, these are the weights themselves.
  virtual edge::NamedTensors state() const;

 protected:
  std::vector<at::Tensor> parameters_, averages_;

 private:
  std::vector<std::string> names_;
};

/// Exponential moving average:  a ← decay a + (1 - decay) w.  Early on the decay is
/// min(decay, (1 + n) / (10 + n)) after n updates, so that the start is forgotten.
class MovingAverage : public WeightAverage {
 public:
  MovingAverage(models::Model& model, double decay) : WeightAverage(model), decay_(decay) {}
  void after_update(int64_t updates_done, const at::Tensor& skip = {}) override;

 private:
  double decay_;
};

/// Stochastic weight averaging (Izmailov et al., UAI 2018): the mean of the weights at the ends of
/// those epochs that end in the last `share` of the training.
class EpochAverage : public WeightAverage {
 public:
  EpochAverage(models::Model& model, double share);
  void after_epoch(int64_t step, int64_t total) override;
  bool begun() const override;
  edge::NamedTensors state() const override;  // and "raw_epochs", how many went in

 private:
  double share_;
  at::Tensor epochs_;  // int64
};

/// What train.ema or train.swa asks for; null for neither.
std::unique_ptr<WeightAverage> make_average(models::Model& model, const Options& options);

}  // namespace kuchi::train
