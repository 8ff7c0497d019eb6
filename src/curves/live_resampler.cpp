#include "curves/live_resampler.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/append_rows.h"

namespace kuchi::curves {
namespace {

/// A frame that falls on a row does not wait for the next: what is less than this is rounding.
constexpr double kOnRow = 1e-9;

}  // namespace

LiveResampler::LiveResampler(double from_fps, double to_fps, int64_t curves)
    : from_fps_(from_fps), to_fps_(to_fps), rows_(0, curves) {}

Matrix LiveResampler::push(const Matrix& rows, int64_t sure) {
  append_rows(rows_, rows);
  return frames(sure, false);
}

Matrix LiveResampler::finish(int64_t count) { return frames(count, true); }

Matrix LiveResampler::frames(int64_t end, bool at_end) {
  if (rows_.rows == 0) return Matrix(0, rows_.cols);
  const int64_t last = first_ + rows_.rows - 1;
  std::vector<float> values;
  int64_t j = next_;
  for (; j < end; ++j) {
    const double position = static_cast<double>(j) / to_fps_ * from_fps_;
    auto low = static_cast<int64_t>(std::floor(position + kOnRow));
    const double share = std::max(0.0, position - static_cast<double>(low));
    int64_t high = share > kOnRow ? low + 1 : low;
    if (high > last && !at_end) break;
    low = std::min(low, last);
    high = std::min(high, last);
    const auto a = rows_.row(low - first_), b = rows_.row(high - first_);
    for (size_t c = 0; c < a.size(); ++c) {
      values.push_back(static_cast<float>(a[c] + share * (static_cast<double>(b[c]) - a[c])));
    }
  }
  Matrix out(j - next_, rows_.cols);
  out.data = std::move(values);
  next_ = j;
  const auto low = static_cast<int64_t>(static_cast<double>(next_) / to_fps_ * from_fps_ + kOnRow);
  // The last row stays, to be held.
  const auto gone = std::clamp<int64_t>(std::min(low, last) - first_, 0, rows_.rows);
  rows_.data.erase(rows_.data.begin(), rows_.data.begin() + gone * rows_.cols);
  rows_.rows -= gone;
  first_ += gone;
  return out;
}

}  // namespace kuchi::curves
