#include <ATen/ATen.h>

#include <stdexcept>

#include "train/aperture.h"
#include "train/loss_terms.h"

namespace kuchi::train {

namespace {
constexpr double kBand = 0.25;  // of the threshold: how far from it a frame is decided
}

LossSum closure_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context) {
  if (!batch.closed.defined()) throw std::logic_error("a batch without marks of closed lips");
  if (!context.aperture) throw std::logic_error("a closure loss without an aperture");
  const auto none = at::zeros({}, pred.options());
  const auto a = (*context.aperture)(at::where(batch.valid.unsqueeze(2), pred, none));
  const auto threshold = batch.closed_below.to(pred.scalar_type()).unsqueeze(1);  // [batch, 1]
  // A clip whose lips never open has no threshold, and says nothing of closing; nor does one that
  // lacks a curve of the aperture.
  const auto kept = batch.valid.logical_and(threshold > 0);
  // Once shut, lips are not asked for more: it would only cost the curves' own errors.
  const auto asked = at::where(batch.closed, a.clamp_min(0), a);
  const auto too_open = (asked - threshold) / (kBand * threshold.clamp_min(1e-6));
  const auto error = at::softplus(at::where(batch.closed, too_open, -too_open));
  return {at::where(kept, error, none).sum(),
          static_cast<double>(batch.frames - batch.lipless_frames)};
}

}  // namespace kuchi::train
