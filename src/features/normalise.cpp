#include "features/normalise.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace kuchi::features {

MomentSum::MomentSum(int64_t dim)
    : dim_(dim),
      shift_(static_cast<size_t>(dim)),
      sum_(static_cast<size_t>(dim)),
      square_(static_cast<size_t>(dim)) {}

void MomentSum::add(const Matrix& rows) { add(rows, {0, rows.rows}); }

void MomentSum::add(const Matrix& rows, RowRange range) {
  assert(rows.cols == dim_ && range.begin >= 0 && range.end <= rows.rows);
  for (int64_t r = range.begin; r < range.end; ++r) {
    const auto row = rows.row(r);
    if (count_ == 0) std::copy(row.begin(), row.end(), shift_.begin());
    for (size_t d = 0; d < row.size(); ++d) {
      const double x = row[d] - shift_[d];
      sum_[d] += x;
      square_[d] += x * x;
    }
    ++count_;
  }
}

Moments MomentSum::finish(double std_floor) const {
  const auto dim = static_cast<size_t>(dim_);
  Moments out{std::vector<double>(dim, 0.0), std::vector<double>(dim, 1.0)};
  if (count_ == 0) return out;
  const auto n = static_cast<double>(count_);
  for (size_t d = 0; d < dim; ++d) {
    const double mean = sum_[d] / n;
    out.mean[d] = shift_[d] + mean;
    out.std[d] = std::max(std_floor, std::sqrt(std::max(0.0, square_[d] / n - mean * mean)));
  }
  return out;
}

Moments moments(const Matrix& rows, const std::vector<RowRange>& ranges, double std_floor) {
  MomentSum sum(rows.cols);
  for (const auto& range : ranges) sum.add(rows, range);
  return sum.finish(std_floor);
}

void normalise(Matrix& rows, const Moments& m) {
  assert(static_cast<size_t>(rows.cols) == m.mean.size());
  for (int64_t r = 0; r < rows.rows; ++r) {
    const auto row = rows.row(r);
    for (size_t d = 0; d < row.size(); ++d) {
      row[d] = static_cast<float>((row[d] - m.mean[d]) / m.std[d]);
    }
  }
}

}  // namespace kuchi::features
