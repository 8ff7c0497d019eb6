// src/eval/phones.h
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "curves/rig.h"
#include "data/text_grid.h"
#include "eval/clip.h"
#include "eval/evaluate.h"
#include "eval/phone_class.h"

namespace kuchi::eval {

/// A phone, or a class of phones.
struct PhoneScore {
  std::string name;
  PhoneClass kind = PhoneClass::other;
  int64_t occurrences = 0, frames = 0;
  Estimate mse;                    // over its frames and the clips' curves
  double error_share = 0;          // of all squared error in labelled frames, 0 … 1
  std::optional<double> lips;      // mean |difference| of the aperture
  int64_t shown = 0;               // occurrences in which the target does what the class asks
  int64_t answered = 0;            // of these, those in which the prediction does it too
  std::optional<int64_t> trained;  // occurrences in what was trained on
  std::optional<double> saving;    // see PhoneReport
};

struct PhoneReport {
  std::vector<PhoneScore> classes;  // those that occur, in phone_classes()'s order
  /// By saving, else by share of the error, largest first. saving is an order of priority, not a
  /// promise: the share of all squared error that kMore more training examples of the phone would
  /// take away if its error fell with the square root of their number,
  ///   error_share · (1 - sqrt(trained / (trained + kMore))).
  std::vector<PhoneScore> phones;
  static constexpr int64_t kMore = 100;
  int64_t clips = 0, frames = 0;  // with labels
  int64_t unlabelled_clips = 0;   // judged, but nobody knows their phones
  std::string evidence;           // a note that belongs to the intervals; may be empty
};

/// Judges phone by phone. What a class asks, looked for from 40 ms before the phone to 40 ms after
/// it (lips come early and go late):
///   bilabial     lips closed: aperture under the closure metrics' threshold
///   labiodental  lower lip to the teeth: ARKit's mouthRollLower
///   rounded      mouthFunnel + mouthPucker
///   spread       mean of mouthSmile and mouthStretch, both sides, twice
///   open         the aperture
/// All but the first: the target shows it where its peak is at least 0.1, and the prediction
/// answers where its own is at least half of that. Rigs reach ARKit's curves by their to_arkit;
/// where a rig has none of a class's, nothing is asked.
class PhoneJudge {
 public:
  PhoneJudge(const curves::Rig& rig, const Options& options);
  /// A clip whose first frame is at begin_s of the labels' time; no labels: counted as such.
  void add(const ClipResult& clip, double begin_s, std::span<const data::Interval> phones);
  /// Occurrences of a label in what was trained on; called once a label, or never for all.
  void trained(const std::string& label, int64_t occurrences);
  PhoneReport finish() const;

 private:
  using Unit = std::pair<int64_t, int64_t>;  // clip, block in it
  struct Sums {
    int64_t occurrences = 0, frames = 0, shown = 0, answered = 0;
    double squared = 0, values = 0, lips = 0, lip_frames = 0;
    std::map<Unit, std::pair<double, double>> by_unit;  // squared error, values
    void add(const Sums& other);
  };
  void ask(const ClipResult& clip, const Matrix& p, const Matrix& y, int64_t begin, int64_t end,
           PhoneClass kind, double closed, Sums& sums) const;
  PhoneScore score(const std::string& name, PhoneClass kind, const Sums& sums, double all) const;

  curves::Rig rig_;
  Options options_;
  bool asks_bite_ = false, asks_round_ = false, asks_spread_ = false;
  std::map<std::string, Sums> by_phone_;
  std::map<std::string, int64_t> trained_;
  int64_t clips_ = 0, unlabelled_ = 0;
};

nlohmann::ordered_json to_json(const PhoneReport& report);

}  // namespace kuchi::eval
