#include <span>
// src/synth/face.h
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/matrix.h"
#include "synth/articulation.h"
#include "synth/speaker.h"

namespace kuchi::synth {

/// The 27 mouth and jaw curves of ARKit, in the order of the rig `arkit-mouth`.
std::vector<std::string> curve_names();

/// Articulators → curves [frames, 27] in [0, 1], frame j at j / fps. The mouth at time t is what
/// sounds at t + speaker.lead_s. `range` multiplies movement (speaker and style together).
Matrix face_curves(const ArticulationTrack& track, const Speaker& speaker, double range, double fps,
                   int64_t frames);

/// clamp(jawOpen - mouthClose, 0, 1) of one row of arkit-mouth curves.
double aperture(std::span<const float> curves);

}  // namespace kuchi::synth
