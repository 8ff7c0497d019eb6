#include "features/feature_stream.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "core/append_rows.h"
#include "features/at_times.h"

namespace kuchi::features {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
/// A weight this small is rounding: a frame that falls on a row does not wait for the next.
constexpr double kOnRow = 1e-9;

/// The last row that a frame hears.
int64_t last_row(const Options& options, double t_s) {
  const auto at =
      place(neighbour_s(t_s, options.stack - 1, options.stack, kSpacing_s), kHop_s, kNever);
  return at.weight > kOnRow ? at.below + 1 : at.below;
}

double time_of(int64_t frame, double fps) { return static_cast<double>(frame) / fps; }

}  // namespace

bool can_stream(const Options& options) { return !options.is_encoder(); }

std::optional<double> reach_s(const Options& options, double fps) {
  if (!can_stream(options)) return std::nullopt;
  // Frames at a whole rate fall between rows in the same way every second; others come as near to
  // any place in some minutes as makes no difference.
  const auto frames = static_cast<int64_t>(fps) == fps ? static_cast<int64_t>(fps) : 10'000;
  double reach = 0;
  for (int64_t j = 0; j < frames; ++j) {
    const double t = time_of(j, fps);
    const double end = static_cast<double>(last_row(options, t) * kHopSamples + kWindowSamples / 2);
    reach = std::max(reach, end / audio::kRate - t);
  }
  return reach;
}

FeatureStream::FeatureStream(const Options& options, double fps)
    : options_(options), fps_(fps), rows_(0, kMels) {
  if (!can_stream(options)) throw std::logic_error("FeatureStream: an encoder hears whole clips");
}

Matrix FeatureStream::push(std::span<const float> samples) {
  take(mel_.push(samples));
  return frames(kNever);
}

Matrix FeatureStream::finish() {
  take(mel_.finish());
  return frames(static_cast<double>(first_ + rows_.rows - 1));
}

void FeatureStream::take(Matrix&& rows) { append_rows(rows_, rows); }

bool FeatureStream::has_rows(int64_t frame) const {
  return last_row(options_, time_of(frame, fps_)) < first_ + rows_.rows;
}

/// All that can be known; with a last row, all there are.
Matrix FeatureStream::frames(double last_row) {
  const int64_t sure = frame_count(mel_.samples(), fps_);
  int64_t end = next_;
  while (end < sure && (last_row != kNever || has_rows(end))) ++end;
  Matrix out(end - next_, dim(options_));
  for (int64_t j = next_; j < end; ++j) {
    for (int64_t i = 0; i < options_.stack; ++i) {
      const double t = neighbour_s(time_of(j, fps_), i, options_.stack, kSpacing_s);
      const auto at = place(t, kHop_s, last_row);
      const auto above = std::min(at.below + 1, first_ + rows_.rows - 1);
      between(row(at.below), row(above), at.weight,
              out.row(j - next_).subspan(static_cast<size_t>(i * kMels), kMels));
    }
  }
  next_ = end;
  // The next frame's first neighbour, and all after it, hear nothing before this row.
  const double t = neighbour_s(time_of(next_, fps_), 0, options_.stack, kSpacing_s);
  const auto gone = std::clamp<int64_t>(place(t, kHop_s, kNever).below - first_, 0, rows_.rows);
  rows_.data.erase(rows_.data.begin(), rows_.data.begin() + gone * kMels);
  rows_.rows -= gone;
  first_ += gone;
  return out;
}

}  // namespace kuchi::features
