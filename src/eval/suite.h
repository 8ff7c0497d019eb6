// src/eval/suite.h
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kuchi::eval {

/// One number with its 95 % interval; nothing where undefined.
struct Estimate {
  std::optional<double> value, low, high;
};

/// Estimates by metric name, in the order they were added.
class Scores {
 public:
  void set(std::string_view name, const Estimate& estimate);  // adds or replaces
  /// Null pointer where there is no such metric.
  const Estimate* find(std::string_view name) const;
  /// The value, or nothing where the metric is absent or undefined.
  std::optional<double> value(std::string_view name) const;
  const std::vector<std::pair<std::string, Estimate>>& items() const { return items_; }

 private:
  std::vector<std::pair<std::string, Estimate>> items_;
};

/// What the bootstrap draws, with the squared error of each: two systems' suites over the same
/// clips can be compared in pairs from their metrics files alone.
struct Units {
  std::string kind;                   // "clip", or "block" under 20 clips
  std::vector<std::string> clip;      // [units] the clip each belongs to
  std::vector<double> squared_error;  // [units] sum over frames and curves of (p - y)^2
  std::vector<int64_t> count;         // [units] frames x curves that the clip has
};

/// Everything measured in one evaluation: the metrics file of the command line's contract.
struct Suite {
  std::string model, store, split;  // for the caller to fill in
  int64_t clips = 0, frames = 0, curves = 0;
  double fps = 0;             // 0 where clips differ
  std::string baseline;       // what r2 and nmse measure against: "training" or "target"
  std::string evidence;       // a note that must be shown with the numbers; may be empty
  std::string vertices = {};  // the mesh behind lve, mve and fdd; empty: none
  Scores metrics;
  std::vector<std::pair<std::string, Scores>> per_curve;  // in the rig's order
  std::vector<std::pair<std::string, Scores>> per_clip;   // in the order added, values only
  /// Curves that not every clip has, and how many have them; in the rig's order.
  std::vector<std::pair<std::string, int64_t>> clips_of_curve = {};
  Units units;
};

/// The metrics file, keys in a fixed order; what is undefined, infinite or NaN is null.
nlohmann::ordered_json to_json(const Suite& suite);

/// {"mse": {"value": …, "low": …, "high": …}, …}, as the metrics file has them.
nlohmann::ordered_json to_json(const Scores& scores);

/// Reads a metrics file back; unknown keys are ignored, absent ones left empty.
/// UserError (data) naming `file` where a key has another type.
Suite suite_from_json(const nlohmann::ordered_json& json, const std::string& file);

}  // namespace kuchi::eval
