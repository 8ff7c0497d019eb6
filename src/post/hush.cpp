#include "post/hush.h"

#include <algorithm>
#include <cmath>

namespace kuchi::post {
namespace {

constexpr double kHz = 16000;
constexpr int64_t kWindow = 400;  // samples: 25 ms
constexpr double kQuiet = 0.01;   // 40 dB
constexpr double kForget_dB_per_s = 0.2;
constexpr double kWake_s = 0.1;

}  // namespace

Hush::Hush(double fps, double after_s, double ease_s)
    : fps_(fps), after_s_(after_s), ease_s_(ease_s) {}

int64_t Hush::end_of(int64_t frame) const {
  return std::llround(static_cast<double>(frame) * kHz / fps_);
}

double Hush::level(int64_t frame) const {
  const int64_t end = std::min(end_of(frame), heard_);
  const int64_t begin = std::max(std::max<int64_t>(0, end_of(frame) - kWindow), tail_begin_);
  if (end <= begin) return 0;
  double squares = 0;
  for (int64_t i = begin; i < end; ++i) {
    const double x = tail_[static_cast<size_t>(i - tail_begin_)];
    squares += x * x;
  }
  return std::sqrt(squares / static_cast<double>(end - begin));
}

void Hush::hear(std::span<const float> samples) {
  tail_.insert(tail_.end(), samples.begin(), samples.end());
  heard_ += static_cast<int64_t>(samples.size());
  while (end_of(measured_) <= heard_) levels_.push_back(level(measured_++));
  const int64_t keep = std::max<int64_t>(0, end_of(measured_) - kWindow);
  if (keep <= tail_begin_) return;
  const int64_t gone = std::min(keep, heard_) - tail_begin_;
  tail_.erase(tail_.begin(), tail_.begin() + gone);
  tail_begin_ += gone;
}

double Hush::next() {
  if (levels_.empty()) levels_.push_back(level(measured_++));
  follow(levels_.front());
  levels_.pop_front();
  return share_ * share_ * (3 - 2 * share_);
}

void Hush::follow(double level) {
  loudest_ = std::max(level, loudest_ * std::pow(10, -kForget_dB_per_s / 20 / fps_));
  silent_s_ = level <= kQuiet * loudest_ ? silent_s_ + 1 / fps_ : 0;
  const double step = silent_s_ > after_s_ ? -1 / (ease_s_ * fps_) : 0;
  share_ =
      silent_s_ == 0 ? std::min(1.0, share_ + 1 / (kWake_s * fps_)) : std::max(0.0, share_ + step);
}

}  // namespace kuchi::post
