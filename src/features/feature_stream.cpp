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

/// The clock of rows: row k is at first_s + k · hop_s; neighbours of a stack are spacing_s apart.
struct Clock {
  double hop_s, first_s, spacing_s;
};

Clock clock_of(const Options& options) {
  if (!options.is_encoder()) return {kHop_s, 0, kSpacing_s};
  const auto& f = options.facts;
  return {f.hop_s, f.first_s, f.hop_s};
}

/// Where neighbour i of a frame falls.
Place place_of(const Options& options, double t_s, int64_t i, double last) {
  const auto clock = clock_of(options);
  return place(neighbour_s(t_s - clock.first_s, i, options.stack, clock.spacing_s), clock.hop_s,
               last);
}

/// The last row that a frame hears.
int64_t last_row(const Options& options, double t_s) {
  const auto at = place_of(options, t_s, options.stack - 1, kNever);
  return at.weight > kOnRow ? at.below + 1 : at.below;
}

/// So many samples must be there before a row is.
int64_t known_at(const Options& options, int64_t row) {
  if (options.is_windowed()) return state_windows(options).known_at(row);
  return row * kHopSamples + kWindowSamples / 2;
}

std::variant<LogMelStream, StateStream> source_of(const Options& options) {
  if (options.is_windowed()) return StateStream(options);
  return LogMelStream();
}

double time_of(int64_t frame, double fps) { return static_cast<double>(frame) / fps; }

}  // namespace

bool can_stream(const Options& options) { return !options.is_encoder() || options.is_windowed(); }

std::optional<double> reach_s(const Options& options, double fps) {
  if (!can_stream(options)) return std::nullopt;
  // Frames at a whole rate fall between rows in the same way every second; others come as near to
  // any place in some minutes as makes no difference.
  const bool in_seconds = static_cast<int64_t>(fps) == fps && !options.is_encoder();
  const auto frames = in_seconds ? static_cast<int64_t>(fps) : 10'000;
  double reach = 0;
  for (int64_t j = 0; j < frames; ++j) {
    const double t = time_of(j, fps);
    const auto end = static_cast<double>(known_at(options, last_row(options, t)));
    reach = std::max(reach, end / audio::kRate - t);
  }
  return reach;
}

FeatureStream::FeatureStream(const Options& options, double fps)
    : options_(options), fps_(fps), source_(source_of(options)), rows_(0, base_dim(options)) {
  if (!can_stream(options)) throw std::logic_error("FeatureStream: an encoder hears whole clips");
}

int64_t FeatureStream::samples() const {
  return std::visit([](const auto& source) { return source.samples(); }, source_);
}

Matrix FeatureStream::push(std::span<const float> samples) {
  take(std::visit([&](auto& source) { return source.push(samples); }, source_));
  return frames(kNever);
}

Matrix FeatureStream::finish() {
  take(std::visit([](auto& source) { return source.finish(); }, source_));
  return frames(static_cast<double>(first_ + rows_.rows - 1));
}

void FeatureStream::take(Matrix&& rows) { append_rows(rows_, rows); }

bool FeatureStream::has_rows(int64_t frame) const {
  return last_row(options_, time_of(frame, fps_)) < first_ + rows_.rows;
}

/// All that can be known; with a last row, all there are.
Matrix FeatureStream::frames(double last_row) {
  const int64_t sure = frame_count(samples(), fps_);
  const auto width = static_cast<size_t>(rows_.cols);
  int64_t end = next_;
  while (end < sure && (last_row != kNever || has_rows(end))) ++end;
  Matrix out(end - next_, dim(options_));
  for (int64_t j = next_; j < end; ++j) {
    for (int64_t i = 0; i < options_.stack; ++i) {
      const auto at = place_of(options_, time_of(j, fps_), i, last_row);
      const auto above = std::min(at.below + 1, first_ + rows_.rows - 1);
      between(row(at.below), row(above), at.weight,
              out.row(j - next_).subspan(static_cast<size_t>(i) * width, width));
    }
  }
  next_ = end;
  // The next frame's first neighbour, and all after it, hear nothing before this row.
  const auto needed = place_of(options_, time_of(next_, fps_), 0, kNever).below;
  // But the last one stays: a clip may end after its last state, which then holds.
  const auto gone = std::clamp<int64_t>(needed - first_, 0, std::max<int64_t>(0, rows_.rows - 1));
  rows_.data.erase(rows_.data.begin(), rows_.data.begin() + gone * rows_.cols);
  rows_.rows -= gone;
  first_ += gone;
  return out;
}

}  // namespace kuchi::features
