#pragma once

#include <string>
#include <vector>

#include "data/recipe.h"

namespace kuchi::data {

/// How sure a guess is: told to the user in these words.
enum class Sure { sure, likely, guess };
std::string to_string(Sure sure);

/// A path pattern for the audio and one for the curves of a folder, found from the names alone.
struct GuessedPaths {
  std::string audio, curves;        // patterns of a recipe; "" where nothing goes together
  int64_t pairs = 0;                // audio files that have one curve file each under them
  std::vector<std::string> labels;  // placeholders in them, without id and any
  std::string label_note;           // what was taken for a label and why; may be empty
  Sure labels_sure = Sure::sure;
};

/// Finds what pairs `audio` with `curves` (paths under one root, with '/'; each list of one depth
/// and ending) and says it as patterns: what stands before and after the common part of two names
/// is literal, folders and words that vary become labels. A folder of angry/happy/… is {emotion},
/// of level_1 … {intensity}, of languages {language}, of read/whisper/… {style}; the first other
/// one is {speaker}, unless there is one take in each. In names only words that come again are
/// labels. Nothing is read. No errors: where nothing goes together, `pairs` is 0.
GuessedPaths guess_paths(const std::vector<std::string>& audio,
                         const std::vector<std::string>& curves);

/// The words of a name: what lies between _ - . and blanks.
std::vector<std::string> words_of(const std::string& name);

}  // namespace kuchi::data
