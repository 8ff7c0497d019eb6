#include <cmath>
#include <vector>

#include "eval/blocks.h"
#include "eval/dtw.h"
#include "eval/metric.h"

namespace kuchi::eval {
namespace {

void collect(const ClipResult& clip, const ClipContext&, std::span<const int64_t> begins,
             MatrixOf<double>& rows) {
  const auto &p = clip.prediction_aperture, &y = clip.target_aperture;
  if (p.empty() || y.empty()) return;
  const std::vector<double> a(p.begin(), p.end()), b(y.begin(), y.end());
  for (const auto& [i, j] : dtw_path(a, b)) {
    auto row = rows.row(block_of(begins, static_cast<double>(j)));
    row[0] += std::abs(a[static_cast<size_t>(i)] - b[static_cast<size_t>(j)]);
    row[1] += 1;
  }
}

}  // namespace

/// Lip apertures, warped in time to be as alike as can be: mean |difference| over the cells of the
/// path, of all clips together. How well the lips move if nobody minds when.
ClipMetric lip_dtw() { return {"lip_dtw", "aperture", 2, true, collect, mean_of_sums, true}; }

}  // namespace kuchi::eval
