#include <ATen/ATen.h>

#include "train/loss_terms.h"

namespace kuchi::train {

LossSum acceleration_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context) {
  const double count = triples_counted(pred, batch);
  if (pred.size(1) < 3) return {at::zeros({}, pred.options()), count};
  const double scale = context.fps * context.fps;
  const auto error = (scale * at::diff(valid_error(pred, batch), 2, 1)).square();
  // Clips are valid from their first frame on: where the last of three is, all are.
  return {kept_sum(error, batch.valid.slice(1, 2), context.weights), count};
}

}  // namespace kuchi::train
