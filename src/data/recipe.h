#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/provenance.h"
#include "data/split.h"
#include "sync/options.h"

namespace kuchi::data {

using Labels = std::map<std::string, std::string>;  // speaker, style, emotion, …

/// Where the files of a clip are: paths under the root with {id}, {speaker}, {style}, {emotion},
/// {intensity}, {language}, {any} in them. A placeholder matches within one path component.
struct ClipPatterns {
  std::string audio;
  std::string curves;
  std::string names;            // file with the curves' names, for formats without; may be ""
  std::string format = "auto";  // a name of curves::readable_formats()
};

/// One data set: where its files are, its rig, rate, splits, licence. See datasets/README.md.
struct Recipe {
  Provenance provenance;  // .data is the data set's name; .consent may still be `required`
  Location consent_at;    // of the key
  std::filesystem::path file;
  std::filesystem::path root;  // as the file says, already relative to the file's directory
  double fps = 0;              // curve frames/s; 0: `timecode`, taken from each file
  std::string rig;             // a shipped rig's name or a path, already relative to the file
  ClipPatterns clips;
  Labels labels;  // what a path does not say of its clip
  SplitSpec split;
  sync::Options sync;
  std::vector<std::string> todo;  // what it leaves to be written, a sentence each with its place
};

/// A provenance text that begins with TODO, as kuchi init leaves the licence, says nothing yet: it
/// is left out and stands in Recipe::todo.
/// UserError (config) with file:line:col, all mistakes at once, unknown keys with the nearest.
Recipe load_recipe(const std::filesystem::path& file);

/// Where clips.names is: under the root, else beside the recipe. UserError (data): neither.
std::filesystem::path names_file(const Recipe& recipe, const std::filesystem::path& root);

struct FoundClip {
  std::string id;  // {id}, with other labels before it where {id} alone is not unique
  Labels labels;   // all but {id} and {any}; with the recipe's defaults
  std::filesystem::path audio, curves;
};
struct Skipped {
  std::string id;
  std::string why;
};
struct Found {
  std::vector<FoundClip> clips;  // sorted by id
  std::vector<Skipped> skipped;  // an audio file without curves, and the other way round
};

/// Walks the root, only as deep as the patterns go. UserError (data) if the root is no directory
/// or no audio file matches: says the pattern and the root.
Found find_clips(const Recipe& recipe, const std::filesystem::path& root);

/// UserErrors of split_clips() before anything is read. Frames are not known yet: one stands for
/// any number. A listed clip that lacks its curves is no mistake: it is among the skipped.
void check_split(const SplitSpec& split, const Found& found);

}  // namespace kuchi::data
