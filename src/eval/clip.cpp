#include "eval/clip.h"

namespace kuchi::eval {

void ReferenceBuilder::add(const Matrix& target, const std::vector<bool>& captured) {
  if (mean_.empty()) {
    mean_.assign(static_cast<size_t>(target.cols), 0);
    squares_ = mean_;
    frames_.assign(mean_.size(), 0);
  }
  assert(static_cast<size_t>(target.cols) == mean_.size());
  for (int64_t t = 0; t < target.rows; ++t) {
    const auto row = target.row(t);
    for (size_t c = 0; c < mean_.size(); ++c) {  // Welford's step
      if (!captured.empty() && !captured[c]) continue;
      ++frames_[c];
      const double delta = row[c] - mean_[c];
      mean_[c] += delta / static_cast<double>(frames_[c]);
      squares_[c] += delta * (row[c] - mean_[c]);
    }
  }
}

Reference ReferenceBuilder::finish() const {
  Reference out{mean_, squares_, frames_};
  for (size_t c = 0; c < frames_.size(); ++c) {
    out.variance[c] = frames_[c] > 0 ? squares_[c] / static_cast<double>(frames_[c]) : 0;
  }
  return out;
}

}  // namespace kuchi::eval
