#pragma once

#include <optional>
#include <string>
#include <vector>

namespace kuchi::quality {

/// What a finding asks for: `error` spoils what is trained or measured, `warning` should be looked
/// at, `note` is good to know.
enum class Weight { error, warning, note };
std::string to_string(Weight weight);

/// Something wrong or odd in a set, as one sentence with what to do.
struct Finding {
  std::string kind;  // "frozen", "clipped", "dropped", …: see docs/quality.md
  Weight weight = Weight::warning;
  std::string clip;                                // id; "": of the whole set
  std::string text;                                // the sentence
  std::string curve = {};                          // where it is of one
  std::optional<double> begin_s = {}, end_s = {};  // where in the clip, if it is one place
};

/// From where on something is told. Every one stands with its reason in docs/quality.md.
struct Limits {
  double dropped = 0.005;         // share of the rows that should be there
  double longest_gap_s = 0.1;     // one gap alone
  double repeated = 0.05;         // share of moving rows that equal the row before
  double frozen_s = 0.4;          // the whole face still, to the last digit, while somebody speaks
  double curve_frozen_s = 1;      // one curve, away from rest and range ends, while others move
  double clipped = 0.02;          // share of a curve's frames that lie on its bound in a row
  int clipped_rows = 3;           //   of at least so many
  double outside = 0.001;         // share of all values outside the rig's range
  double jitter = 0.01;           // deviation of the noise, as a share of the range
  double jitter_of_moves = 0.05;  //   and as a share of the curve's own deviation
  double silence = 0.6;           // share of the time
  double audio_clipped = 0.001;   // share of the samples at full scale, in runs
  double closures_per_min = 3;    // fewer, in closures_least_s of speech: do the lips ever close?
  double closures_least_s = 10;
  double asymmetry = 0.15;    // difference of a pair's means, as a share of the range
  double outlier = 5;         // deviations (by the median) from the set's clips
  double outlier_least = 2;   //   and at least so far, in the set's own spreads
  int outlier_clips = 8;      // of fewer nothing can be said
  double same_curves = 0.98;  // correlation from which two clips' curves are the same
};

}  // namespace kuchi::quality
