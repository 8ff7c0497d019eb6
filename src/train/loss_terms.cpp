#include "train/loss_terms.h"

#include <ATen/ATen.h>

namespace kuchi::train {

const std::vector<LossTerm>& loss_terms() {
  using O = LossOptions;
  static const std::vector<LossTerm> list = {
      {"mse", Over::frames, true, [](const O& o) { return o.kind == LossKind::mse ? 1.0 : 0.0; },
       mse_loss},
      {"huber", Over::frames, true,
       [](const O& o) { return o.kind == LossKind::huber ? 1.0 : 0.0; }, huber_loss},
      {"l1", Over::frames, true, [](const O& o) { return o.kind == LossKind::l1 ? 1.0 : 0.0; },
       l1_loss},
      {"velocity", Over::pairs, true, [](const O& o) { return o.velocity; }, velocity_loss},
      {"acceleration", Over::triples, true, [](const O& o) { return o.acceleration; },
       acceleration_loss},
      {"lips", Over::frames, true, [](const O& o) { return o.lips; }, lips_loss},
      {"closure", Over::frames, false, [](const O& o) { return o.closure; }, closure_loss},
      {"silence", Over::pairs, true, [](const O& o) { return o.silence; }, silence_loss},
  };
  return list;
}

std::vector<std::string> loss_term_names() {
  std::vector<std::string> out;
  for (const auto& term : loss_terms()) out.push_back(term.name);
  return out;
}

at::Tensor counted(const Batch& batch) {
  const auto valid = batch.valid.unsqueeze(2);
  return batch.present.defined() ? valid.logical_and(batch.present.unsqueeze(1)) : valid;
}

double frames_counted(const at::Tensor& pred, const Batch& batch) {
  return static_cast<double>(batch.frames * pred.size(2) - batch.absent_frames);
}

double pairs_counted(const at::Tensor& pred, const Batch& batch) {
  return static_cast<double>(batch.pairs * pred.size(2) - batch.absent_pairs);
}

double triples_counted(const at::Tensor& pred, const Batch& batch) {
  return static_cast<double>(batch.triples * pred.size(2) - batch.absent_triples);
}

at::Tensor valid_error(const at::Tensor& pred, const Batch& batch) {
  return at::where(counted(batch), pred - batch.targets, at::zeros({}, pred.options()));
}

at::Tensor kept_sum(const at::Tensor& error, const at::Tensor& kept, const at::Tensor& weights) {
  auto chosen = at::where(kept.unsqueeze(2), error, at::zeros({}, error.options()));
  if (weights.defined()) chosen = chosen * weights;
  return chosen.sum();
}

}  // namespace kuchi::train
