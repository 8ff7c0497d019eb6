// Real and embedded clips, cut, moved and stretched, for the tests of sync.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "audio/audio.h"
#include "audio/test_files.h"
#include "core/append_rows.h"
#include "core/random.h"
#include "curves/track.h"
#include "features/log_mel.h"
#include "sync/estimate.h"
#include "synth/synth.h"

namespace kuchi::sync_test {

/// Sound at 16 kHz and curves on a rig.
struct Take {
  std::string id;
  std::vector<float> audio;
  curves::Track track;
};

inline curves::Rig rig_of(const std::string& name) {
  return curves::load_rig(std::string(KUCHI_SOURCE_DIR) + "/configs/rigs/" + name + ".yaml");
}

/// The five clips of FACEGOOD; none where the shared data is not there.
inline std::vector<Take> facegood() {
  std::vector<Take> takes;
  const auto data = test_files::shared("facegood");
  if (data.empty()) return takes;
  const auto rig = rig_of("facegood");
  for (const char* id : {"2_01", "2_02", "2_03", "2_04", "3_15"}) {
    const auto file = data / "curves" / (std::string("bs_value_1114_") + id + ".npy");
    curves::ReadOptions read{"npy", data / "curve_names.txt", 30};
    takes.push_back({id, audio::read(data / "wav" / (std::string("1114_") + id + ".wav")),
                     curves::on_rig(curves::read_track(file, read), rig, file)});
  }
  return takes;
}

inline curves::Track track_of(Matrix values, double fps) {
  curves::Track track;
  for (int64_t j = 0; j < values.rows; ++j) track.times_s.push_back(static_cast<double>(j) / fps);
  track.fps = fps;
  track.values = std::move(values);
  return track;
}

inline Take synthetic(const synth::Options& options, int64_t index) {
  auto clip = synth::make_clip(options, index);
  return {clip.id, std::move(clip.audio), track_of(std::move(clip.curves), synth::kFps)};
}

/// A voice whose loudness follows lips that open and close a few times a second; the curves claim
/// 30 rows/s, whatever their rate is.
inline Take babble(double seconds, double late_s, uint64_t seed = 5, double rows_per_s = 30) {
  Stream draw(seed, "test.babble");
  const auto n = static_cast<int64_t>(seconds * 100);
  std::vector<double> open(static_cast<size_t>(n), 0.0);
  for (double t = 0.2; t < seconds; t += draw.uniform(0.15, 0.4)) {
    const double width = draw.uniform(0.03, 0.06), height = draw.uniform(0.3, 1);
    for (int64_t i = 0; i < n; ++i) {
      const double x = (static_cast<double>(i) / 100 - t) / width;
      if (std::abs(x) < 5) open[static_cast<size_t>(i)] += height * std::exp(-x * x / 2);
    }
  }
  const auto at = [&](double t) {
    const double place = std::clamp(t * 100, 0.0, static_cast<double>(n - 2));
    const auto i = static_cast<size_t>(place);
    return open[i] + (place - static_cast<double>(i)) * (open[i + 1] - open[i]);
  };
  Take take{"babble", {}, {}};
  for (int64_t i = 0; i < static_cast<int64_t>(seconds * audio::kRate); ++i) {
    const double t = static_cast<double>(i) / audio::kRate;
    take.audio.push_back(static_cast<float>((0.002 + 0.3 * at(t - late_s)) * draw.uniform(-1, 1)));
  }
  Matrix values(static_cast<int64_t>(seconds * rows_per_s), 1);
  for (int64_t j = 0; j < values.rows; ++j)
    values(j, 0) = static_cast<float>(at(static_cast<double>(j) / rows_per_s));
  take.track = track_of(std::move(values), 30);
  return take;
}

inline curves::Rig one_curve() {
  return curves::parse_rig("name: one\ncurves: [{name: open, range: [0, 4]}]\naperture: open\n",
                           "one");
}
/// Seconds begin … begin + length of a take; the sound is taken `late_s` earlier, which makes it
/// late by that. The curves of a whole frame on.
inline Take cut(const Take& take, double begin_s, double length_s, double late_s = 0) {
  const auto first = static_cast<int64_t>(std::llround(begin_s * take.track.fps));
  const auto rows = static_cast<int64_t>(std::llround(length_s * take.track.fps));
  Take out{take.id, {}, {}};
  Matrix values(rows, take.track.values.cols);
  for (int64_t j = 0; j < rows; ++j) {
    const auto from = take.track.values.row(std::min(first + j, take.track.values.rows - 1));
    std::copy(from.begin(), from.end(), values.row(j).begin());
  }
  out.track = track_of(std::move(values), take.track.fps);
  const double from_s = static_cast<double>(first) / take.track.fps - late_s;
  const auto start = static_cast<int64_t>(std::llround(from_s * audio::kRate));
  const auto count = static_cast<int64_t>(std::llround(length_s * audio::kRate));
  for (int64_t i = 0; i < count; ++i) {
    const int64_t at = start + i;
    const bool inside = at >= 0 && at < static_cast<int64_t>(take.audio.size());
    out.audio.push_back(inside ? take.audio[static_cast<size_t>(at)] : 0.0F);
  }
  return out;
}

/// Takes one after another, for at least `length_s` (from the first again where they are too
/// short).
inline Take joined(const std::vector<Take>& takes, double length_s) {
  Take out{"joined", {}, {}};
  Matrix values(0, takes[0].track.values.cols);
  const double fps = takes[0].track.fps;
  for (size_t i = 0; static_cast<double>(values.rows) < length_s * fps; ++i) {
    const Take& take = takes[i % takes.size()];
    append_rows(values, take.track.values);
    auto samples = take.audio;
    samples.resize(static_cast<size_t>(std::llround(static_cast<double>(take.track.values.rows) /
                                                    fps * audio::kRate)),
                   0.0F);
    // Rounded ends add up: what counts is where the curves are.
    const auto wanted =
        static_cast<size_t>(std::llround(static_cast<double>(values.rows) / fps * audio::kRate));
    out.audio.insert(out.audio.end(), samples.begin(), samples.end());
    out.audio.resize(wanted, 0.0F);
  }
  out.track = track_of(std::move(values), fps);
  return out;
}

/// The curves' clock runs wrong: times shorter by ppm, as of 59.904 rows/s that claim 60 (1600).
inline Take drifting(Take take, double ppm) {
  for (double& time : take.track.times_s) time *= 1 - ppm * 1e-6;
  take.track.fps /= 1 - ppm * 1e-6;
  return take;
}

inline std::optional<sync::Estimate> estimate(const Take& take, const curves::Rig& rig) {
  return sync::estimate(features::log_mel(take.audio), take.track, rig);
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  return (values[(n - 1) / 2] + values[n / 2]) / 2;
}

}  // namespace kuchi::sync_test
