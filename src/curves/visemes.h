// src/curves/visemes.h
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "curves/track.h"

namespace kuchi::curves {

/// A set of mouth shapes that engines know by name; the weights of a frame say how much of each.
struct VisemeNames {
  std::string set;                 // "oculus", "vrm", "mpeg4", "rhubarb"
  std::vector<std::string> names;  // in the set's order
  int64_t rest = -1;               // which of them is the mouth at rest; -1: none

  /// By plain_name(), with or without "viseme_" before it; -1 where there is none.
  int64_t index(std::string_view name) const;
};

/// Oculus' 15, VRM 1.0's five vowels, MPEG-4's 0 to 14 as viseme_0 …, Rhubarb's A to H and X.
const std::vector<VisemeNames>& viseme_sets();
const VisemeNames* find_viseme_set(std::string_view name);
/// As above for a name that is known; std::logic_error otherwise.
const VisemeNames& viseme_set(std::string_view name);
std::vector<std::string> viseme_set_names();

/// What a set's visemes look like in the curves of one rig.
struct VisemeShapes {
  Rig rig;                      // whose curves: the rig itself or, through to_arkit, ARKit's
  bool own = false;             // the rig itself describes the set
  std::vector<int64_t> curves;  // [k]: those that some viseme moves and that are known
  MatrixOf<double> offsets;     // [visemes, k]: the viseme in full, less the rest
};

/// From the rig's section `visemes`; a rig without the set goes through ARKit and the section of
/// the shipped rig "arkit". UserError (config) where a rig gives none of the curves that matter.
VisemeShapes viseme_shapes(const Rig& rig, const VisemeNames& set);

/// Curves, less their rest, of shapes.curves: [frames, rig.size()] → [frames, k].
MatrixOf<double> viseme_offsets(const VisemeShapes& shapes, const Rig& rig, const Matrix& values);

/// Weights [frames, names] in [0, 1] whose shapes come nearest to the curves (non-negative least
/// squares, larger ones cut at 1); the set's rest has what the others leave of 1. Lossy: what no
/// mixture of the set's shapes makes is gone. A mixture of them comes back as it was. Of a rig
/// whose curves are the visemes the values are the weights.
Matrix to_visemes(const Rig& rig, const VisemeNames& set, const Matrix& values);

/// The inverse: a track of weights as curves of a rig, or of ARKit where the rig does not describe
/// the set. A viseme that the track lacks counts 0. Curves stay within their range.
Track from_visemes(const Track& weights, const Rig& rig);

}  // namespace kuchi::curves
