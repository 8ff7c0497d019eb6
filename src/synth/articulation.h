// src/synth/articulation.h
#pragma once

#include <array>
#include <vector>

#include "synth/utterance.h"

namespace kuchi::synth {

inline constexpr int kControlRate = 400;  // Hz: articulators and synthesiser controls

using Articulation = std::array<double, kArticulators>;

/// Articulator trajectories at kControlRate, entry k at k / kControlRate seconds.
struct ArticulationTrack {
  std::vector<Articulation> frames;
  /// 0 where the mouth is at rest, 1 in speech: multiplies every curve.
  std::vector<double> awake;
  Articulation at(double t_s) const;  // between entries in a straight line; ends held
  double awake_at(double t_s) const;
};

/// The mouth prepares early for what it can prepare without being heard: a tongue that compensates
/// keeps the sound what it is (motor equivalence). So lips and jaw have two trajectories: as they
/// are seen, and as they shape the sound, where they anticipate a third as far.
enum class Anticipation { seen, heard };

/// Blends the phones' targets by dominance functions: value(t) = sum D_i(t) T_i / sum D_i(t),
/// D_i(t) = strength · exp(-rate · distance), distance measured from the phone's core
/// (Cohen & Massaro 1993, Modeling coarticulation in synthetic visual speech). p b m are then
/// made to reach full lip closure and f v lip-to-teeth contact, and the lips and jaw are smoothed
/// to what a mouth can do (a Gaussian of 12 ms: some 11 Hz).
ArticulationTrack articulate(const Utterance& utterance, Anticipation anticipation);

/// Gaussian smoothing of values at kControlRate, ends held; sigma in seconds.
void smooth(std::vector<double>& values, double sigma_s);

}  // namespace kuchi::synth
