#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/schema.h"

namespace kuchi::data {

enum class Split { train, valid, test };
enum class SplitBy { time, clip, speaker, list, none };
std::string_view to_string(Split split);
std::string_view to_string(SplitBy by);

/// How a data set is divided.
///   time     each clip: train | gap | valid | gap | test, from its begin to its end
///   clip     whole clips, drawn by seed
///   speaker  whole speakers, drawn by seed; no speaker is in two splits
///   list     the named clips; the rest is train
///   none     all is train
struct SplitSpec {
  SplitBy by = SplitBy::time;
  double valid = 0.1, test = 0.1;                // shares, for time, clip and speaker
  std::vector<std::string> valid_ids, test_ids;  // clip ids or patterns with * and ?, for list
  double gap_s = 1;                              // dropped between pieces of one clip, for time
  int64_t seed = 0;
};

/// The same as options, each of which may be left unset: a recipe's `split:` and `data.split.*`.
struct SplitOptions {
  std::string by = "auto";               // "auto": unset
  std::vector<std::string> valid, test;  // one number, or clip ids for `list`; empty: unset
  double gap_seconds = -1;               // negative: unset
  int64_t seed = -1;                     // negative: unset
};
/// Keys "by", "valid", "test", "gap_seconds", "seed".
void describe(config::Section& section, SplitOptions& options);

/// `base` with what the options set. UserError (config) at `at` if the result makes no sense:
/// shares outside [0, 1) or adding up to 1 and more, a list where a share is needed. Changing
/// `by` between a list and the others drops what belongs to the other kind.
SplitSpec with_options(SplitSpec base, const SplitOptions& options, const Location& at);

/// One line of YAML that parse_split reads back; travels in stores and runs.
std::string split_to_yaml(const SplitSpec& spec);
SplitSpec parse_split(const std::string& yaml, const std::string& name_for_errors);

/// What splitting needs to know of a clip.
struct ClipFacts {
  std::string id;
  std::string speaker;  // "": unknown; split by speaker then refuses
  int64_t frames = 0;
};

/// Frames begin … end-1 of a clip, in one split.
struct Piece {
  int64_t clip = 0;  // index
  Split split = Split::train;
  int64_t begin = 0, end = 0;
};

/// A pure function of its arguments: pieces in order of clip and time, none empty, none
/// overlapping. By clip and speaker, each share above 0 gets at least one unit where there are
/// three units or more. By time, a clip too short to be cut is all train.
/// UserError (config): an id that matches no clip (with the nearest), an id in both lists, no
/// speaker labels, nothing left to train on.
std::vector<Piece> split_clips(const SplitSpec& spec, std::span<const ClipFacts> clips, double fps);

/// Takes out of the lists what fits none of the ids: a clip that is listed but was skipped as bad
/// must not stop what comes later.
void forget_absent(SplitSpec& spec, const std::vector<std::string>& ids);

/// The pieces of one split.
std::vector<Piece> pieces_of(std::span<const Piece> pieces, Split split);

}  // namespace kuchi::data
