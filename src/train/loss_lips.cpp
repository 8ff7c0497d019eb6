#include <ATen/ATen.h>

#include <stdexcept>

#include "train/loss_terms.h"

namespace kuchi::train {

LossSum lips_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context) {
  if (!batch.closed.defined()) throw std::logic_error("a batch without marks of closed lips");
  const auto weights = context.weights.defined() ? context.lips * context.weights : context.lips;
  const auto kept = batch.valid.logical_and(batch.closed);
  return {kept_sum(valid_error(pred, batch).square(), kept, weights), frames_counted(pred, batch)};
}

}  // namespace kuchi::train
