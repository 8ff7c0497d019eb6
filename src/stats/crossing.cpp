#include "stats/crossing.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "core/portable_math.h"
#include "core/random.h"
#include "stats/student.h"

namespace kuchi::stats {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// How far a resample of n things must be stretched; freedom: of the variance that it stands for.
double stretch(int64_t n, int64_t freedom, double level) {
  if (n < 2) return 0;
  const double q = (1 + level) / 2;
  const double size = static_cast<double>(n);
  return std::sqrt(size / (size - 1)) * student_quantile(q, static_cast<double>(freedom)) /
         student_quantile(q, 1e6);  // a normal's
}

// Both systems' errors as rows of sums: [units, points x seeds of a, points x seeds of b].
struct Lines {
  size_t points = 0;
  size_t seeds_a = 0, seeds_b = 0;
  Matrix64 units;

  Lines(std::span<const CurvePoint> a, std::span<const CurvePoint> b)
      : points(a.size()),
        seeds_a(static_cast<size_t>(a[0].setting.seeds())),
        seeds_b(static_cast<size_t>(b[0].setting.seeds())),
        units(a[0].setting.units(), static_cast<int64_t>(points * (seeds_a + seeds_b))) {
    int64_t column = 0;
    for (const auto& line : {a, b}) {
      for (const CurvePoint& point : line) {
        assert(point.setting.units() == units.rows);
        assert(point.setting.seeds() == line[0].setting.seeds());
        for (int64_t s = 0; s < point.setting.seeds(); ++s, ++column) {
          for (int64_t u = 0; u < units.rows; ++u) units(u, column) = point.setting.errors(s, u);
        }
      }
    }
  }

  // log error of a less that of b at each point; empty where one has no logarithm.
  std::vector<double> difference(std::span<const double> sums, std::span<const double> draw_a,
                                 std::span<const double> draw_b) const {
    std::vector<double> out(points);
    for (size_t k = 0; k < points; ++k) {
      double error_a = 0;
      double error_b = 0;
      for (size_t s = 0; s < seeds_a; ++s) error_a += draw_a[s] * sums[k * seeds_a + s];
      const auto sums_b = sums.subspan(points * seeds_a);
      for (size_t s = 0; s < seeds_b; ++s) error_b += draw_b[s] * sums_b[k * seeds_b + s];
      if (!(error_a > 0 && error_b > 0)) return {};
      out[k] = portable::log(error_a / static_cast<double>(seeds_a)) -
               portable::log(error_b / static_cast<double>(seeds_b));
    }
    return out;
  }
};

// How often each seed counts in a resample: 1 on average.
std::vector<double> seed_counts(size_t seeds, double stretched, Stream& stream) {
  std::vector<double> draw(seeds, 1.0);
  if (seeds < 2) return draw;
  std::fill(draw.begin(), draw.end(), 0.0);
  for (size_t i = 0; i < seeds; ++i) draw[stream.below(seeds)] += 1;
  for (double& d : draw) d = 1 + stretched * (d - 1);
  return draw;
}

std::optional<double> inside(double log_x) {
  if (!std::isfinite(log_x)) return std::nullopt;
  return portable::exp(log_x);
}

// Quantiles of values of which some are infinite: no straight line is drawn to those.
double place(std::span<const double> sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const double below = sorted[static_cast<size_t>(std::floor(at))];
  const double above = sorted[static_cast<size_t>(std::ceil(at))];
  if (std::isfinite(below) && std::isfinite(above)) return quantile(sorted, q);
  return q < 0.5 ? below : above;
}

}  // namespace

std::optional<double> last_zero(std::span<const double> x, std::span<const double> f, Sense sense) {
  size_t right = f.size();  // the next place to the right where f is not 0
  for (size_t k = f.size(); k-- > 0;) {
    if (f[k] == 0) continue;
    const bool changes = right < f.size() && (f[k] < 0) != (f[right] < 0);
    const bool asked = sense == Sense::kAny || (sense == Sense::kRising) == (f[k] < 0);
    if (changes && asked) {
      if (right > k + 1) return x[k + 1];
      return x[k] + (x[right] - x[k]) * f[k] / (f[k] - f[right]);
    }
    right = k;
  }
  return std::nullopt;
}

std::optional<Crossing> crossing(std::span<const CurvePoint> a, std::span<const CurvePoint> b,
                                 const BootstrapOptions& options) {
  assert(a.size() == b.size() && a.size() >= 2);
  assert(a[0].setting.units() >= 2 && a[0].setting.seeds() >= 1 && b[0].setting.seeds() >= 1);
  std::vector<double> log_x;
  for (size_t k = 0; k < a.size(); ++k) {
    assert(a[k].x == b[k].x && a[k].x > 0 && (k == 0 || a[k].x > a[k - 1].x));
    log_x.push_back(portable::log(a[k].x));
  }
  const Lines lines(a, b);
  std::vector<double> total(static_cast<size_t>(lines.units.cols), 0.0);
  for (int64_t u = 0; u < lines.units.rows; ++u) {
    for (size_t c = 0; c < total.size(); ++c) total[c] += lines.units.row(u)[c];
  }
  const std::vector<double> once_a(lines.seeds_a, 1.0), once_b(lines.seeds_b, 1.0);
  const auto measured = lines.difference(total, once_a, once_b);
  if (measured.empty()) return std::nullopt;

  Crossing out;
  const auto found = last_zero(log_x, measured, Sense::kAny);
  if (found) out.x = portable::exp(*found);
  out.a_beyond = measured.back() < 0;
  const Sense sense = !found ? Sense::kAny : out.a_beyond ? Sense::kFalling : Sense::kRising;

  const int64_t freedom = static_cast<int64_t>(lines.seeds_a + lines.seeds_b) - 2;
  const double stretch_units = stretch(lines.units.rows, lines.units.rows - 1, options.level);
  const auto stretch_seeds = [&](size_t seeds) {
    return stretch(static_cast<int64_t>(seeds), freedom, options.level);
  };
  const double stretch_a = stretch_seeds(lines.seeds_a);
  const double stretch_b = stretch_seeds(lines.seeds_b);
  std::vector<double> places;
  int64_t crossed = 0;
  int64_t defined = 0;
  resample_sums(lines.units, options, [&](int64_t r, std::span<const double> sums) {
    std::vector<double> stretched(sums.begin(), sums.end());
    for (size_t c = 0; c < total.size(); ++c) {
      stretched[c] = total[c] + stretch_units * (sums[c] - total[c]);
    }
    Stream stream(options.seed, "bootstrap seeds", static_cast<uint64_t>(r));
    const auto draw_a = seed_counts(lines.seeds_a, stretch_a, stream);
    const auto draw_b = seed_counts(lines.seeds_b, stretch_b, stream);
    const auto f = lines.difference(stretched, draw_a, draw_b);
    if (f.empty()) return;
    ++defined;
    const auto zero = last_zero(log_x, f, sense);
    crossed += zero.has_value();
    if (zero) {
      places.push_back(*zero);
    } else {
      places.push_back((f.back() < 0) == out.a_beyond ? -kInfinity : kInfinity);
    }
  });
  if (defined == 0) return out;
  out.share = static_cast<double>(crossed) / static_cast<double>(defined);
  if (!out.x) return out;
  std::sort(places.begin(), places.end());
  out.low = inside(place(places, (1 - options.level) / 2));
  out.high = inside(place(places, (1 + options.level) / 2));
  return out;
}

}  // namespace kuchi::stats
