#include "data/join.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "core/hash.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "data/glob.h"

namespace kuchi::data {
namespace fs = std::filesystem;
namespace {

std::vector<StoreInfo> read_heads(const std::vector<fs::path>& files,
                                  const std::vector<std::string>& called = {}) {
  std::vector<StoreInfo> out;
  for (const auto& file : files) out.push_back(Store::open(file).info());
  for (size_t i = 0; i < called.size(); ++i) out[i].file = called[i];
  return out;
}

void check_alike(const std::vector<StoreInfo>& heads) {
  const auto& first = heads[0];
  for (size_t i = 1; i < heads.size(); ++i) {
    const auto& other = heads[i];
    for (size_t j = 0; j < i; ++j) {
      if (heads[j].hash != other.hash) continue;
      fail_data(other.file,
                cat("holds what ", heads[j].file.string(), " holds; name each data set once"));
    }
    refuse_rates(first.file, first.fps, other.file, other.fps);
    if (first.feature_signature != other.feature_signature) {
      fail_data(other.file, cat("holds features ", other.feature_signature, ", ",
                                first.file.string(), " holds ", first.feature_signature,
                                "; prepare both with the same section features"));
    }
  }
}

curves::Rig rig_of_all(const std::vector<StoreInfo>& heads) {
  curves::Rig rig = heads[0].rig;
  for (size_t i = 1; i < heads.size(); ++i) {
    curves::join_rigs(rig, heads[i].rig, heads[i].file.string());
  }
  return rig;
}

/// The data sets of a store; one of no others is one itself.
std::vector<StoreSet> sets_of(const StoreInfo& info) {
  if (!info.sets.empty()) return info.sets;
  return {{info.provenance.data, 0, static_cast<int64_t>(info.clips.size()), info.split}};
}

/// "small", and for another of that name "small-2".
std::string new_name(const std::string& wanted, std::set<std::string>& taken) {
  std::string name = wanted;
  for (int i = 2; !taken.insert(name).second; ++i) name = cat(wanted, "-", i);
  return name;
}

bool ids_clash(const std::vector<StoreInfo>& heads) {
  std::set<std::string> seen;
  for (const auto& head : heads) {
    for (const auto& clip : head.clips) {
      if (!seen.insert(clip.id).second) return true;
    }
  }
  return false;
}

/// A list of clips by what they are called in the whole.
SplitSpec renamed(SplitSpec split, const StoreInfo& info, const StoreSet& set,
                  const std::string& prefix) {
  for (auto* patterns : {&split.valid_ids, &split.test_ids}) {
    std::vector<std::string> ids;
    for (int64_t i = set.first_clip; i < set.first_clip + set.clips; ++i) {
      const auto& id = info.clips[static_cast<size_t>(i)].id;
      if (std::any_of(patterns->begin(), patterns->end(),
                      [&](const std::string& pattern) { return glob_match(pattern, id); })) {
        ids.push_back(prefix + id);
      }
    }
    *patterns = std::move(ids);
  }
  return split;
}

/// Where a store's clips go.
struct Plan {
  std::vector<StoreSet> sets;         // by their place in the whole
  std::vector<std::string> prefixes;  // of ids, by set
};

Plan plan(const std::vector<StoreInfo>& heads) {
  const bool clash = ids_clash(heads);
  std::set<std::string> taken;
  Plan out;
  int64_t first = 0;
  for (const auto& head : heads) {
    for (const auto& set : sets_of(head)) {
      const auto name = new_name(set.name, taken);
      out.prefixes.push_back(clash ? name + "/" : "");
      out.sets.push_back(
          {name, first, set.clips, renamed(set.split, head, set, out.prefixes.back())});
      first += set.clips;
    }
  }
  return out;
}

}  // namespace

void refuse_rates(const fs::path& first, double first_fps, const fs::path& other,
                  double other_fps) {
  if (std::abs(first_fps - other_fps) <= 1e-9) return;
  fail_data(other, cat("has ", number(other_fps, 6), " frames a second, ", first.string(), " has ",
                       number(first_fps, 6),
                       "; prepare both with one data.fps, which resamples the curves"));
}

StoreInfo join_stores(const std::vector<fs::path>& files, const fs::path& out,
                      const std::vector<std::string>& called) {
  if (files.size() < 2) throw std::logic_error("a join of fewer than two stores");
  const auto heads = read_heads(files, called);
  check_alike(heads);
  const Plan where = plan(heads);
  StoreInfo head;
  std::vector<Provenance> parts;
  for (const auto& h : heads) parts.push_back(h.provenance);
  head.provenance = combined(parts);
  head.rig = rig_of_all(heads);
  head.fps = heads[0].fps;
  head.features = heads[0].features;
  head.sets = where.sets;
  return write_store(out, head, [&](StoreWriter& writer) {
    const auto& last = where.sets.back();
    Progress progress("joining", last.first_clip + last.clips);
    size_t set = 0;
    for (const auto& file : files) {
      auto store = Store::open(file);
      store.map_to(head.rig);
      for (int64_t i = 0; i < static_cast<int64_t>(store.info().clips.size()); ++i) {
        check_interrupt();
        while (writer.clips() >= where.sets[set].first_clip + where.sets[set].clips) ++set;
        StoreClip clip = store.info().clips[static_cast<size_t>(i)];
        clip.id = where.prefixes[set] + clip.id;
        clip.labels["dataset"] = where.sets[set].name;
        writer.add(clip, store.read_features(i), store.read_curves(i), store.read_audio(i));
        progress.at(writer.clips(), clip.id);
      }
    }
  });
}

std::string join_key(const std::vector<fs::path>& files) {
  Hasher hash;
  for (const auto& head : read_heads(files)) hash.add(head.hash);
  return hash.hex();
}

}  // namespace kuchi::data
