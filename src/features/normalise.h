#pragma once

#include <cstdint>
#include <vector>

#include "core/matrix.h"

namespace kuchi::features {

/// Half-open: rows begin … end-1.
struct RowRange {
  int64_t begin = 0;
  int64_t end = 0;
};

/// Mean and standard deviation (population) of each dimension.
struct Moments {
  std::vector<double> mean;  // [dim]
  std::vector<double> std;   // [dim], at least the floor they were made with
};

/// Adds rows up piece by piece in double. The same rows in the same order give the same bits,
/// however they are cut into pieces. Values are taken relative to the first row, so that a large
/// mean does not eat the variance.
class MomentSum {
 public:
  explicit MomentSum(int64_t dim);
  /// rows.cols == dim (contract).
  void add(const Matrix& rows);
  void add(const Matrix& rows, RowRange range);
  int64_t count() const { return count_; }
  /// A dimension that hardly moves (silent band, dead input) gets std_floor, so that dividing by
  /// it stays harmless. Without rows: mean 0, std 1.
  Moments finish(double std_floor = 1e-3) const;

 private:
  int64_t dim_;
  int64_t count_ = 0;
  std::vector<double> shift_, sum_, square_;  // [dim]
};

/// Moments over the given rows of one matrix.
Moments moments(const Matrix& rows, const std::vector<RowRange>& ranges, double std_floor = 1e-3);

/// (x − mean) / std, in place; rows.cols == moments.mean.size() (contract).
void normalise(Matrix& rows, const Moments& moments);

}  // namespace kuchi::features
