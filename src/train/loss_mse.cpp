#include <ATen/ATen.h>

#include "train/loss_terms.h"

namespace kuchi::train {

LossSum mse_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context) {
  return {kept_sum(valid_error(pred, batch).square(), batch.valid, context.weights),
          frames_counted(pred, batch)};
}

}  // namespace kuchi::train
