#include "eval/blocks.h"
#include "eval/lips.h"
#include "eval/metric.h"

namespace kuchi::eval {
namespace {
constexpr double kWithin_s = 0.04;
enum Column { kMatched, kPredicted, kTarget, kColumns };

void collect(const ClipResult& clip, const ClipContext& context, std::span<const int64_t> begins,
             MatrixOf<double>& rows) {
  if (clip.target_aperture.empty() || clip.prediction_aperture.empty()) return;
  const double threshold = context.closed_below.value_or(closed_threshold(clip.target_aperture));
  const auto predicted = closures(clip.prediction_aperture, threshold);
  const auto target = closures(clip.target_aperture, threshold);
  for (double frame : predicted) rows(block_of(begins, frame), kPredicted) += 1;
  for (double frame : target) rows(block_of(begins, frame), kTarget) += 1;
  for (const auto& [p, y] : match_nearest(predicted, target, kWithin_s * clip.fps)) {
    rows(block_of(begins, target[y]), kMatched) += 1;
  }
}

struct Counts {
  double matched = 0, predicted = 0, target = 0;
};

Counts add(const MatrixOf<double>& units, std::span<const double> weights) {
  Counts n;
  for (int64_t u = 0; u < units.rows; ++u) {
    const double w = weights[static_cast<size_t>(u)];
    n.matched += w * units(u, kMatched);
    n.predicted += w * units(u, kPredicted);
    n.target += w * units(u, kTarget);
  }
  return n;
}

}  // namespace

/// Closed lips: of the predicted closures, the share that meets a target closure within ±40 ms.
ClipMetric closure_precision() {
  return {"closure_precision",
          "",
          kColumns,
          true,
          collect,
          [](const MatrixOf<double>& units, std::span<const double> weights) {
            const Counts n = add(units, weights);
            return ratio(n.matched, n.predicted);
          }};
}

/// Of the target's closures, the share that was predicted.
ClipMetric closure_recall() {
  return {"closure_recall",
          "",
          kColumns,
          true,
          collect,
          [](const MatrixOf<double>& units, std::span<const double> weights) {
            const Counts n = add(units, weights);
            return ratio(n.matched, n.target);
          }};
}

/// Harmonic mean of the two.
ClipMetric closure_f1() {
  return {"closure_f1",
          "",
          kColumns,
          true,
          collect,
          [](const MatrixOf<double>& units, std::span<const double> weights) {
            const Counts n = add(units, weights);
            return ratio(2 * n.matched, n.predicted + n.target);
          }};
}

}  // namespace kuchi::eval
