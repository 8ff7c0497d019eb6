#include "data/make_clip.h"

#include <algorithm>
#include <cmath>

#include "audio/audio.h"
#include "core/log.h"
#include "core/text.h"
#include "curves/cadence.h"
#include "data/place.h"
#include "features/at_times.h"
#include "features/log_mel.h"

namespace kuchi::data {
namespace {

constexpr double kInside = 1e-3;       // rounding of a file's decimals is no mistake
constexpr double kMostOutside = 0.05;  // share of values; more is another unit or rig

double seconds_of(const curves::Track& track, double fps) {
  const double own = track.fps > 0 && std::isfinite(track.fps) ? track.fps : fps;
  return track.times_s.back() - track.times_s.front() + 1 / own;
}

// Frames that both have.
int64_t common_frames(const FoundClip& found, int64_t samples, const curves::Track& track,
                      double fps) {
  const double audio_s = static_cast<double>(samples) / audio::kRate;
  const double curves_s = seconds_of(track, fps);
  const double tolerance = duration_tolerance(audio_s, fps);
  if (std::abs(curves_s - audio_s) > tolerance) {
    fail_data(found.curves, cat("the curves last ", number(curves_s, 4), " s, their audio (",
                                found.audio.filename().string(), ") ", number(audio_s, 4),
                                " s; they may differ by ", number(tolerance, 2),
                                " s: pair the right files, or mend fps in the recipe"));
  }
  const double end_s = track.times_s.front() + curves_s;
  const auto of_curves = static_cast<int64_t>(std::floor(end_s * fps + 1e-6));
  const int64_t frames = std::min(of_curves, features::frame_count(samples, fps));
  if (frames < 1) {
    fail_data(found.audio, cat("lasts ", number(audio_s, 3), " s, less than one frame at ",
                               number(fps, 4), " fps; leave it out"));
  }
  return frames;
}

Capture capture_of(const curves::Track& track, double audio_s) {
  const auto cadence = curves::cadence(track.times_s);
  Capture out{track.values.rows, track.fps, track.repeated, cadence.missing};
  const double from_rows_s = track.times_s.back() - track.times_s.front() +
                             cadence.step_s * static_cast<double>(1 - cadence.missing);
  out.coverage = audio_s > 0 ? std::clamp(from_rows_s / audio_s, 0.0, 1.0) : 0;
  return out;
}

/// Cuts off the audio from before the first row, where that is a frame and more, and lets the times
/// begin with what is left.
void begin_with_curves(std::vector<float>& audio, curves::Track& track, double fps) {
  const double first_s = track.times_s.front();
  if (first_s < 1 / fps) return;
  const auto samples = std::min(static_cast<int64_t>(std::llround(first_s * audio::kRate)),
                                static_cast<int64_t>(audio.size()));
  audio.erase(audio.begin(), audio.begin() + samples);
  for (double& time : track.times_s) time -= static_cast<double>(samples) / audio::kRate;
}

/// Moves the curves to where clocks put them against the sound, and cuts off what only one has at
/// the beginning. What the clocks said.
Clocks place(const FoundClip& found, std::vector<float>& audio, curves::Track& track, double fps) {
  const double audio_s = static_cast<double>(audio.size()) / audio::kRate;
  auto clocks = begins_after_sound(found.audio, audio_s, track);
  if (!clocks.after_s) return clocks;
  for (double& time : track.times_s) time += *clocks.after_s;
  // One row from before the sound stays, for the frames up to the next.
  auto& times = track.times_s;
  const auto heard = std::upper_bound(times.begin(), times.end(), 0.0) - times.begin();
  const int64_t early = std::max<int64_t>(0, heard - 1);
  times.erase(times.begin(), times.begin() + early);
  track.values.data.erase(track.values.data.begin(),
                          track.values.data.begin() + early * track.values.cols);
  track.values.rows -= early;
  begin_with_curves(audio, track, fps);
  const auto last = static_cast<size_t>((times.back() + 1 / fps) * audio::kRate);
  if (audio.size() > last) audio.resize(last);
  const double end_s = static_cast<double>(audio.size()) / audio::kRate;
  const auto within = std::lower_bound(times.begin(), times.end(), end_s) - times.begin();
  track.values.rows = std::max<int64_t>(1, within);
  times.resize(static_cast<size_t>(track.values.rows));
  track.values.data.resize(static_cast<size_t>(track.values.rows * track.values.cols));
  return clocks;
}

curves::Track read_on_rig(const FoundClip& found, const MakeOptions& options) {
  auto track =
      curves::on_rig(curves::read_track(found.curves, options.read), options.rig, found.curves);
  if (track.times_s.empty()) fail_data(found.curves, "has no rows; leave the clip out");
  return track;
}

// Counts values outside the rig's range; refuses a clip with too many.
int64_t count_outside(const Matrix& values, const curves::Rig& rig,
                      const std::filesystem::path& file) {
  int64_t outside = 0;
  double worst = 0, worst_value = 0;
  const curves::Curve* worst_curve = nullptr;
  for (int64_t r = 0; r < values.rows; ++r) {
    for (int64_t c = 0; c < values.cols; ++c) {
      const auto& curve = rig.curves[static_cast<size_t>(c)];
      const double value = values(r, c);
      if (!std::isfinite(value)) {
        fail_data(file, cat("row ", r + 1, ": ", curve.name, " is ", number(value),
                            "; mend the file or leave the clip out"));
      }
      const double beyond = std::max(curve.low - value, value - curve.high);
      if (beyond > kInside) ++outside;
      if (beyond > std::max(worst, kInside)) {
        worst = beyond;
        worst_value = value;
        worst_curve = &curve;
      }
    }
  }
  const double share = static_cast<double>(outside) / static_cast<double>(values.data.size());
  if (share > kMostOutside) {
    fail_data(file, cat(number(100 * share, 3), " % of the values are outside the ranges of rig ",
                        rig.name, " (", worst_curve->name, " is ", number(worst_value, 4), " in [",
                        number(worst_curve->low), ", ", number(worst_curve->high),
                        "]); is this the right rig and unit?"));
  }
  return outside;
}

void clamp(Matrix& values, const curves::Rig& rig) {
  for (int64_t r = 0; r < values.rows; ++r) {
    for (int64_t c = 0; c < values.cols; ++c) {
      const auto& curve = rig.curves[static_cast<size_t>(c)];
      values(r, c) =
          std::clamp(values(r, c), static_cast<float>(curve.low), static_cast<float>(curve.high));
    }
  }
}

}  // namespace

double duration_tolerance(double audio_s, double fps) {
  return std::max({0.02 * audio_s, std::min(0.5, 0.05 * audio_s), 2 / fps});
}

double nominal_fps(double measured) {
  if (measured < 5) return measured;
  for (const double whole : {24.0, 30.0, 48.0, 60.0, 120.0}) {
    const double film = whole * 1000 / 1001;
    if (std::abs(measured / film - 1) < 2e-4) return film;
  }
  return std::round(measured);
}

MadeClip make_clip(const FoundClip& found, const MakeOptions& options,
                   const sync::Correction* correction) {
  MadeClip made;
  made.clip.id = found.id;
  made.clip.labels = found.labels;
  made.audio = audio::read(found.audio);
  curves::Track track = read_on_rig(found, options);
  made.capture = capture_of(track, static_cast<double>(made.audio.size()) / audio::kRate);
  const auto clocks = place(found, made.audio, track, options.fps);
  if (!clocks.trouble.empty()) warn(clocks.trouble);
  made.capture.placed_s = clocks.after_s;
  if (correction != nullptr && !correction->none()) {
    sync::apply(*correction, track);
    begin_with_curves(made.audio, track, options.fps);
  }
  const auto samples = static_cast<int64_t>(made.audio.size());
  const int64_t frames = common_frames(found, samples, track, options.fps);
  made.clamped = count_outside(track.values, options.rig, found.curves);
  made.curves = curves::resample(track, options.fps, frames);
  clamp(made.curves, options.rig);  // a steep curve may also ring a little when it is resampled
  const bool hears_mel = !options.features.is_encoder();
  const Matrix mel = hears_mel || correction == nullptr ? features::log_mel(made.audio) : Matrix();
  made.features = hears_mel ? features::frames_at(options.features, mel,
                                                  features::frame_times(options.fps, frames))
                            : features::compute(options.features, made.audio, options.fps, frames);
  if (correction == nullptr) made.sync = sync::estimate(mel, track, options.rig);
  return made;
}

std::optional<sync::Estimate> listen(const FoundClip& found, const MakeOptions& options) {
  auto audio = audio::read(found.audio);
  auto track = read_on_rig(found, options);
  place(found, audio, track, options.fps);
  return sync::estimate(features::log_mel(audio), track, options.rig);
}

}  // namespace kuchi::data
