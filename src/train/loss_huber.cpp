#include <ATen/ATen.h>

#include "train/loss_terms.h"

namespace kuchi::train {

LossSum huber_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context) {
  const double delta = context.huber_delta;
  const auto distance = valid_error(pred, batch).abs();
  const auto error =
      at::where(distance <= delta, distance.square(), delta * (2 * distance - delta));
  return {kept_sum(error, batch.valid, context.weights), frames_counted(pred, batch)};
}

}  // namespace kuchi::train
