#include "report/seconds.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <tuple>

namespace kuchi::report {
namespace {

constexpr size_t kCurvesNamed = 3;

/// Mean squared error of each curve over frames begin … end-1, in shares of its range; 0 of a curve
/// that the clip lacks.
std::vector<double> squared_errors(const curves::Rig& rig, const Matrix& target,
                                   const Matrix& prediction, int64_t begin, int64_t end) {
  std::vector<double> out(static_cast<size_t>(rig.size()), 0.0);
  for (size_t c = 0; c < out.size(); ++c) {
    const auto column = static_cast<int64_t>(c);
    const double range = rig.curves[c].high - rig.curves[c].low;
    if (std::isnan(target(begin, column))) continue;
    for (int64_t t = begin; t < end; ++t) {
      const double e = (double{prediction(t, column)} - target(t, column)) / range;
      out[c] += e * e;
    }
    out[c] /= static_cast<double>(end - begin);
  }
  return out;
}

/// How many curves of a frame are there; 1 at least.
double present(const Matrix& target, int64_t frame) {
  const auto row = target.row(frame);
  const auto there = std::count_if(row.begin(), row.end(), [](float v) { return !std::isnan(v); });
  return std::max(1.0, static_cast<double>(there));
}

}  // namespace

std::vector<Second> seconds_of(size_t clip, const curves::Rig& rig, const Matrix& target,
                               const Matrix& prediction, double fps) {
  assert(target.rows == prediction.rows && target.cols == rig.size() && fps > 0);
  std::vector<Second> out;
  for (int64_t s = 0;; ++s) {
    const auto begin = static_cast<int64_t>(std::llround(static_cast<double>(s) * fps));
    const auto end = std::min<int64_t>(target.rows, std::llround(static_cast<double>(s + 1) * fps));
    if (begin >= end || (s > 0 && static_cast<double>(end - begin) < 0.5 * fps)) break;
    const auto errors = squared_errors(rig, target, prediction, begin, end);
    Second second;
    second.clip = clip;
    second.begin_s = static_cast<double>(begin) / fps;
    second.error =
        std::sqrt(std::accumulate(errors.begin(), errors.end(), 0.0) / present(target, begin));
    second.curves.resize(errors.size());
    std::iota(second.curves.begin(), second.curves.end(), int64_t{0});
    std::stable_sort(second.curves.begin(), second.curves.end(), [&](int64_t a, int64_t b) {
      return errors[static_cast<size_t>(a)] > errors[static_cast<size_t>(b)];
    });
    second.curves.resize(std::min(second.curves.size(), kCurvesNamed));
    out.push_back(std::move(second));
  }
  return out;
}

std::vector<Second> worst_seconds(std::vector<Second> all, size_t count) {
  std::sort(all.begin(), all.end(), [](const Second& a, const Second& b) {
    return std::tuple(-a.error, a.clip, a.begin_s) < std::tuple(-b.error, b.clip, b.begin_s);
  });
  all.resize(std::min(all.size(), count));
  return all;
}

}  // namespace kuchi::report
