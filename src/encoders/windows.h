// src/encoders/windows.h
#pragma once

#include "encoders/encoder.h"

namespace kuchi::encoders {

/// Attention over windows of a long clip instead of all of it: time then grows with length, not
/// with its square. Normaliser, front end and group norm hear the whole clip all the same, so only
/// what attention reaches across a window's edge is lost.
struct Windows {
  double window_s = 0;   // 0: the whole clip
  double overlap_s = 4;  // neighbours share so much, and each keeps its half of it
};

/// Encoder::forward() of one clip by windows; the same where one window holds it.
/// UserError (config): an overlap of half a window or more.
Hidden forward_windowed(Encoder& encoder, const at::Tensor& clip, const Wanted& wanted,
                        const Windows& windows);

}  // namespace kuchi::encoders
