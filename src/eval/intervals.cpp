#include "eval/intervals.h"

#include <limits>

#include "eval/metrics.h"

namespace kuchi::eval {
namespace {

// One value for each metric, pooled first, then curve by curve; NaN = undefined.
std::vector<double> all_values(const CurveTable& table) {
  constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> out;
  out.reserve(curve_metrics().size() * (table.sums.size() + 1));
  for (const CurveMetric& metric : curve_metrics()) {
    out.push_back(metric.pooled(table).value_or(kUndefined));
  }
  for (size_t c = 0; c < table.sums.size(); ++c) {
    for (const CurveMetric& metric : curve_metrics()) {
      out.push_back(metric.curve(table.sums[c], table.baselines[c]).value_or(kUndefined));
    }
  }
  return out;
}

Estimate estimate(double value, std::span<const double> resampled, double level) {
  if (value != value) return {};
  Estimate out{value, {}, {}};
  if (const auto interval = stats::resampled_interval(resampled, level)) {
    out.low = interval->low;
    out.high = interval->high;
  }
  return out;
}

}  // namespace

CurveScores score_units(const UnitSums& units, std::span<const Baseline> baselines,
                        const stats::BootstrapOptions& options) {
  std::vector<double> total(static_cast<size_t>(units.rows.cols), 0.0);
  for (int64_t u = 0; u < units.rows.rows; ++u) {
    for (size_t k = 0; k < total.size(); ++k) total[k] += units.rows.row(u)[k];
  }
  const auto sums = units.curves(total);
  const std::vector<double> values = all_values({sums, baselines});

  std::vector<std::vector<double>> resampled(values.size());
  if (units.rows.rows > 1) {
    stats::resample_sums(units.rows, options, [&](int64_t, std::span<const double> row) {
      const auto drawn = units.curves(row);
      const auto drawn_values = all_values({drawn, baselines});
      for (size_t i = 0; i < values.size(); ++i) resampled[i].push_back(drawn_values[i]);
    });
  }

  CurveScores out;
  out.per_curve.resize(baselines.size());
  const size_t metrics = curve_metrics().size();
  for (size_t i = 0; i < values.size(); ++i) {
    Scores& scores = i < metrics ? out.pooled : out.per_curve[i / metrics - 1];
    scores.set(curve_metrics()[i % metrics].name, estimate(values[i], resampled[i], options.level));
  }
  return out;
}

void add_interval(const ClipMetric& metric, const MatrixOf<double>& units,
                  const stats::BootstrapOptions& options, Estimate& estimate) {
  if (units.rows < 2) return;
  std::vector<double> weights(static_cast<size_t>(units.rows));
  std::vector<double> values;
  for (int64_t r = 0; r < options.resamples; ++r) {
    stats::draw_weights(options, r, weights);
    values.push_back(
        metric.value(units, weights).value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  if (const auto interval = stats::resampled_interval(values, options.level)) {
    estimate.low = interval->low;
    estimate.high = interval->high;
  }
}

}  // namespace kuchi::eval
