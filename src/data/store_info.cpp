// What follows from a store's head: which clips have which curves, and how they are split.
#include <algorithm>
#include <map>
#include <span>

#include "core/text.h"
#include "data/store.h"

namespace kuchi::data {
namespace {

/// Two data sets may have recorded the same speaker, whom splitting by speaker keeps in one part.
void refuse_torn_speakers(const std::vector<ClipFacts>& facts, const std::vector<SplitBy>& by,
                          const std::vector<Piece>& pieces) {
  std::map<std::string, Split> seen;
  for (const auto& piece : pieces) {
    const auto clip = static_cast<size_t>(piece.clip);
    if (by[clip] != SplitBy::speaker) continue;
    const auto& speaker = facts[clip].speaker;
    const auto [it, fresh] = seen.emplace(speaker, piece.split);
    if (fresh || it->second == piece.split) continue;
    fail_config({"data.split"},
                cat("by speaker, \"", speaker, "\" is in two data sets, here in ",
                    to_string(piece.split), " and there in ", to_string(it->second),
                    "; name the clips of each part with data.split.by=list, or give two people two "
                    "names"));
  }
}

}  // namespace

int64_t StoreInfo::clip_index(const std::string& id) const {
  const auto it = std::find_if(clips.begin(), clips.end(),
                               [&](const StoreClip& clip) { return clip.id == id; });
  return it == clips.end() ? -1 : it - clips.begin();
}

bool StoreInfo::has_aperture(int64_t clip) const {
  const auto& captured = clips.at(static_cast<size_t>(clip)).captured;
  if (captured.empty()) return true;
  const auto& names = rig.aperture.names();
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return captured[static_cast<size_t>(rig.index(name))];
  });
}

int64_t StoreInfo::clips_with(int64_t curve) const {
  return std::count_if(clips.begin(), clips.end(), [&](const StoreClip& clip) {
    return clip.captured.empty() || clip.captured[static_cast<size_t>(curve)];
  });
}

std::vector<ClipFacts> clip_facts(const StoreInfo& info) {
  std::vector<ClipFacts> out;
  for (const auto& clip : info.clips) {
    const auto speaker = clip.labels.find("speaker");
    out.push_back({clip.id, speaker == clip.labels.end() ? "" : speaker->second, clip.frames});
  }
  return out;
}

std::vector<Piece> split_store(const StoreInfo& info, const SplitOptions& options) {
  const Location at{"data.split"};
  const auto facts = clip_facts(info);
  if (info.sets.empty() || options.by == to_string(SplitBy::list)) {
    return split_clips(with_options(info.split, options, at), facts, info.fps);
  }
  std::vector<Piece> out;
  std::vector<SplitBy> by(facts.size());
  for (const auto& set : info.sets) {
    const auto spec = with_options(set.split, options, at);
    const auto begin = static_cast<size_t>(set.first_clip), count = static_cast<size_t>(set.clips);
    std::fill_n(by.begin() + set.first_clip, count, spec.by);
    for (auto piece : split_clips(spec, std::span(facts).subspan(begin, count), info.fps)) {
      piece.clip += set.first_clip;
      out.push_back(piece);
    }
  }
  refuse_torn_speakers(facts, by, out);
  return out;
}

}  // namespace kuchi::data
