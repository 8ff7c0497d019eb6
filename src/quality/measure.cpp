#include "quality/measure.h"

#include <algorithm>
#include <cmath>

#include "audio/audio.h"
#include "core/text.h"
#include "curves/cadence.h"
#include "eval/lips.h"
#include "eval/silence.h"

namespace kuchi::quality {
namespace {

constexpr double kWindow_s = 1;  // over which jitter is measured, before the quartile
constexpr int kDifferences = 6;
constexpr double kDifferencesGain = 924;  // (12 over 6): of white noise's variance
constexpr double kFullScale = 0.999;      // of samples that were cut
constexpr double kOnBound = 1e-4;         // of the range
constexpr double kHeldNear_s = 0.1;

double time_of(const Capture& c, int64_t row) {
  return c.times_s.empty() ? static_cast<double>(row) / c.fps : c.times_s[static_cast<size_t>(row)];
}

/// Deviation of the white part of a curve, in its unit; see measure.h.
double noise_of(const Capture& capture, int64_t c) {
  std::vector<double> d;
  for (int64_t t = 0; t < capture.values.rows; ++t) d.push_back(capture.values(t, c));
  for (int k = 0; k < kDifferences; ++k) {
    if (d.size() < 2) return 0;
    for (size_t t = 0; t + 1 < d.size(); ++t) d[t] = d[t + 1] - d[t];
    d.pop_back();
  }
  const auto window = static_cast<size_t>(std::max(8.0, kWindow_s * capture.fps));
  std::vector<double> windows;
  for (size_t begin = 0; begin + window <= d.size(); begin += window) {
    double squares = 0;
    for (size_t t = begin; t < begin + window; ++t) squares += d[t] * d[t];
    windows.push_back(std::sqrt(squares / static_cast<double>(window) / kDifferencesGain));
  }
  if (windows.empty()) return 0;
  const auto quarter = windows.begin() + static_cast<int64_t>(windows.size() / 4);
  std::nth_element(windows.begin(), quarter, windows.end());
  return *quarter;
}

bool on_bound(double value, const curves::Curve& curve) {
  const double near = kOnBound * (curve.high - curve.low);
  return value >= curve.high - near || (curve.low < curve.rest && value <= curve.low + near);
}

CurveFacts measure_curve(const Capture& capture, const curves::Curve& curve, int64_t c,
                         const Limits& limits) {
  CurveFacts facts;
  const int64_t rows = capture.values.rows;
  facts.there = rows > 0 && !std::isnan(capture.values(0, c));
  if (!facts.there) return facts;
  double sum = 0, squares = 0;
  facts.least = facts.most = capture.values(0, c);
  int64_t bound_run = 0, clipped = 0, same_from = 0;
  const double span = curve.high - curve.low;
  for (int64_t t = 0; t < rows; ++t) {
    const double value = capture.values(t, c);
    sum += value;
    squares += value * value;
    facts.least = std::min(facts.least, value);
    facts.most = std::max(facts.most, value);
    bound_run = on_bound(value, curve) ? bound_run + 1 : 0;
    if (bound_run == limits.clipped_rows) clipped += bound_run;
    if (bound_run > limits.clipped_rows) ++clipped;
    if (t > 0 && capture.values(t, c) != capture.values(t - 1, c)) same_from = t;
    const bool idle =
        on_bound(value, curve) || std::abs(value - curve.rest) < 1e-3 * span || value <= curve.low;
    const double still_s = time_of(capture, t) - time_of(capture, same_from);
    if (!idle && still_s > facts.frozen_s) {
      facts.frozen_s = still_s;
      facts.frozen_at_s = time_of(capture, same_from);
    }
  }
  const auto n = static_cast<double>(rows);
  facts.mean = sum / n;
  facts.deviation = std::sqrt(std::max(0.0, squares / n - facts.mean * facts.mean));
  facts.clipped = static_cast<double>(clipped) / n;
  facts.jitter = span > 0 ? noise_of(capture, c) / span : 0;
  return facts;
}

bool same_row(const Matrix& values, int64_t t) {
  for (int64_t c = 0; c < values.cols; ++c) {
    const float now = values(t, c), before = values(t - 1, c);
    if (now != before && !(std::isnan(now) && std::isnan(before))) return false;
  }
  return true;
}

/// Rows that repeat the row before: single ones among moving rows, and the longest stretch of
/// them in which somebody speaks.
void find_stillness(const Capture& capture, const std::vector<bool>& silent, Facts& facts) {
  const int64_t rows = capture.values.rows;
  int64_t from = 0, held = 0, moving = 0;
  for (int64_t t = 1; t <= rows; ++t) {
    if (t < rows && same_row(capture.values, t)) continue;
    const double still_s = time_of(capture, t - 1) - time_of(capture, from);
    if (still_s <= kHeldNear_s) {
      held += t - 1 - from;
      moving += t - from;
    }
    int64_t spoken = 0;
    for (int64_t k = from; k < t; ++k) {
      const auto place = static_cast<size_t>(std::max(0.0, time_of(capture, k)) * 30);
      spoken += !silent.empty() && place < silent.size() && !silent[place] ? 1 : 0;
    }
    const double spoken_s = still_s * static_cast<double>(spoken) / static_cast<double>(t - from);
    if (spoken_s > facts.frozen_s) {
      facts.frozen_s = spoken_s;
      facts.frozen_at_s = time_of(capture, from);
    }
    from = t;
  }
  facts.held = moving > 0 ? static_cast<double>(held) / static_cast<double>(moving) : 0;
}

void measure_sound(const std::vector<float>& audio, Facts& facts) {
  int64_t run = 0, cut = 0;
  for (const float x : audio) {
    const double loud = std::abs(x);
    facts.audio_peak = std::max(facts.audio_peak, loud);
    run = loud >= kFullScale ? run + 1 : 0;
    if (run == 2) cut += 2;
    if (run > 2) ++cut;
  }
  if (!audio.empty())
    facts.audio_clipped = static_cast<double>(cut) / static_cast<double>(audio.size());
}

void measure_pairs(const curves::Rig& rig, Facts& facts) {
  for (int64_t c = 0; c < rig.size(); ++c) {
    const auto& curve = rig.curves[static_cast<size_t>(c)];
    const int64_t other = rig.index(curve.mirror);
    if (other <= c) continue;  // each pair once
    const auto &a = facts.curves[static_cast<size_t>(c)],
               &b = facts.curves[static_cast<size_t>(other)];
    if (!a.there || !b.there || !(curve.high > curve.low)) continue;
    const double difference = (a.mean - b.mean) / (curve.high - curve.low);
    if (!facts.asymmetry || std::abs(difference) > std::abs(*facts.asymmetry)) {
      facts.asymmetry = difference;
      facts.asymmetric = curve.name;
    }
  }
}

std::vector<float> mouth_of(const Capture& capture, const curves::Rig& rig, const Facts& facts) {
  bool whole = !rig.aperture.names().empty();
  for (const auto& name : rig.aperture.names()) {
    whole = whole && facts.curves[static_cast<size_t>(rig.index(name))].there;
  }
  if (whole) return curves::aperture(rig, capture.values.data, capture.values.rows);
  size_t best = 0;
  double most = -1;
  for (size_t c = 0; c < facts.curves.size(); ++c) {
    const auto& curve = rig.curves[c];
    const double moves =
        facts.curves[c].there ? facts.curves[c].deviation / (curve.high - curve.low) : 0;
    if (moves > most) {
      most = moves;
      best = c;
    }
  }
  std::vector<float> out;
  for (int64_t t = 0; t < capture.values.rows; ++t) {
    out.push_back(capture.values(t, static_cast<int64_t>(best)));
  }
  return out;
}

/// Least and most of equal stretches, as shares of the whole span.
std::vector<std::pair<float, float>> line_of(std::span<const float> values) {
  std::vector<std::pair<float, float>> line;
  if (values.empty()) return line;
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  const float low = *least, span = std::max(*most - *least, 1e-9F);
  const size_t points = std::min(kPicturePoints, values.size());
  for (size_t i = 0; i < points; ++i) {
    const size_t from = i * values.size() / points;
    const size_t to = std::max(from + 1, (i + 1) * values.size() / points);
    const auto [a, b] = std::minmax_element(values.begin() + static_cast<int64_t>(from),
                                            values.begin() + static_cast<int64_t>(to));
    line.emplace_back((*a - low) / span, (*b - low) / span);
  }
  return line;
}

void count_closures(const Capture& capture, const curves::Rig& rig, std::span<const float> mouth,
                    const std::vector<bool>& silent, Facts& facts) {
  for (const auto& name : rig.aperture.names()) {
    if (!facts.curves[static_cast<size_t>(rig.index(name))].there) return;
  }
  if (rig.aperture.names().empty() || silent.empty() || mouth.empty()) return;
  const double bar = rig.closed_below.value_or(eval::closed_threshold(mouth));
  for (const double middle : eval::closures(mouth, bar)) {
    const double at_s =
        time_of(capture, std::min<int64_t>(std::llround(middle), capture.values.rows - 1));
    const auto place = static_cast<size_t>(std::max(0.0, at_s) * 30);
    facts.closures += place < silent.size() && !silent[place] ? 1 : 0;
  }
  if (facts.speech_s > 0) {
    facts.closures_per_min = 60 * static_cast<double>(facts.closures) / facts.speech_s;
  }
}

}  // namespace

Facts measure(const Capture& capture, const curves::Rig& rig, const Limits& limits) {
  Facts facts;
  facts.id = capture.id;
  facts.rows = capture.values.rows;
  facts.fps = capture.fps;
  facts.repeated = capture.repeated;
  const double audio_s = static_cast<double>(capture.audio.size()) / audio::kRate;
  facts.seconds = facts.rows > 0 ? time_of(capture, facts.rows - 1) + 1 / capture.fps : audio_s;
  if (capture.own_times && !capture.times_s.empty()) {
    const auto cadence = curves::cadence(capture.times_s);
    facts.missing = cadence.missing;
    facts.gaps = cadence.gaps;
    facts.longest_gap_s = cadence.longest_gap_s;
  }
  // Silence in thirtieths of a second, whatever the curves' rate: 30 is what `place` above counts
  // in.
  const auto silent =
      eval::silent_frames(capture.audio, audio::kRate, 30, static_cast<int64_t>(audio_s * 30));
  const auto quiet = std::count(silent.begin(), silent.end(), true);
  measure_sound(capture.audio, facts);
  const bool dead = facts.audio_peak < 1e-4;
  facts.silence = silent.empty() ? 0
                  : dead         ? 1
                                 : static_cast<double>(quiet) / static_cast<double>(silent.size());
  facts.speech_s = dead ? 0 : static_cast<double>(static_cast<int64_t>(silent.size()) - quiet) / 30;

  int64_t outside = 0, values = 0;
  for (int64_t c = 0; c < rig.size(); ++c) {
    const auto& curve = rig.curves[static_cast<size_t>(c)];
    facts.curves.push_back(measure_curve(capture, curve, c, limits));
    const auto& own = facts.curves.back();
    if (!own.there) continue;
    facts.jitter = std::max(facts.jitter, own.jitter);
    facts.clipped = std::max(facts.clipped, own.clipped);
    values += facts.rows;
    for (int64_t t = 0; t < facts.rows; ++t) {
      const double value = capture.values(t, c);
      outside += value < curve.low - 1e-3 || value > curve.high + 1e-3 ? 1 : 0;
    }
  }
  facts.outside = values > 0 ? static_cast<double>(outside) / static_cast<double>(values) : 0;
  find_stillness(capture, dead ? std::vector<bool>{} : silent, facts);
  measure_pairs(rig, facts);
  const auto mouth = mouth_of(capture, rig, facts);
  count_closures(capture, rig, mouth, dead ? std::vector<bool>{} : silent, facts);
  facts.mouth_line = line_of(mouth);
  const auto levels =
      eval::frame_levels(capture.audio, audio::kRate, 30, static_cast<int64_t>(audio_s * 30));
  const std::vector<float> heard(levels.begin(), levels.end());
  facts.sound_line = line_of(heard);
  return facts;
}

}  // namespace kuchi::quality
