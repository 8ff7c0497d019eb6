#pragma once

#include <string>
#include <vector>

#include "curves/rig.h"
#include "curves/track.h"
#include "data/guess_paths.h"

namespace kuchi::data {

/// The rig that some curve files speak.
struct GuessedRig {
  std::string name;     // a shipped rig, or what the new one is called
  bool is_new = false;  // then `rig` is to be written beside the recipe
  curves::Rig rig;
  Sure sure = Sure::sure;
  std::string note;  // what was seen, for people
};

/// Of the shipped rigs whose curves the files have under their own names, and whose ranges at least
/// 95 % of the values keep, the largest. Where none is so: a new rig of all curves that the files
/// have, ranges as seen ([0, 1] and [-1, 1] where those hold), mirrors by left and right in the
/// names, the aperture of ARKit's names or of the curve that is called like an open jaw or mouth.
/// `tracks` are samples, at least one, of one set of names; what only some have is left out.
GuessedRig guess_rig(const std::vector<curves::Track>& tracks, const std::string& name_if_new);

/// The text of a new rig's file: rig_to_yaml with comments on what was guessed.
std::string new_rig_text(const GuessedRig& guess);

}  // namespace kuchi::data
