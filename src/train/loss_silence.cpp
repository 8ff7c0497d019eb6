#include <ATen/ATen.h>

#include <stdexcept>

#include "train/loss_terms.h"

namespace kuchi::train {

LossSum silence_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context) {
  if (!batch.silent.defined()) throw std::logic_error("a batch without marks of silence");
  const auto held = at::where(counted(batch), pred, at::zeros({}, pred.options()));
  const auto speed = context.fps * at::diff(held, 1, 1).abs();
  const auto kept = batch.valid.logical_and(batch.silent).slice(1, 1);
  return {kept_sum(speed, kept, context.weights), pairs_counted(pred, batch)};
}

}  // namespace kuchi::train
