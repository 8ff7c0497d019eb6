#include <ATen/ATen.h>

#include "train/loss_terms.h"

namespace kuchi::train {

LossSum velocity_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context) {
  const auto error = (context.fps * at::diff(valid_error(pred, batch), 1, 1)).square();
  const auto both = batch.valid.slice(1, 1).logical_and(batch.valid.slice(1, 0, -1));
  return {kept_sum(error, both, context.weights), pairs_counted(pred, batch)};
}

}  // namespace kuchi::train
