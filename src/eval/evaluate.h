// src/eval/evaluate.h
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "eval/clip.h"
#include "eval/metric.h"
#include "eval/suite.h"
#include "eval/vertex_model.h"

namespace kuchi::eval {

struct Options {
  int64_t resamples = 1000;
  uint64_t seed = 0;
  double level = 0.95;
  int64_t clips_for_units = 20;  // with fewer clips, blocks are what the bootstrap draws
  double block_seconds = 5;
  std::optional<double> closed_below;  // the rig's aperture threshold, where it has one
  /// A mesh that the curves move, for the metrics of vertices; null: none of them.
  std::shared_ptr<const VertexModel> vertices;
  bool slow = true;  // the slow metrics too; without them while a training goes on
};

/// Measures clip by clip, keeping sums only, so that a corpus need not be in memory at once.
/// Everything is summed in double in one pass; memory grows by a row of sums per 5 s.
class Evaluator {
 public:
  /// reference: training statistics for r2, nmse and which curves move; without it the target's
  /// own are taken, which the suite says. Its vectors are as long as curves.
  Evaluator(std::vector<CurveInfo> curves, std::optional<Reference> reference,
            const Options& options = {});

  /// UserError (data) naming the clip: no frames, prediction of another shape, columns that are
  /// not the curves', no fps, an id seen before. Values must be finite; a NaN makes null. A curve's
  /// numbers are over the clips that have it, a clip's over the curves that it has.
  void add(const ClipResult& clip);

  /// The numbers so far, with intervals; model, store and split stay empty.
  Suite finish() const;

 private:
  // Rows of sums of one kind, one a block, in the order added.
  struct Rows {
    int64_t width = 0;
    std::vector<double> data;
  };
  MatrixOf<double> by_block(const Rows& rows) const;
  MatrixOf<double> by_clip(const Rows& rows) const;
  bool units_are_clips() const;
  std::vector<CurveSums> curve_sums(std::span<const double> row) const;
  std::vector<Baseline> baselines(std::span<const CurveSums> sums) const;
  void score_curves(std::span<const Baseline> baselines, Suite& suite) const;
  void score_clips_whole(Suite& suite) const;
  void describe(Suite& suite) const;

  std::vector<CurveInfo> curves_;
  std::optional<Reference> reference_;
  Options options_;
  SumLayout layout_;
  Origin origin_;
  std::vector<std::string> ids_;
  std::unordered_set<std::string> known_ids_;
  std::vector<int64_t> clip_of_block_;
  std::vector<int64_t> clips_of_curve_;
  Rows sums_;
  std::vector<Rows> clip_rows_;  // one for each of clip_metrics(); empty of those left out
  double fps_ = 0;
  bool fps_differ_ = false;
};

/// All clips at once.
Suite evaluate(std::span<const ClipResult> clips, std::vector<CurveInfo> curves,
               std::optional<Reference> reference, const Options& options = {});

}  // namespace kuchi::eval
