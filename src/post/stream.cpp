#include "post/stream.h"

#include <algorithm>
#include <cassert>

#include "core/error.h"
#include "post/savgol.h"

namespace kuchi::post {

Stream::Stream(const Options& options, const curves::Rig& rig, double fps)
    : options_(options), rig_(rig) {
  if (!options.causal()) {
    fail_config(
        {"post.smooth"},
        "savgol needs the frames that follow and is not for live use; take one_euro, or none");
  }
  if (options.smooth == Smooth::one_euro) {
    one_euro_.emplace(fps, options.min_cutoff_hz, options.beta, options.derivative_cutoff_hz);
  }
  if (options.snap_below > 0) snap_.emplace(rig, options.snap_below, options.snap_above);
  if (options.hears()) hush_.emplace(fps, options.rest_after_s, options.rest_ease_s);
}

void Stream::hear(std::span<const float> samples) {
  if (hush_) hush_->hear(samples);
}

void Stream::filter(Matrix& frames) {
  assert(frames.cols == rig_.size());
  for (int64_t t = 0; t < frames.rows; ++t) filter(frames.row(t));
}

void Stream::filter(std::span<float> frame) {
  if (one_euro_) one_euro_->filter(frame);
  if (snap_) snap_->filter(frame);
  if (hush_) {
    const double share = hush_->next();
    for (size_t c = 0; c < frame.size(); ++c) {
      const double rest = rig_.curves[c].rest;
      if (share < 1) frame[c] = static_cast<float>(rest + share * (frame[c] - rest));
    }
  }
  if (!options_.clamp) return;
  for (size_t c = 0; c < frame.size(); ++c) {
    frame[c] = std::clamp(frame[c], static_cast<float>(rig_.curves[c].low),
                          static_cast<float>(rig_.curves[c].high));
  }
}

Matrix apply_to_recording(const Options& options, const curves::Rig& rig, double fps,
                          const Matrix& values,
                          const std::function<bool(std::vector<float>&)>& next_piece) {
  Matrix out = options.smooth == Smooth::savgol
                   ? savgol(values, options.savgol_frames, options.savgol_order)
                   : values;
  Options rest = options;
  if (options.smooth == Smooth::savgol) rest.smooth = Smooth::none;
  Stream stream(rest, rig, fps);
  if (options.hears()) {
    for (std::vector<float> piece; next_piece(piece);) stream.hear(piece);
  }
  stream.filter(out);
  return out;
}

Matrix apply(const Options& options, const curves::Rig& rig, double fps, const Matrix& values,
             std::span<const float> audio) {
  Options heard = options;
  if (audio.empty()) heard.rest_after_s = 0;
  bool given = false;
  return apply_to_recording(heard, rig, fps, values, [&](std::vector<float>& piece) {
    if (given) return false;
    piece.assign(audio.begin(), audio.end());
    return given = true;
  });
}

}  // namespace kuchi::post
