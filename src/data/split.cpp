#include "data/split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>

#include "core/random.h"
#include "core/text.h"
#include "data/glob.h"

namespace kuchi::data {
namespace {

[[noreturn]] void fail(const std::string& text) { throw UserError(Exit::config, "split: " + text); }

// train | gap | valid | gap | test; a part without frames needs no gap.
void cut_clip(const SplitSpec& spec, int64_t clip, int64_t frames, double fps,
              std::vector<Piece>& out) {
  const auto n = static_cast<double>(frames);
  const auto valid = static_cast<int64_t>(std::llround(spec.valid * n));
  const auto test = static_cast<int64_t>(std::llround(spec.test * n));
  const auto gap = static_cast<int64_t>(std::ceil(std::min(spec.gap_s * fps, n)));
  const int64_t test_begin = frames - test;
  const int64_t valid_end = test > 0 ? test_begin - gap : frames;
  const int64_t valid_begin = valid_end - valid;
  const int64_t train_end = valid > 0 ? valid_begin - gap : valid_end;
  if (train_end <= 0) {  // too short to be cut
    out.push_back({clip, Split::train, 0, frames});
    return;
  }
  out.push_back({clip, Split::train, 0, train_end});
  if (valid > 0) out.push_back({clip, Split::valid, valid_begin, valid_end});
  if (test > 0) out.push_back({clip, Split::test, test_begin, frames});
}

// How many of the units a share gets: at least one where there are three or more.
int64_t units_for(double share, int64_t units) {
  if (share <= 0) return 0;
  const auto exact = static_cast<int64_t>(std::llround(share * static_cast<double>(units)));
  return std::max<int64_t>(exact, units >= 3 ? 1 : 0);
}

// Draws test and valid units; what is left is train, at least one.
std::vector<Split> draw_units(const SplitSpec& spec, int64_t units) {
  if (units == 0) return {};
  int64_t test = std::min(units_for(spec.test, units), units - 1);
  int64_t valid = std::min(units_for(spec.valid, units), units - 1);
  while (test + valid > units - 1) (test > valid ? test : valid) -= 1;
  const auto order = permutation(units, Stream(static_cast<uint64_t>(spec.seed), "split"));
  std::vector<Split> split(static_cast<size_t>(units), Split::train);
  for (int64_t i = 0; i < test + valid; ++i) {
    split[static_cast<size_t>(order[static_cast<size_t>(i)])] =
        i < test ? Split::test : Split::valid;
  }
  return split;
}

// Units in sorted order, so that the order of the clips does not change the draw.
std::vector<Split> split_by_unit(const SplitSpec& spec, const std::vector<std::string>& unit_of) {
  std::map<std::string, Split> units;
  for (const auto& unit : unit_of) units[unit] = Split::train;
  const auto drawn = draw_units(spec, static_cast<int64_t>(units.size()));
  size_t i = 0;
  for (auto& [unit, split] : units) split = drawn[i++];
  std::vector<Split> out;
  for (const auto& unit : unit_of) out.push_back(units.at(unit));
  return out;
}

void assign_listed(const std::vector<std::string>& wanted, Split split,
                   std::span<const ClipFacts> clips, std::vector<Split>& out) {
  std::vector<std::string> ids;
  for (const auto& clip : clips) ids.push_back(clip.id);
  for (const auto& pattern : wanted) {
    bool any = false;
    for (size_t i = 0; i < clips.size(); ++i) {
      if (!glob_match(pattern, clips[i].id)) continue;
      any = true;
      if (out[i] != Split::train && out[i] != split) {
        fail(cat("clip \"", clips[i].id, "\" is listed for valid and for test; ",
                 "take it out of one of them"));
      }
      out[i] = split;
    }
    if (!any) {
      fail(cat("the list names \"", pattern, "\" for ", to_string(split),
               ", but no clip is called so", did_you_mean(pattern, ids)));
    }
  }
}

std::vector<Split> split_whole_clips(const SplitSpec& spec, std::span<const ClipFacts> clips) {
  std::vector<Split> split(clips.size(), Split::train);
  if (spec.by == SplitBy::list) {
    assign_listed(spec.valid_ids, Split::valid, clips, split);
    assign_listed(spec.test_ids, Split::test, clips, split);
  } else if (spec.by != SplitBy::none) {
    std::vector<std::string> units;
    for (const auto& clip : clips) {
      if (spec.by == SplitBy::speaker && clip.speaker.empty()) {
        fail(cat("by speaker, but clip \"", clip.id, "\" has no speaker label; ",
                 "put {speaker} in the patterns, or split by clip or time"));
      }
      units.push_back(spec.by == SplitBy::speaker ? clip.speaker : clip.id);
    }
    split = split_by_unit(spec, units);
  }
  return split;
}

}  // namespace

std::string_view to_string(Split split) {
  switch (split) {
    case Split::train:
      return "train";
    case Split::valid:
      return "valid";
    case Split::test:
      return "test";
  }
  throw std::logic_error("no such split");
}

std::string_view to_string(SplitBy by) {
  switch (by) {
    case SplitBy::time:
      return "time";
    case SplitBy::clip:
      return "clip";
    case SplitBy::speaker:
      return "speaker";
    case SplitBy::list:
      return "list";
    case SplitBy::none:
      return "none";
  }
  throw std::logic_error("no such way to split");
}

std::vector<Piece> split_clips(const SplitSpec& spec, std::span<const ClipFacts> clips,
                               double fps) {
  std::vector<Piece> out;
  const auto count = static_cast<int64_t>(clips.size());
  if (spec.by == SplitBy::time) {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t frames = clips[static_cast<size_t>(i)].frames;
      if (frames > 0) cut_clip(spec, i, frames, fps, out);
    }
    return out;
  }
  const auto split = split_whole_clips(spec, clips);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t frames = clips[static_cast<size_t>(i)].frames;
    if (frames > 0) out.push_back({i, split[static_cast<size_t>(i)], 0, frames});
  }
  if (!out.empty() && pieces_of(out, Split::train).empty()) {
    fail("it leaves nothing to train on; list fewer clips for valid and test");
  }
  return out;
}

void forget_absent(SplitSpec& spec, const std::vector<std::string>& ids) {
  for (auto* listed : {&spec.valid_ids, &spec.test_ids}) {
    std::erase_if(*listed, [&](const std::string& pattern) {
      return std::none_of(ids.begin(), ids.end(),
                          [&](const std::string& id) { return glob_match(pattern, id); });
    });
  }
}

std::vector<Piece> pieces_of(std::span<const Piece> pieces, Split split) {
  std::vector<Piece> out;
  std::copy_if(pieces.begin(), pieces.end(), std::back_inserter(out),
               [&](const Piece& piece) { return piece.split == split; });
  return out;
}

}  // namespace kuchi::data
