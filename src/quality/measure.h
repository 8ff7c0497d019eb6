#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/matrix.h"
#include "curves/rig.h"
#include "quality/finding.h"

namespace kuchi::quality {

/// A clip to be judged: curves as they were captured, with their own times, and the sound.
struct Capture {
  std::string id;
  std::vector<double> times_s;  // [rows], rising strictly; empty: row j is at j / fps
  Matrix values;                // [rows, rig.size()]; a column of NaN: the clip lacks the curve
  double fps = 0;               // measured, or the rate of the rows
  int64_t repeated = 0;         // rows that the reader left out because their time stood twice
  std::vector<float> audio;     // 16 kHz mono
  bool own_times = true;        // false: what was dropped can no longer be seen (a store, an array)
};

/// What is known of one curve of a clip.
struct CurveFacts {
  bool there = false;
  double mean = 0, deviation = 0, least = 0, most = 0;
  double jitter = 0;    // deviation of the frame-to-frame noise, as a share of the range
  double clipped = 0;   // share of the rows on a bound, in runs
  double frozen_s = 0;  // longest stretch without the least change, not at rest nor on a bound
  double frozen_at_s = 0;
};

/// Everything that is measured of a clip. Shares are from 0 to 1.
struct Facts {
  std::string id;
  std::vector<std::string> splits;  // "train", …: in which it has frames
  double seconds = 0, fps = 0;
  int64_t rows = 0;
  int64_t missing = 0, gaps = 0;  // rows that should be there, and in how many places
  double longest_gap_s = 0;
  int64_t repeated = 0;  // times that stood twice
  double held = 0;       // share of the moving rows that equal the row before
  double frozen_s = 0;   // longest stretch in which no curve changes while somebody speaks
  double frozen_at_s = 0;
  double outside = 0;  // share of the values outside the range
  double jitter = 0;   // of the curve that has most
  double clipped = 0;  // likewise
  double silence = 0;
  double audio_peak = 0, audio_clipped = 0;
  std::optional<double> closures_per_min;  // of speech; nothing without an aperture or sound
  int64_t closures = 0;
  double speech_s = 0;
  std::optional<double> asymmetry;  // of the pair that has most; signed, left or first minus right
  std::string asymmetric;           // its first curve
  double odd = 0;  // how far it is from the set's clips, see outliers.h; 0: not judged
  std::vector<CurveFacts> curves;  // [rig.size()]
  // For pictures: the aperture (or the curve that moves most) and the level of the sound, each the
  // least and most of equal stretches; 0 to 1.
  std::vector<std::pair<float, float>> mouth_line, sound_line;
};

inline constexpr size_t kPicturePoints = 160;

/// Measures a clip. Nothing here depends on other clips.
///   jitter   The sixth difference of the rows holds (12 over 6) = 924 times the variance of white
///            noise, and little of movement, which is slow beside the rate: of 3 Hz at 30 rows a
///            second 1/300. Its root mean square in windows of a second, the lower quartile of
///            them, so that quick closures do not count.
///   held     rows that are equal in all curves to the row before, within 0.1 s of a row that
///   moves:
///            what a capture of a lower rate in a file of a higher one is full of.
Facts measure(const Capture& capture, const curves::Rig& rig, const Limits& limits = {});

}  // namespace kuchi::quality
