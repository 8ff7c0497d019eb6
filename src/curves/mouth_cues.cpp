#include "curves/mouth_cues.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace kuchi::curves {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

/// Distances of the frames before t, summed: [frames + 1, shapes].
MatrixOf<double> sums_before(const MatrixOf<double>& distances) {
  MatrixOf<double> sums(distances.rows + 1, distances.cols, 0.0);
  for (int64_t t = 0; t < distances.rows; ++t) {
    for (int64_t s = 0; s < distances.cols; ++s) sums(t + 1, s) = sums(t, s) + distances(t, s);
  }
  return sums;
}

/// The best rows of the first t frames that end in shape s, whose last stay is long enough.
struct Best {
  MatrixOf<double> cost;   // [frames + 1, shapes]
  MatrixOf<int64_t> from;  // the shape before, where the last stay has just become long enough
};

/// The cheapest other shape at t, and its cost.
std::pair<int64_t, double> cheapest_other(const MatrixOf<double>& cost, int64_t t, int64_t s) {
  std::pair<int64_t, double> best{-1, kNever};
  for (int64_t other = 0; other < cost.cols; ++other) {
    if (other != s && cost(t, other) < best.second) best = {other, cost(t, other)};
  }
  return best;
}

Best search(const MatrixOf<double>& distances, int64_t least, double change) {
  const auto sums = sums_before(distances);
  Best best{MatrixOf<double>(distances.rows + 1, distances.cols, kNever),
            MatrixOf<int64_t>(distances.rows + 1, distances.cols, -1)};
  for (int64_t t = least; t <= distances.rows; ++t) {
    for (int64_t s = 0; s < distances.cols; ++s) {
      const double stay = best.cost(t - 1, s) + distances(t - 1, s);
      const double added = sums(t, s) - sums(t - least, s);
      const auto [other, before] = cheapest_other(best.cost, t - least, s);
      const double enter = t == least ? added : before + added + change;
      best.cost(t, s) = std::min(stay, enter);
      if (enter < stay) best.from(t, s) = t == least ? s : other;
    }
  }
  return best;
}

}  // namespace

std::vector<int64_t> cheapest_shapes(const MatrixOf<double>& distances, const CueOptions& options) {
  assert(distances.rows > 0 && distances.cols > 0);
  const int64_t least = std::clamp<int64_t>(options.least_frames, 1, distances.rows);
  const Best best = search(distances, least, options.change);
  std::vector<int64_t> shapes(static_cast<size_t>(distances.rows));
  int64_t t = distances.rows;
  const auto last = best.cost.row(t);
  int64_t shape = std::min_element(last.begin(), last.end()) - last.begin();
  while (t > 0) {
    const int64_t before = best.from(t, shape);
    const int64_t stayed = before < 0 ? 1 : least;
    for (int64_t i = 0; i < stayed; ++i) shapes[static_cast<size_t>(--t)] = shape;
    if (before >= 0) shape = before;
  }
  return shapes;
}

}  // namespace kuchi::curves
