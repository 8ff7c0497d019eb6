// src/eval/clip.h
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/matrix.h"

namespace kuchi::eval {

/// A clip's target and what a system made of it, over valid frames only.
struct ClipResult {
  std::string id;
  double fps = 0;     // of the target; differences use it
  Matrix target;      // [frames, curves], in curve units
  Matrix prediction;  // [frames, curves]
  /// Which curves the clip has, [curves]; empty: all. Of the others the target is NaN, and nothing
  /// is measured.
  std::vector<bool> captured = {};

  bool has(int64_t curve) const { return captured.empty() || captured[static_cast<size_t>(curve)]; }

  // What only some metrics need; they are undefined over clips without it.
  std::vector<float> target_aperture;      // [frames], from curves::aperture
  std::vector<float> prediction_aperture;  // [frames]
  std::vector<float> audio;                // [samples], mono
  int audio_hz = 16000;
};

/// What the metrics need to know of a curve.
struct CurveInfo {
  std::string name;
  double range = 1;  // high - low, in curve units
  double rest = 0;   // value of the mouth at rest
};

/// Statistics of the training targets, [curves] each, the variance divided by the count.
struct Reference {
  std::vector<double> mean, variance;
  std::vector<int64_t> frames = {};  // that mean and variance are over; may be empty
};

/// Adds up training targets, each [frames, curves].
class ReferenceBuilder {
 public:
  /// `captured` as in ClipResult: curves that the clip lacks are passed over.
  void add(const Matrix& target, const std::vector<bool>& captured = {});
  Reference finish() const;

 private:
  std::vector<double> mean_, squares_;
  std::vector<int64_t> frames_;
};

}  // namespace kuchi::eval
