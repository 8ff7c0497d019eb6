#include "eval/dtw.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace kuchi::eval {
namespace {

enum Came { kDiagonal, kByA, kByB };

/// Where the best way into each cell of the band came from, two bits a cell.
class Ways {
 public:
  Ways(int64_t rows, int64_t width) : width_(width), bits_(static_cast<size_t>(rows * bytes())) {}
  void set(int64_t row, int64_t k, Came came) {
    bits_[at(row, k)] |= static_cast<uint8_t>(came << (2 * (k % 4)));
  }
  Came get(int64_t row, int64_t k) const {
    return static_cast<Came>(bits_[at(row, k)] >> (2 * (k % 4)) & 3);
  }

 private:
  int64_t bytes() const { return (width_ + 3) / 4; }
  size_t at(int64_t row, int64_t k) const { return static_cast<size_t>(row * bytes() + k / 4); }
  int64_t width_;
  std::vector<uint8_t> bits_;
};

std::vector<std::pair<int64_t, int64_t>> walk_back(const Ways& ways, int64_t n, int64_t band) {
  std::vector<std::pair<int64_t, int64_t>> path;
  int64_t i = n - 1, j = n - 1;
  path.emplace_back(i, j);
  while (i > 0 || j > 0) {
    const Came came = ways.get(i, j - i + band);
    if (came != kByB) --i;
    if (came != kByA) --j;
    path.emplace_back(i, j);
  }
  std::reverse(path.begin(), path.end());
  return path;
}

}  // namespace

std::vector<std::pair<int64_t, int64_t>> dtw_path(std::span<const double> a,
                                                  std::span<const double> b, int64_t band) {
  assert(a.size() == b.size());
  const auto n = static_cast<int64_t>(a.size());
  if (n == 0) return {};
  band = std::min(band, n - 1);
  const int64_t width = 2 * band + 1;  // cell (i, j) stands at k = j - i + band of its row
  constexpr double kFar = std::numeric_limits<double>::infinity();
  std::vector<double> before(static_cast<size_t>(width + 1), kFar), now = before;
  Ways ways(n, width);
  for (int64_t i = 0; i < n; ++i) {
    std::fill(now.begin(), now.end(), kFar);
    const int64_t first = std::max<int64_t>(0, band - i), last = std::min(width, n - i + band);
    for (int64_t k = first; k < last; ++k) {
      const auto at = static_cast<size_t>(k);
      const int64_t j = i + k - band;
      const double cost = std::abs(a[static_cast<size_t>(i)] - b[static_cast<size_t>(j)]);
      if (i == 0 && j == 0) {
        now[at] = cost;
        continue;
      }
      double best = i > 0 && j > 0 ? before[at] : kFar;
      Came came = kDiagonal;
      if (i > 0 && before[at + 1] < best) {
        best = before[at + 1];
        came = kByA;
      }
      if (k > 0 && now[at - 1] < best) {
        best = now[at - 1];
        came = kByB;
      }
      now[at] = best + cost;
      ways.set(i, k, came);
    }
    std::swap(before, now);
  }
  return walk_back(ways, n, band);
}

}  // namespace kuchi::eval
