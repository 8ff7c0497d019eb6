#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eval/suite.h"

namespace kuchi::report {

using StudyJson = nlohmann::ordered_json;

/// Configuration keys with the values that a setting gives them, in its order.
using Choices = std::vector<std::pair<std::string, StudyJson>>;

struct StudyFactor {
  std::string key;
  std::vector<StudyJson> values;  // those listed, then those that settings have besides
};

/// One training: a setting, a seed and a fold.
struct StudyTrial {
  std::string id;
  size_t setting = 0;
  Choices overrides;
  int64_t seed = 0;
  std::string fold;  // "": no cross-validation
  int64_t rung = 0;
  std::string status, reason;
  std::string run;  // its folder within the study's; "" unless it is trials/NAME
  eval::Scores metrics;
};

/// One choice of all factors, judged over its seeds, folds and clips.
struct StudySetting {
  std::string name;
  Choices overrides;
  int64_t rung = 0, trials = 0, done = 0, failed = 0;
  eval::Scores metrics;
};

struct StudyComparison {
  std::string a, b, metric;
  std::optional<double> ratio, low, high, p, p_corrected, smallest_p;
  int64_t seeds = 0, units = 0;
  std::string unit, verdict;
  std::optional<double> need_units, need_seeds;
  std::string says;
};

struct StudyPoint {
  double x = 0;
  eval::Estimate y;
};

struct StudyLine {
  std::string name;
  std::vector<StudyPoint> points;
};

struct StudyCrossing {
  std::string a, b;
  std::optional<double> x, low, high;
  std::optional<double> share;  // of the resamples in which they cross, where that was said
  std::string beyond;           // which of the two is better beyond it, where that was said
};

/// A study's summary.json, checked: what all its tables and pictures are drawn from.
struct StudySummary {
  std::string name, about, base, search, metric, evidence;
  bool lower_is_better = true;
  std::vector<StudyFactor> factors;
  std::vector<std::string> folds;
  std::vector<int64_t> seeds;
  std::optional<size_t> baseline, best;  // settings
  std::vector<StudyTrial> trials;
  std::vector<StudySetting> settings;
  std::vector<StudyComparison> comparisons;
  std::string curve_factor;  // what the learning curves go along; "": there are none
  std::vector<StudyLine> lines;
  std::vector<StudyCrossing> crossings;
};

/// Unknown keys are passed over, missing ones are empty. UserError (data) with the place within
/// the file where a value is of another kind than it must be, or an index leads nowhere.
StudySummary read_study(const StudyJson& json);

/// The value that a setting or trial gives a key; null where it gives none.
const StudyJson* choice(const Choices& choices, const std::string& key);

/// For people: text as it is, anything else as JSON.
std::string value_text(const StudyJson& value);

/// A number for axes, where the value is one.
std::optional<double> value_number(const StudyJson& value);

/// The question that sets this setting against the baseline in the study's metric: its a is the
/// setting's name and its b the baseline's, in the baseline's rung. Null where none does.
const StudyComparison* against_baseline(const StudySummary& study, size_t setting);

/// The setting's metric over the baseline's: the question's ratio with its interval, else the
/// plain ratio of two positive values without one. Nothing for another rung than the baseline's,
/// which was trained for longer or less long.
eval::Estimate ratio_to_baseline(const StudySummary& study, size_t setting);

/// The setting's value of the study's metric, where it is defined.
eval::Estimate study_metric(const StudySummary& study, const eval::Scores& scores);

/// The order of the tables: as the study has them, but best first (furthest rung, then metric)
/// where the order was drawn by lot (search random or halving).
std::vector<size_t> settings_order(const StudySummary& study);

}  // namespace kuchi::report
