#include <algorithm>
#include <map>
#include <set>

#include "core/text.h"
#include "data/pattern.h"
#include "data/recipe.h"
#include "data/utf8.h"

namespace kuchi::data {
namespace fs = std::filesystem;
namespace {

std::string id_of(const Labels& labels, const fs::path& audio) {
  const auto id = labels.find("id");
  if (id != labels.end()) return id->second;
  std::vector<std::string> parts;
  for (const auto& name : placeholder_names()) {
    if (const auto label = labels.find(name); label != labels.end()) parts.push_back(label->second);
  }
  return parts.empty() ? audio.stem().string() : join(parts, "_");
}

bool all_differ(const std::vector<FoundClip>& clips) {
  std::set<std::string> ids;
  for (const auto& clip : clips) ids.insert(clip.id);
  return ids.size() == clips.size();
}

// Puts labels before the ids, one kind after another, until no two clips share an id. What no
// label tells apart is told apart by its path.
void make_unique(std::vector<FoundClip>& clips, const fs::path& root) {
  const auto& names = placeholder_names();
  for (auto name = names.begin() + 1; name != names.end() && !all_differ(clips); ++name) {
    std::set<std::string> values;
    for (const auto& clip : clips) {
      const auto label = clip.labels.find(*name);
      values.insert(label == clip.labels.end() ? "" : label->second);
    }
    if (values.size() < 2) continue;
    for (auto& clip : clips) {
      const auto label = clip.labels.find(*name);
      if (label != clip.labels.end()) clip.id = label->second + "_" + clip.id;
    }
  }
  if (all_differ(clips)) return;
  for (auto& clip : clips) {
    clip.id = clip.audio.lexically_relative(root).replace_extension().generic_string();
  }
  if (all_differ(clips)) return;
  for (auto& clip : clips) clip.id = clip.audio.lexically_relative(root).generic_string();
}

void require_directory(const Recipe& recipe, const fs::path& root) {
  std::error_code ec;
  if (fs::is_directory(root, ec)) return;
  fail_data(root, cat(fs::exists(root, ec) ? "is no directory" : "no such directory",
                      "; it is the root of the data set \"", recipe.provenance.data, "\" (",
                      recipe.file.string(), "); give data.root=DIR or mend the recipe"));
}

// Curves that no audio file asked for.
void add_unused_curves(const Pattern& pattern, const fs::path& root, const std::set<fs::path>& used,
                       Found& found) {
  for (const auto& match : pattern.find(root)) {
    if (used.count(match.path) > 0) continue;
    found.skipped.push_back({printable(id_of(match.labels, match.path)),
                             cat(match.path.string(), ": no audio file goes with these curves")});
  }
}

}  // namespace

Found find_clips(const Recipe& recipe, const fs::path& root) {
  require_directory(recipe, root);
  const Location at{recipe.file.string()};
  const Pattern audio = Pattern::parse(recipe.clips.audio, at);
  const Pattern curves = Pattern::parse(recipe.clips.curves, at);
  const auto heard = audio.find(root);
  if (heard.empty()) {
    fail_data(root, cat("no audio file matches \"", audio.text(), "\" (clips.audio of ",
                        recipe.file.string(), ") under this root; mend the pattern or the root"));
  }
  Found found;
  std::set<fs::path> used;
  for (const auto& match : heard) {
    const std::string id = id_of(match.labels, match.path);
    const auto skip = [&](const std::string& why) {
      found.skipped.push_back({printable(id), printable(match.path.string() + ": " + why)});
    };
    const auto partners = curves.find(root, match.labels);
    for (const auto& partner : partners) used.insert(partner.path);
    if (!is_utf8(match.path.string())) {
      skip("the name is not UTF-8; rename the file");
    } else if (partners.empty()) {
      skip("no curves go with it: " + curves.with(match.labels) + " is not there");
    } else if (partners.size() > 1) {
      skip(cat(partners.size(), " curve files go with it, among them ",
               partners[0].path.filename().string(), " and ", partners[1].path.filename().string(),
               "; make clips.curves say which"));
    } else {
      FoundClip clip{id, recipe.labels, match.path, partners[0].path};
      for (const auto& [name, value] : partners[0].labels) clip.labels[name] = value;
      found.clips.push_back(std::move(clip));
    }
  }
  add_unused_curves(curves, root, used, found);
  make_unique(found.clips, root);
  for (auto& clip : found.clips) clip.labels.erase("id");
  std::sort(found.clips.begin(), found.clips.end(),
            [](const FoundClip& a, const FoundClip& b) { return a.id < b.id; });
  return found;
}

void check_split(const SplitSpec& split, const Found& found) {
  std::vector<ClipFacts> facts;
  for (const auto& clip : found.clips) {
    const auto label = clip.labels.find("speaker");
    facts.push_back({clip.id, label == clip.labels.end() ? "" : label->second, 1});
  }
  if (split.by == SplitBy::list) {
    for (const auto& skipped : found.skipped) facts.push_back({skipped.id, "", 1});
  }
  split_clips(split, facts, 1);
}

}  // namespace kuchi::data
