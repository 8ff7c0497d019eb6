#include "stats/hierarchical.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/portable_math.h"
#include "core/random.h"

namespace kuchi::stats {
namespace {

// Under this a variance of a log ratio is rounding: the sums below cancel to some 1e-17.
constexpr double kRounding = 1e-16;

double sum(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// log(sum of top / sum of bottom) with the luck of the seeds that each was averaged over.
struct LogRatio {
  std::vector<double> top, bottom;  // [units]
  std::array<SeedLuck, 2> luck;     // seeds 0: a sum without seeds

  double value() const { return portable::log(sum(top) / sum(bottom)); }
};

// Rows of sums, from which a resample's log ratio and its variance over units follow.
Matrix64 moment_rows(const LogRatio& r) {
  Matrix64 rows(static_cast<int64_t>(r.top.size()), 5);
  // Shares of the total, so that no sum of squares leaves the range of doubles.
  const double top = sum(r.top);
  const double bottom = sum(r.bottom);
  for (int64_t u = 0; u < rows.rows; ++u) {
    const double a = r.top[static_cast<size_t>(u)] / top;
    const double b = r.bottom[static_cast<size_t>(u)] / bottom;
    const auto row = rows.row(u);
    row[0] = a;
    row[1] = b;
    row[2] = a * a;
    row[3] = a * b;
    row[4] = b * b;
  }
  return rows;
}

double unit_variance(std::span<const double> sums, double units) {
  const double squares = sums[2] / (sums[0] * sums[0]) - 2 * sums[3] / (sums[0] * sums[1]) +
                         sums[4] / (sums[1] * sums[1]);
  return std::max(0.0, squares) * units / (units - 1);
}

double unit_variance(const LogRatio& r) {
  const double top = sum(r.top);
  const double bottom = sum(r.bottom);
  double squares = 0;
  for (size_t u = 0; u < r.top.size(); ++u) {
    const double deviation = r.top[u] / top - r.bottom[u] / bottom;
    squares += deviation * deviation;
  }
  const double units = static_cast<double>(r.top.size());
  return squares * units / (units - 1);
}

double seed_variance(const std::array<SeedLuck, 2>& luck, const std::array<double, 2>& single) {
  double variance = 0;
  for (size_t i = 0; i < 2; ++i) {
    if (luck[i].seeds > 0) variance += single[i] / static_cast<double>(luck[i].seeds);
  }
  return variance;
}

// A resample of the seeds: what their luck adds to the log ratio, and its variance as one who has
// only these seeds would estimate it.
struct SeedDraw {
  double effect = 0;
  double variance = 0;
};

SeedDraw draw_seeds(const std::array<SeedLuck, 2>& luck, const std::array<double, 2>& single,
                    Stream stream) {
  SeedDraw out;
  std::array<SeedLuck, 2> seen = luck;
  for (size_t i = 0; i < 2; ++i) {
    const double deviation = std::sqrt(single[i]);
    double mean = 0;
    double squares = 0;  // as Welford's, core of stats/moments.h
    for (int64_t s = 0; s < luck[i].seeds; ++s) {
      const double effect = deviation * stream.normal();
      const double step = effect - mean;
      mean += step / static_cast<double>(s + 1);
      squares += step * (effect - mean);
    }
    out.effect += i == 0 ? mean : -mean;
    seen[i].single = luck[i].seeds > 1 ? squares / static_cast<double>(luck[i].seeds - 1) : 0;
  }
  out.variance = seed_variance(luck, single_luck(seen));
  return out;
}

// What the logarithm may be off by, at the level; nothing where that cannot be said.
std::optional<double> half_width(const LogRatio& r, const BootstrapOptions& options) {
  const double units = static_cast<double>(r.top.size());
  if (r.top.size() < 4 || options.resamples < 1) return std::nullopt;
  const auto single = single_luck(r.luck);
  const double by_seeds = seed_variance(r.luck, single);
  const double variance = unit_variance(r) + by_seeds;

  std::vector<double> deviations;
  resample_sums(moment_rows(r), options, [&](int64_t i, std::span<const double> sums) {
    double deviation = std::numeric_limits<double>::infinity();
    if (sums[0] > 0 && sums[1] > 0) {
      deviation = portable::log(sums[0] / sums[1]);
      double own = unit_variance(sums, units);
      if (by_seeds > 0) {
        const Stream stream(options.seed, "bootstrap seeds", static_cast<uint64_t>(i));
        const SeedDraw seeds = draw_seeds(r.luck, single, stream);
        deviation += seeds.effect;
        own += seeds.variance;
      }
      deviation = std::abs(deviation) / std::sqrt(std::max(own, kRounding));
    }
    deviations.push_back(deviation);
  });
  std::sort(deviations.begin(), deviations.end());
  // The k-th of n holds the next draw in k / (n + 1) of all cases.
  const double k = std::ceil(options.level * static_cast<double>(deviations.size() + 1));
  const size_t place = std::min(static_cast<size_t>(k), deviations.size()) - 1;
  if (!std::isfinite(deviations[place])) return std::nullopt;
  return deviations[place] * std::sqrt(variance);
}

}  // namespace

HierarchicalMean hierarchical_mean(const SeedErrors& setting, const BootstrapOptions& options) {
  HierarchicalMean out;
  if (setting.seeds() == 0 || setting.units() == 0) return out;
  assert(setting.counts.size() == static_cast<size_t>(setting.units()));
  const LogRatio r{seed_average(setting), setting.counts, {seed_luck(setting), SeedLuck{}}};
  out.mean = sum(r.top) / sum(r.bottom);
  if (!(*out.mean > 0)) return out;
  if (const auto half = half_width(r, options)) {
    out.low = *out.mean * portable::exp(-*half);
    out.high = *out.mean * portable::exp(*half);
  }
  return out;
}

HierarchicalRatio hierarchical_ratio(const SeedErrors& a, const SeedErrors& b,
                                     const BootstrapOptions& options) {
  HierarchicalRatio out;
  assert(a.units() == b.units());
  if (a.seeds() == 0 || b.seeds() == 0 || a.units() == 0) return out;
  const LogRatio r{seed_average(a), seed_average(b), {seed_luck(a), seed_luck(b)}};
  if (!(sum(r.top) > 0 && sum(r.bottom) > 0)) return out;
  out.ratio = sum(r.top) / sum(r.bottom);
  if (const auto half = half_width(r, options)) {
    out.low = *out.ratio * portable::exp(-*half);
    out.high = *out.ratio * portable::exp(*half);
  }
  out.parts.units = a.units();
  out.parts.seeds = std::min(a.seeds(), b.seeds());
  if (a.units() < 2) return out;
  const double units = static_cast<double>(a.units());
  const auto single = single_luck(r.luck);
  out.parts.seed = single[0] + single[1];
  out.parts.residual = units * (r.luck[0].residual + r.luck[1].residual);
  const double of_residuals = r.luck[0].residual / static_cast<double>(a.seeds()) +
                              r.luck[1].residual / static_cast<double>(b.seeds());
  out.parts.unit = units * std::max(0.0, unit_variance(r) - of_residuals);
  return out;
}

}  // namespace kuchi::stats
