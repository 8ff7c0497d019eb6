// src/train/loss_terms.h
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "train/aperture.h"
#include "train/batch.h"
#include "train/options.h"

namespace kuchi::train {

/// A loss before its division: sums of batches and devices add, then one division by the count.
struct LossSum {
  at::Tensor sum;    // scalar, with gradient
  double count = 0;  // frames (or neighbours) × curves
};

/// What terms know beside a batch.
struct LossContext {
  at::Tensor weights = {};  // [curves]; undefined where all are 1
  at::Tensor lips = {};     // [curves], 1 for those that the aperture is made of, else 0
  std::shared_ptr<const Aperture> aperture = {};
  double fps = 30;
  double huber_delta = 0.1;
};

/// What a term is a mean over: valid frames, pairs of neighbours, or three in a row.
enum class Over { frames, pairs, triples };

/// One term of the loss. pred [batch, frames, curves] in curve units; beyond a clip's end anything
/// may stand, NaN too: it reaches neither the sum nor the gradient.
struct LossTerm {
  std::string name;  // in events.jsonl and in loss.schedule
  Over over = Over::frames;
  bool by_curve = true;                  // its count is × curves
  double (*weight)(const LossOptions&);  // 0: not asked for
  LossSum (*sum)(const at::Tensor& pred, const Batch& batch, const LossContext& context);
};

/// Every term there is, errors of the value first: the one list.
const std::vector<LossTerm>& loss_terms();
std::vector<std::string> loss_term_names();

// In all of them p is the prediction, y the target, w the curve's weight; the count is that of all
// valid frames (pairs, triples) × curves that the clip has, also where only some of them add to the
// sum. What is said of a curve that a clip lacks (Batch::present) adds to neither, and has a
// gradient of exactly zero.

/// Squared error.  sum of w (p - y)^2
LossSum mse_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context);

/// Absolute error.  sum of w |p - y|: its best guess is the median, so it cares less for outliers.
LossSum l1_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context);

/// Huber's loss (1964): w d^2 for |d| <= delta, w delta (2 |d| - delta) beyond, so that near zero
/// it is the squared error itself.
LossSum huber_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context);

/// Squared error of velocity:  sum over pairs of w (fps ((p[t]-p[t-1]) - (y[t]-y[t-1])))^2
/// in curve^2/s^2; a pair counts if both its frames are valid.
/// Source: velocity term of VOCA, Cudeiro et al., CVPR 2019.
LossSum velocity_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context);

/// Squared error of acceleration, the same of second differences times fps^2, in curve^2/s^4: what
/// trembles has much of it.
LossSum acceleration_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context);

/// Lip closure:  sum over frames whose target lips are closed of w (p - y)^2, over the curves that
/// the rig's aperture is made of. Beside mse, a weight of 3 makes their errors count four times
/// there. Wants Batch::closed.
LossSum lips_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context);

/// Closed or not:  sum over frames of ln(1 + exp(±(a - c) / (c/4))), + where the target's lips are
/// closed, - where they are not; a is the rig's aperture of p (0 at least where they are closed), c
/// the clip's threshold. The logistic loss of the question that the closure metrics ask, so it
/// minds when lips close and open, not how far. The count is that of frames of clips that have all
/// curves of the aperture, and curve weights play no part. Wants Batch::closed.
LossSum closure_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context);

/// Silence stability:  sum over pairs whose later frame is silent of w fps |p[t] - p[t-1]|, in
/// curve/s: a mouth that nobody hears holds still. Wants Batch::silent.
LossSum silence_loss(const at::Tensor& pred, const Batch& batch, const LossContext& context);

/// What counts: valid frames, of curves that the clip has. [batch, frames, curves], or [batch,
/// frames, 1] where all clips have all.
at::Tensor counted(const Batch& batch);
/// How many: frames, pairs and triples × curves.
double frames_counted(const at::Tensor& pred, const Batch& batch);
double pairs_counted(const at::Tensor& pred, const Batch& batch);
double triples_counted(const at::Tensor& pred, const Batch& batch);

/// pred - target where it counts, 0 elsewhere. Selected away before anything else is done to it,
/// not multiplied: a NaN there must spread neither to the sum nor, through a factor, to the
/// gradient.
at::Tensor valid_error(const at::Tensor& pred, const Batch& batch);

/// Sum of error [batch, frames, curves] where kept [batch, frames], each curve by its weight.
at::Tensor kept_sum(const at::Tensor& error, const at::Tensor& kept, const at::Tensor& weights);

}  // namespace kuchi::train
