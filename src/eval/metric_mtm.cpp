#include <algorithm>
#include <cmath>
#include <vector>

#include "eval/blocks.h"
#include "eval/dtw.h"
#include "eval/extrema.h"
#include "eval/lips.h"
#include "eval/metric.h"

namespace kuchi::eval {
namespace {
constexpr double kSigma = 2;          // frames
constexpr double kProminence = 0.05;  // of the range of the clip's target
constexpr double kWithin = 2;  // frames between a predicted extremum and where the path leads

std::vector<double> smooth(std::span<const float> aperture) {
  return gaussian(std::vector<double>(aperture.begin(), aperture.end()), kSigma);
}

/// For every target frame the mean of the prediction's frames that the path sets beside it.
std::vector<double> partners(std::span<const std::pair<int64_t, int64_t>> path, size_t frames) {
  std::vector<double> sum(frames, 0), count(frames, 0);
  for (const auto& [i, j] : path) {
    sum[static_cast<size_t>(j)] += static_cast<double>(i);
    count[static_cast<size_t>(j)] += 1;
  }
  for (size_t j = 0; j < frames; ++j) sum[j] /= count[j];
  return sum;
}

void collect(const ClipResult& clip, const ClipContext&, std::span<const int64_t> begins,
             MatrixOf<double>& rows) {
  if (clip.prediction_aperture.size() < 3 || clip.target_aperture.empty()) return;
  auto p = smooth(clip.prediction_aperture), y = smooth(clip.target_aperture);
  const auto [low, high] = std::minmax_element(y.begin(), y.end());
  const double prominence = kProminence * (*high - *low);
  if (!(prominence > 0)) return;
  const auto beside = partners(dtw_path(derivative(p), derivative(y)), y.size());
  for (int turn = 0; turn < 2; ++turn) {  // lips at their widest, then at their narrowest
    const auto predicted = peaks(p, prominence), target = peaks(y, prominence);
    std::vector<double> places, led;
    for (const int64_t i : predicted) places.push_back(static_cast<double>(i));
    for (const int64_t j : target) led.push_back(beside[static_cast<size_t>(j)]);
    for (const auto& [i, j] : match_nearest(places, led, kWithin)) {
      auto row = rows.row(block_of(begins, static_cast<double>(target[j])));
      row[0] += 1000 * std::abs(places[i] - static_cast<double>(target[j])) / clip.fps;
      row[1] += 1;
    }
    for (auto* series : {&p, &y}) {
      for (double& x : *series) x = -x;
    }
  }
}

}  // namespace

/// Mean temporal misalignment: by how much the moments at which the lips are widest and narrowest
/// are early or late, of those that the warped derivatives set beside one another.
/// Source: Chae-Yeon et al., "Perceptually Accurate 3D Talking Head Generation", CVPR 2025; what it
/// leaves open is fixed in docs/metrics.md.
ClipMetric mtm() { return {"mtm", "ms", 2, true, collect, mean_of_sums, true}; }

}  // namespace kuchi::eval
