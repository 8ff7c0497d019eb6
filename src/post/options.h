// src/post/options.h
#pragma once

#include <functional>
#include <string>

#include "config/schema.h"

namespace kuchi::post {

enum class Smooth { none, one_euro, savgol };

/// Section `post`: what is done to predicted curves before anybody sees them. Off unless asked for.
struct Options {
  Smooth smooth = Smooth::none;
  double min_cutoff_hz = 5;         // one_euro: of a curve that stands still
  double beta = 8;                  // one_euro: Hz more for each unit of curve per second
  double derivative_cutoff_hz = 1;  // one_euro: of the speed itself
  int64_t savgol_frames = 7;        // savgol: fitted at once, odd
  int64_t savgol_order = 3;         // savgol: of the polynomial
  double snap_below = 0;            // aperture; 0: no snap
  double snap_above = 0;            // aperture; 0: 1.25 times snap_below
  double rest_after_s = 0;          // of silence; 0: no ease to rest
  double rest_ease_s = 0.3;
  bool clamp = false;

  bool any() const { return smooth != Smooth::none || snap_below > 0 || rest_after_s > 0 || clamp; }
  /// Whether the sound is needed, too.
  bool hears() const { return rest_after_s > 0; }
  /// Whether a frame needs none that follow.
  bool causal() const { return smooth != Smooth::savgol; }
};
void describe(config::Section section, Options& options);

/// UserError (config) at origin("post.KEY") for options that contradict each other.
void check(const Options& options, const std::function<Location(const std::string&)>& origin);

}  // namespace kuchi::post
