#pragma once

#include <cstdint>
#include <span>
#include <vector>

/// A set's audio that is late against its curves by `lag` frames (early, where it is negative): the
/// curves of frame t go with what is heard at frame t + lag.
///
/// It is what is heard that moves, never the curves: every lag then trains on and is judged by the
/// very same curve frames in the same parts, so that a study over lags compares like with like. At
/// a clip's end (of a negative lag at its beginning) up to |lag| frames would hear what was not
/// recorded: their features are those of the last (first) frame, their samples silence. They are a
/// second at most of a clip at 30 frames a second, and clips mostly begin and end at rest.
namespace kuchi::data {

/// The frame whose features go with the curves of frame t, of a clip of so many frames.
int64_t heard_frame(int64_t t, int64_t lag, int64_t frames);

/// The clip's samples on its curves' clock: as many, with silence where none were recorded.
std::vector<float> on_curve_time(std::span<const float> audio, int64_t lag, double fps);

}  // namespace kuchi::data
