// src/eval/metric.h
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "core/matrix.h"
#include "eval/clip.h"
#include "eval/sums.h"
#include "eval/vertex_errors.h"

namespace kuchi::eval {

/// What a curve is measured against: training targets, or the target's own where there are none.
struct Baseline {
  double mean = 0;
  double variance = 0;
  bool moves = false;  // standard deviation of at least kMoves of the range: ratios make sense
};
inline constexpr double kMoves = 0.003;

/// The sums of all curves beside their baselines, both [curves].
struct CurveTable {
  std::span<const CurveSums> sums;
  std::span<const Baseline> baselines;
};

/// A metric of single curves that also has a value over all of them. Nothing = undefined.
/// A new one is a file with a function that returns this, and its line in metrics.cpp.
struct CurveMetric {
  std::string_view name;  // key in the metrics file
  std::string_view unit;
  std::optional<double> (*curve)(const CurveSums&, const Baseline&);
  std::optional<double> (*pooled)(const CurveTable&);
};

/// Settings that whole-clip metrics share.
struct ClipContext {
  std::span<const CurveInfo> curves;
  std::optional<double> closed_below;      // the rig's aperture threshold, where it has one
  const VertexErrors* vertices = nullptr;  // of the clip; null: no vertices are known
};

/// A metric of a clip as a whole (lips, timing, silence) that the curve sums cannot give.
struct ClipMetric {
  std::string_view name;
  std::string_view unit;
  int64_t width;  // numbers kept of a unit
  /// True: collect() fills a row for each block. False: row 0 stands for the clip, and there is
  /// no interval where blocks are the unit.
  bool splits;
  /// begins [blocks] first frame of each block, begins[0] = 0; rows [blocks, width] come zeroed.
  /// A row of zeros must mean "nothing seen", so that the rows of a clip's blocks can be added.
  void (*collect)(const ClipResult&, const ClipContext&, std::span<const int64_t> begins,
                  MatrixOf<double>& rows);
  /// The value over units [units, width], each counted weights[u] times.
  std::optional<double> (*value)(const MatrixOf<double>& units, std::span<const double> weights);
  bool slow = false;  // costs more than a few passes over the frames
};

/// a / b, nothing for b = 0.
std::optional<double> ratio(double a, double b);

/// Sum over curves of one field / sum of another, e.g. squared error over frames.
std::optional<double> pooled_ratio(const CurveTable& table, double CurveSums::*sum,
                                   double CurveSums::*count);

/// Mean of a curve's value over the moving curves that have one.
std::optional<double> mean_over_moving(const CurveTable& table,
                                       std::optional<double> (*curve)(const CurveSums&,
                                                                      const Baseline&));

}  // namespace kuchi::eval
