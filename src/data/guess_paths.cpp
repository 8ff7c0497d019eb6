#include "data/guess_paths.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "core/text.h"

namespace kuchi::data {
namespace {

constexpr const char* kSeparators = "_-. ";
constexpr size_t kAsked = 12;         // audio files whose partners are looked for to learn how
constexpr size_t kLooked = 3000;      // curve files that are looked at for each of them
constexpr size_t kMostTies = 8;       // equally good partners that are followed
constexpr size_t kMostTried = 8;      // ways to pair that are counted on all files
constexpr size_t kLongestName = 200;  // characters; a longer name is no name of a take

/// A path in its parts: folders, the name without its ending, the ending with its dot.
struct Path {
  std::vector<std::string> dirs;
  std::string stem, ending;
};

Path parts_of(const std::string& text) {
  Path path;
  path.dirs = kuchi::split(text, '/');
  path.stem = path.dirs.back();
  path.dirs.pop_back();
  const auto dot = path.stem.rfind('.');
  if (dot != std::string::npos && dot > 0) {
    path.ending = path.stem.substr(dot);
    path.stem.resize(dot);
  }
  return path;
}

std::vector<Path> parts_of(const std::vector<std::string>& texts) {
  std::vector<Path> paths;
  for (const auto& text : texts) paths.push_back(parts_of(text));
  return paths;
}

/// The longest text that both have, and where it begins in each.
struct Common {
  size_t at_a = 0, at_b = 0, length = 0;
};

Common longest_common(const std::string& a, const std::string& b) {
  Common best;
  if (a.size() > kLongestName || b.size() > kLongestName) return best;
  std::vector<size_t> before(b.size() + 1, 0), now(b.size() + 1, 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      now[j] = a[i - 1] == b[j - 1] ? before[j - 1] + 1 : 0;
      if (now[j] > best.length) best = {i - now[j], j - now[j], now[j]};
    }
    std::swap(before, now);
  }
  return best;
}

/// What stands around the part of a name that an audio file and its curves share.
struct Affixes {
  std::string audio_before, audio_after, curves_before, curves_after;
  bool no_core =
      false;  // the names are what they are in every folder, which alone tells takes apart
  auto operator<=>(const Affixes&) const = default;
};

std::optional<std::string> core_of(const std::string& stem, const std::string& before,
                                   const std::string& after, bool no_core) {
  if (no_core) return stem == before ? std::optional<std::string>("") : std::nullopt;
  if (stem.size() <= before.size() + after.size()) return std::nullopt;
  if (!stem.starts_with(before) || !stem.ends_with(after)) return std::nullopt;
  return stem.substr(before.size(), stem.size() - before.size() - after.size());
}

size_t shared_dirs(const Path& a, const Path& b) {
  size_t count = 0;
  for (const auto& dir : a.dirs) {
    count += std::count(b.dirs.begin(), b.dirs.end(), dir) > 0 ? 1 : 0;
  }
  return count;
}

std::vector<size_t> spread(size_t size, size_t most) {
  std::vector<size_t> places;
  const size_t count = std::min(size, most);
  for (size_t i = 0; i < count; ++i) places.push_back(i * size / count);
  return places;
}

/// Ways to pair that some audio files suggest, the most often suggested first.
std::vector<Affixes> suggestions(const std::vector<Path>& audio, const std::vector<Path>& curves) {
  std::map<Affixes, int64_t> votes;
  for (const size_t i : spread(audio.size(), kAsked)) {
    const Path& a = audio[i];
    size_t best = 0;
    std::vector<std::pair<Affixes, size_t>> found;
    for (const size_t k : spread(curves.size(), kLooked)) {
      const Path& c = curves[k];
      const Common common = longest_common(a.stem, c.stem);
      if (common.length == 0) continue;
      size_t from = 0, to = common.length;
      const auto is_separator = [&](size_t at) {
        return std::string_view(kSeparators).find(a.stem[common.at_a + at]) !=
               std::string_view::npos;
      };
      while (from < to && is_separator(from)) ++from;
      while (to > from && is_separator(to - 1)) --to;
      if (from == to) continue;
      const size_t score = 4 * common.length + 8 * shared_dirs(a, c);
      if (score < best) continue;
      if (score > best) found.clear();
      best = score;
      if (found.size() >= kMostTies) continue;
      found.push_back({{a.stem.substr(0, common.at_a + from), a.stem.substr(common.at_a + to),
                        c.stem.substr(0, common.at_b + from), c.stem.substr(common.at_b + to)},
                       score});
    }
    for (const auto& [affixes, score] : found) ++votes[affixes];
  }
  std::vector<std::pair<int64_t, Affixes>> order;
  for (const auto& [affixes, count] : votes) order.emplace_back(-count, affixes);
  std::sort(order.begin(), order.end());
  std::vector<Affixes> out;
  for (const auto& [count, affixes] : order) {
    if (out.size() < kMostTried) out.push_back(affixes);
  }
  // Names that are the same in every folder: audio.wav and face.csv.
  std::map<std::string, int64_t> audio_names, curve_names;
  for (const auto& a : audio) ++audio_names[a.stem];
  for (const auto& c : curves) ++curve_names[c.stem];
  if (audio_names.size() == 1) {
    for (const auto& [name, count] : curve_names) {
      if (2 * count < static_cast<int64_t>(audio.size())) continue;
      out.push_back({audio_names.begin()->first, "", name, "", true});
    }
  }
  return out;
}

struct Pair {
  size_t audio = 0, curves = 0;
  std::string core;
};

/// Audio files with the one curve file that goes with each: the same core, and of several the one
/// that shares the most folders.
std::vector<Pair> pair_up(const Affixes& how, const std::vector<Path>& audio,
                          const std::vector<Path>& curves) {
  std::map<std::string, std::vector<size_t>> by_core;
  for (size_t k = 0; k < curves.size(); ++k) {
    const auto core = core_of(curves[k].stem, how.curves_before, how.curves_after, how.no_core);
    if (core) by_core[*core].push_back(k);
  }
  std::vector<Pair> pairs;
  std::map<size_t, int64_t> used;
  for (size_t i = 0; i < audio.size(); ++i) {
    const auto core = core_of(audio[i].stem, how.audio_before, how.audio_after, how.no_core);
    if (!core) continue;
    const auto found = by_core.find(*core);
    if (found == by_core.end()) continue;
    size_t best = 0, most = 0, ties = 0;
    for (const size_t k : found->second) {
      const size_t shared = 1 + shared_dirs(audio[i], curves[k]);
      if (shared > most) {
        most = shared;
        best = k;
        ties = 0;
      }
      ties += shared == most ? 1 : 0;
    }
    if (ties != 1) continue;
    ++used[best];
    pairs.push_back({i, best, *core});
  }
  std::erase_if(pairs, [&](const Pair& pair) { return used[pair.curves] > 1; });
  return pairs;
}

/// Whether what the names share is the same for all takes, by chance: the letter that audio.wav and
/// face.csv have in common. Names that share nothing pair where there are several folders alone.
bool tells_nothing(const Affixes& how, const std::vector<Pair>& pairs) {
  if (how.no_core) return pairs.size() < 2;
  if (pairs.size() < 2) return false;
  return std::all_of(pairs.begin(), pairs.end(),
                     [&](const Pair& pair) { return pair.core == pairs.front().core; }) &&
         !(how.audio_before.empty() && how.audio_after.empty() && how.curves_before.empty());
}

// ---- what a folder or a word stands for

using Words = std::set<std::string>;

bool all_in(const std::vector<std::string>& values, const Words& known) {
  return std::all_of(values.begin(), values.end(),
                     [&](const std::string& value) { return known.count(lower(value)) > 0; });
}

const Words& emotions() {
  static const Words words = {"neutral",   "calm",        "happy",   "happiness",  "joy",
                              "sad",       "sadness",     "angry",   "anger",      "fear",
                              "fearful",   "afraid",      "disgust", "disgusted",  "surprise",
                              "surprised", "contempt",    "excited", "frustrated", "bored",
                              "amused",    "amusement",   "sleepy",  "sleepiness", "cheekiness",
                              "grief",     "outofbreath", "pain"};
  return words;
}
const Words& languages() {
  static const Words words = {"en",         "english", "de",      "german",    "zh",     "chinese",
                              "mandarin",   "es",      "spanish", "fr",        "french", "ja",
                              "japanese",   "it",      "italian", "ko",        "korean", "pt",
                              "portuguese", "ru",      "russian", "nl",        "dutch",  "pl",
                              "polish",     "hi",      "hindi",   "ar",        "arabic", "tr",
                              "turkish",    "sv",      "swedish", "cantonese", "yue"};
  return words;
}
const Words& styles() {
  static const Words words = {"read",   "reading",  "spontaneous", "spont",    "conversation",
                              "dialog", "dialogue", "monologue",   "speech",   "whisper",
                              "shout",  "shouting", "fast",        "slow",     "normal",
                              "sing",   "singing",  "acted",       "whispered"};
  return words;
}
const Words& parts() {  // of a data set: no label of a clip
  static const Words words = {"train", "training", "valid", "validation", "val",  "dev",
                              "test",  "eval",     "part1", "part2",      "part3"};
  return words;
}
const Words& strengths() {
  static const Words words = {"low", "medium", "mid", "high", "weak", "strong"};
  return words;
}

/// "level_1" → "level_", where all values are a word and a digit.
std::optional<std::string> level_word(const std::vector<std::string>& values) {
  const auto digits = values.front().find_first_of("0123456789");
  if (digits == std::string::npos) return std::nullopt;
  const std::string word = values.front().substr(0, digits);
  static const Words known = {"level", "level_", "level-", "lv", "lvl", "intensity", "intensity_"};
  if (known.count(lower(word)) == 0) return std::nullopt;
  for (const auto& value : values) {
    const bool fits = value.starts_with(word) && value.size() > word.size() &&
                      value.find_first_not_of("0123456789.", word.size()) == std::string::npos;
    if (!fits) return std::nullopt;
  }
  return word;
}

/// Whether a word may be someone's name or number: letters, or letters and then digits.
bool like_a_speaker(const std::string& word) {
  const auto letters = static_cast<size_t>(
      std::find_if(word.begin(), word.end(), [](unsigned char c) { return std::isalpha(c) == 0; }) -
      word.begin());
  if (letters == 0) return false;
  static const Words takes = {"take", "clip",   "scene",   "shot",  "seg",  "sentence", "utt",
                              "part", "line",   "slate",   "audio", "face", "track",    "file",
                              "rec",  "record", "session", "block", "chunk"};
  if (takes.count(lower(word.substr(0, letters))) > 0) return false;
  return word.find_first_not_of("0123456789", letters) == std::string::npos;
}

bool vary(const std::vector<std::string>& values) {
  return std::any_of(values.begin(), values.end(),
                     [&](const std::string& value) { return value != values.front(); });
}

/// The label that words say by themselves; "" for none.
std::string telling_label(const std::vector<std::string>& values) {
  if (all_in(values, emotions())) return "emotion";
  if (all_in(values, languages())) return "language";
  if (all_in(values, styles())) return "style";
  if (all_in(values, strengths()) || level_word(values)) return "intensity";
  return "";
}

bool related(const std::string& dir, const std::string& core) {
  return !core.empty() && 2 * longest_common(dir, core).length >= core.size();
}

/// Builds both patterns from pairs.
class Builder {
 public:
  Builder(const std::vector<Path>& audio, const std::vector<Path>& curves,
          const std::vector<Pair>& pairs, const Affixes& how)
      : audio_(audio), curves_(curves), pairs_(pairs), how_(how) {}

  /// False where the patterns would not tell the pairs apart.
  bool build(GuessedPaths& out) {
    link_dirs();
    name_dirs();
    name_core();
    if (!all_apart()) plain_core();
    if (!all_apart()) rename_any();
    if (!all_apart()) return false;
    out.audio =
        text(audio_dirs_, how_.audio_before, how_.audio_after, audio_[pairs_[0].audio].ending);
    out.curves =
        text(curve_dirs_, how_.curves_before, how_.curves_after, curves_[pairs_[0].curves].ending);
    out.pairs = static_cast<int64_t>(pairs_.size());
    for (const auto& name : named_) {
      if (name != "id" && name != "any") out.labels.push_back(name);
    }
    out.label_note = join(notes_, "; ");
    out.labels_sure = sure_;
    return true;
  }

 private:
  /// A folder of the pattern: literal, or a placeholder after some literal text.
  struct Dir {
    std::string literal, name;
    int64_t linked = -1;  // of the audio's: the curves' folder with the same text
  };

  std::vector<std::string> audio_values(size_t i) const {
    std::vector<std::string> out;
    for (const auto& pair : pairs_) out.push_back(audio_[pair.audio].dirs[i]);
    return out;
  }
  std::vector<std::string> curve_values(size_t i) const {
    std::vector<std::string> out;
    for (const auto& pair : pairs_) out.push_back(curves_[pair.curves].dirs[i]);
    return out;
  }

  void link_dirs() {
    const auto& a = audio_[pairs_[0].audio].dirs;
    const auto& c = curves_[pairs_[0].curves].dirs;
    audio_dirs_.resize(a.size());
    curve_dirs_.resize(c.size());
    size_t next = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      const auto values = audio_values(i);
      if (!vary(values)) {
        audio_dirs_[i].literal = a[i];
        continue;
      }
      for (size_t k = next; k < c.size(); ++k) {
        if (curve_values(k) != values) continue;
        audio_dirs_[i].linked = static_cast<int64_t>(k);
        next = k + 1;
        break;
      }
    }
    for (size_t k = 0; k < c.size(); ++k) {
      const auto values = curve_values(k);
      if (vary(values)) {
        curve_dirs_[k].name = "any";
      } else {
        curve_dirs_[k].literal = c[k];
      }
    }
  }

  bool take_name(const std::string& name) { return name == "any" || named_.insert(name).second; }

  void name_dirs() {
    for (size_t i = 0; i < audio_dirs_.size(); ++i) {
      Dir& dir = audio_dirs_[i];
      const auto values = audio_values(i);
      if (!vary(values)) continue;
      dir.name = name_of_dir(values, i + 1 == audio_dirs_.size());
      if (dir.name == "intensity") {
        if (const auto word = level_word(values)) dir.literal = *word;
      }
      if (!take_name(dir.name)) dir.name = "any";
      if (dir.linked >= 0) {
        curve_dirs_[static_cast<size_t>(dir.linked)].name = dir.name;
        curve_dirs_[static_cast<size_t>(dir.linked)].literal = dir.literal;
      }
    }
  }

  std::string name_of_dir(const std::vector<std::string>& values, bool last) {
    const std::set<std::string> kinds(values.begin(), values.end());
    bool is_core = true, is_related = true;
    std::set<std::string> cores;
    for (size_t p = 0; p < pairs_.size(); ++p) {
      is_core = is_core && values[p] == pairs_[p].core;
      is_related = is_related && related(values[p], pairs_[p].core);
      cores.insert(pairs_[p].core);
    }
    if (is_core) return "id";
    if (const auto telling = telling_label(values); !telling.empty()) {
      notes_.push_back(cat("the folders ", some(kinds), " are taken for {", telling, "}"));
      return telling;
    }
    if (all_in(values, parts())) return "any";
    const bool one_each = kinds.size() == pairs_.size();
    if (last && one_each && how_.no_core) return "id";
    if (last && one_each && is_related) return cores.size() == pairs_.size() ? "any" : "id";
    for (const char* name : {"speaker", "style"}) {
      if (named_.count(name) > 0) continue;
      notes_.push_back(cat("the folders ", some(kinds), " are taken for {", name, "}"));
      if (std::string(name) == "style" || one_each) {
        sure_ = Sure::guess;
      } else if (sure_ == Sure::sure) {
        sure_ = Sure::likely;
      }
      return name;
    }
    return "any";
  }

  static std::string some(const std::set<std::string>& values) {
    std::vector<std::string> shown;
    for (const auto& value : values) {
      if (shown.size() == 3) break;
      shown.push_back(value);
    }
    return join(shown, ", ") + (values.size() > 3 ? " …" : "");
  }

  // ---- the part of the name that both share

  struct Piece {
    std::string text;  // literal, or a placeholder's name
    bool placeholder = false;
  };

  void plain_core() {
    for (const auto& piece : core_) {
      if (piece.placeholder && piece.text != "id") named_.erase(piece.text);
    }
    core_ = how_.no_core || named_.count("id") > 0 ? std::vector<Piece>{}
                                                   : std::vector<Piece>{{"id", true}};
    if (!how_.no_core) {
      core_ = {{named_.count("id") > 0 && !dir_is_core() ? "any" : "id", true}};
      named_.insert("id");
    }
  }

  bool dir_is_core() const {
    for (size_t i = 0; i < audio_dirs_.size(); ++i) {
      if (audio_dirs_[i].name != "id") continue;
      const auto values = audio_values(i);
      for (size_t p = 0; p < pairs_.size(); ++p) {
        if (values[p] != pairs_[p].core) return false;
      }
      return true;
    }
    return false;
  }

  /// Words of every core; empty where they are not as many in each, or not told apart alike.
  std::vector<std::vector<std::string>> core_words(std::vector<std::string>& between) const {
    std::vector<std::vector<std::string>> all;
    for (const auto& pair : pairs_) {
      std::vector<std::string> gaps;
      size_t at = 0;
      while ((at = pair.core.find_first_of(kSeparators, at)) != std::string::npos) {
        gaps.emplace_back(1, pair.core[at++]);
      }
      if (all.empty()) between = gaps;
      all.push_back(words_of(pair.core));
      if (gaps != between || all.back().size() != between.size() + 1) return {};
    }
    return all;
  }

  void name_core() {
    const bool dir_has_id = named_.count("id") > 0;
    if (how_.no_core) return;
    std::vector<std::string> between;
    const auto words = core_words(between);
    if (dir_has_id || pairs_.size() < 2 || words.empty()) return common_ends();
    const size_t count = between.size() + 1;
    std::vector<std::string> names(count);  // "": not a label; "=": the same in all
    for (size_t w = 0; w < count; ++w) {
      std::vector<std::string> values;
      for (const auto& line : words) values.push_back(line[w]);
      if (!vary(values)) {
        names[w] = "=";
        continue;
      }
      const std::set<std::string> kinds(values.begin(), values.end());
      const bool again = 2 * kinds.size() <= pairs_.size();
      std::string name = again ? telling_label(values) : "";
      if (name.empty() && again && named_.count("speaker") == 0 &&
          std::all_of(values.begin(), values.end(), like_a_speaker)) {
        name = "speaker";
        sure_ = Sure::guess;
      }
      if (name.empty() || !take_name(name)) continue;
      notes_.push_back(cat("the words ", some(kinds), " in the names are taken for {", name, "}"));
      names[w] = name;
    }
    lay_out(names, words.front(), between);
  }

  /// The longest run of words that are no labels is the id; what is the same in all is literal.
  void lay_out(std::vector<std::string> names, const std::vector<std::string>& first,
               const std::vector<std::string>& between) {
    const size_t count = names.size();
    // A word that is always the same inside a run belongs to it.
    size_t from = 0, length = 0;
    for (size_t w = 0; w < count; ++w) {
      if (!names[w].empty()) continue;
      size_t end = w;
      for (size_t k = w; k < count && (names[k].empty() || names[k] == "="); ++k) {
        if (names[k].empty()) end = k;
      }
      if (end - w + 1 > length) {
        from = w;
        length = end - w + 1;
      }
      w = end;
    }
    core_.clear();
    for (size_t w = 0; w < count; ++w) {
      if (w > 0) core_.push_back({between[w - 1], false});
      if (length > 0 && w == from) {
        core_.push_back({"id", true});
        named_.insert("id");
        w += length - 1;
      } else if (names[w] == "=") {
        core_.push_back({first[w], false});
      } else {
        core_.push_back({names[w].empty() ? "any" : names[w], true});
      }
    }
  }

  /// "_iPhone" of names that all end so.
  std::string common_tail() const {
    std::string tail = pairs_[0].core;
    for (const auto& pair : pairs_) {
      size_t same = 0;
      while (same < std::min(tail.size(), pair.core.size()) &&
             tail[tail.size() - 1 - same] == pair.core[pair.core.size() - 1 - same]) {
        ++same;
      }
      tail = tail.substr(tail.size() - same);
    }
    const auto at = tail.find_first_of(kSeparators);
    return at == std::string::npos ? "" : tail.substr(at);
  }

  /// Where words do not line up: what all names begin with is literal, the rest the id.
  void common_ends() {
    std::vector<std::string> lead = words_of(pairs_[0].core);
    lead.pop_back();
    for (const auto& pair : pairs_) {
      const auto words = words_of(pair.core);
      size_t same = 0;
      while (same < lead.size() && same + 1 < words.size() && words[same] == lead[same]) ++same;
      lead.resize(same);
    }
    size_t length = 0;
    for (const auto& word : lead) length += word.size() + 1;
    const std::string before = pairs_[0].core.substr(0, pairs_.size() < 2 ? 0 : length);
    const bool alike = std::all_of(pairs_.begin(), pairs_.end(),
                                   [&](const Pair& pair) { return pair.core.starts_with(before); });
    core_.clear();
    if (alike && !before.empty()) core_.push_back({before, false});
    const bool any = named_.count("id") > 0 && !dir_is_core();
    if (dir_is_core()) core_.clear();
    core_.push_back({any ? "any" : "id", true});
    if (any && pairs_.size() > 1) {  // other files of the folder must not fit
      if (const auto after = common_tail(); !after.empty()) core_.push_back({after, false});
    }
    named_.insert("id");
  }

  // ---- whether the labels tell all pairs apart

  bool all_apart() const {
    std::set<std::vector<std::string>> seen;
    const bool has_id = std::any_of(core_.begin(), core_.end(), [](const Piece& piece) {
      return piece.placeholder && piece.text == "id";
    });
    for (size_t p = 0; p < pairs_.size(); ++p) {
      std::vector<std::string> key;
      for (size_t i = 0; i < audio_dirs_.size(); ++i) {
        const Dir& dir = audio_dirs_[i];
        // Curves know only what their own path says.
        if (!dir.name.empty() && dir.name != "any" && (dir.linked >= 0 || dir.name == "id")) {
          key.push_back(audio_[pairs_[p].audio].dirs[i]);
        }
      }
      key.push_back(core_key(pairs_[p].core, has_id));
      if (!seen.insert(key).second) return false;
    }
    return true;
  }

  /// What of a core its labels keep.
  std::string core_key(const std::string& core, bool has_id) const {
    if (core_.empty()) return "";
    if (core_.size() == 1) return core_[0].text == "any" ? "" : core;
    const bool loses = std::any_of(core_.begin(), core_.end(), [](const Piece& piece) {
      return piece.placeholder && piece.text == "any";
    });
    if (!loses) return core;
    std::string key;
    const auto words = words_of(core);
    size_t w = 0;
    for (size_t i = 0; i < core_.size(); ++i) {
      const Piece& piece = core_[i];
      if (!piece.placeholder) continue;
      if (piece.text == "id" && has_id) {
        size_t after = 0;
        for (size_t k = i + 1; k < core_.size(); ++k) after += core_[k].placeholder ? 1 : 0;
        for (; w + after < words.size(); ++w) key += words[w] + "/";
        continue;
      }
      if (w < words.size() && piece.text != "any") key += words[w] + "/";
      ++w;
    }
    return key;
  }

  /// A folder that was thought to say nothing is needed to tell takes apart.
  void rename_any() {
    for (Dir& dir : audio_dirs_) {
      if (dir.name != "any" || dir.linked < 0) continue;
      for (const char* name : {"style", "emotion", "intensity", "language"}) {
        if (!named_.insert(name).second) continue;
        dir.name = name;
        curve_dirs_[static_cast<size_t>(dir.linked)].name = name;
        notes_.push_back(cat("a folder is called {", name,
                             "} for want of a better word, because it tells takes apart"));
        sure_ = Sure::guess;
        break;
      }
      if (all_apart()) return;
    }
  }

  std::string text(const std::vector<Dir>& dirs, const std::string& before,
                   const std::string& after, const std::string& ending) const {
    std::string out;
    for (const auto& dir : dirs) {
      out += dir.literal;
      if (!dir.name.empty()) out += "{" + dir.name + "}";
      out += "/";
    }
    out += before;
    for (const auto& piece : core_) {
      out += piece.placeholder ? "{" + piece.text + "}" : piece.text;
    }
    return out + after + ending;
  }

  const std::vector<Path>& audio_;
  const std::vector<Path>& curves_;
  const std::vector<Pair>& pairs_;
  const Affixes& how_;
  std::vector<Dir> audio_dirs_, curve_dirs_;
  std::vector<Piece> core_;
  std::set<std::string> named_;
  std::vector<std::string> notes_;
  Sure sure_ = Sure::sure;
};

}  // namespace

std::string to_string(Sure sure) {
  return sure == Sure::sure ? "sure" : sure == Sure::likely ? "likely" : "a guess";
}

std::vector<std::string> words_of(const std::string& name) {
  std::vector<std::string> words(1);
  for (const char c : name) {
    if (std::string_view(kSeparators).find(c) != std::string_view::npos) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

GuessedPaths guess_paths(const std::vector<std::string>& audio,
                         const std::vector<std::string>& curves) {
  const auto audio_paths = parts_of(audio), curve_paths = parts_of(curves);
  GuessedPaths best;
  for (const auto& how : suggestions(audio_paths, curve_paths)) {
    const auto pairs = pair_up(how, audio_paths, curve_paths);
    if (tells_nothing(how, pairs)) continue;
    if (static_cast<int64_t>(pairs.size()) <= best.pairs) continue;
    GuessedPaths found;
    if (Builder(audio_paths, curve_paths, pairs, how).build(found)) best = found;
  }
  return best;
}

}  // namespace kuchi::data
