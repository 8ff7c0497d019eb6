#include "eval/clip.h"

namespace kuchi::eval {

void ReferenceBuilder::add(const Matrix& target) {
  if (mean_.empty()) {
    mean_.assign(static_cast<size_t>(target.cols), 0);
    squares_ = mean_;
  }
  assert(static_cast<size_t>(target.cols) == mean_.size());
  for (int64_t t = 0; t < target.rows; ++t) {
    ++frames_;
    const auto row = target.row(t);
    for (size_t c = 0; c < mean_.size(); ++c) {  // Welford's step
      const double delta = row[c] - mean_[c];
      mean_[c] += delta / static_cast<double>(frames_);
      squares_[c] += delta * (row[c] - mean_[c]);
    }
  }
}

Reference ReferenceBuilder::finish() const {
  Reference out{mean_, squares_};
  for (double& v : out.variance) v = frames_ > 0 ? v / static_cast<double>(frames_) : 0;
  return out;
}

}  // namespace kuchi::eval
