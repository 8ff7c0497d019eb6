#include "data/phone_corpus.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "audio/audio.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "data/srt.h"

namespace kuchi::data {
namespace {

namespace fs = std::filesystem;

bool is_audio(const fs::path& file) {
  static const std::vector<std::string> kEndings = {".wav", ".flac", ".ogg", ".mp3",
                                                    ".aif", ".aiff", ".opus"};
  return std::find(kEndings.begin(), kEndings.end(), lower(file.extension().string())) !=
         kEndings.end();
}

/// Every file below, in order of its path.
std::vector<fs::path> files_below(const fs::path& root) {
  std::vector<fs::path> out;
  std::error_code ec;
  for (auto at = fs::recursive_directory_iterator(root, ec);
       !ec && at != fs::recursive_directory_iterator(); at.increment(ec)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) out.push_back(at->path());
  }
  if (ec) fail_data(root, "cannot be searched: " + ec.message());
  std::sort(out.begin(), out.end());
  return out;
}

/// Folders of alike names, from the files upwards.
int64_t kinship(const fs::path& a, const fs::path& b) {
  int64_t out = 0;
  auto one = a.parent_path(), other = b.parent_path();
  while (one.has_relative_path() && other.has_relative_path() &&
         one.filename() == other.filename()) {
    ++out;
    one = one.parent_path();
    other = other.parent_path();
  }
  return out;
}

/// TextGrids and SRTs by the name that they share with their audio.
class Grids {
 public:
  explicit Grids(const std::vector<fs::path>& files) {
    for (const auto& file : files) {
      const auto ending = lower(file.extension().string());
      if (ending == ".textgrid") grids_[file.stem()].push_back(file);
      if (ending == ".srt") subtitles_[file.stem()].push_back(file);
    }
  }
  /// "" where there is none. A TextGrid goes before an SRT, whose times are rounded.
  fs::path of(const fs::path& audio) const {
    const auto grid = nearest(grids_, audio);
    return grid.empty() ? nearest(subtitles_, audio) : grid;
  }

 private:
  using ByName = std::map<fs::path, std::vector<fs::path>>;
  static fs::path nearest(const ByName& by_name, const fs::path& audio) {
    const auto found = by_name.find(audio.stem());
    if (found == by_name.end()) return {};
    const auto& all = found->second;
    const auto nearer = [&](const fs::path& a, const fs::path& b) {
      return kinship(a, audio) < kinship(b, audio);
    };
    const auto best = std::max_element(all.begin(), all.end(), nearer);
    const auto other = std::find_if(all.begin(), all.end(), [&](const fs::path& file) {
      return file != *best && kinship(file, audio) == kinship(*best, audio);
    });
    if (other != all.end()) {
      fail_data(audio, cat("both ", best->string(), " and ", other->string(),
                           " could be its labels; put them beside the audio"));
    }
    return *best;
  }

  ByName grids_, subtitles_;
};

PhoneClip read_clip(const std::string& id, const fs::path& audio, const fs::path& grid,
                    const std::string& tier) {
  PhoneClip clip;
  clip.id = id;
  clip.audio = audio;
  const double heard_s = audio::probe(audio).seconds();
  clip.length = std::llround(heard_s * audio::kRate);
  clip.phones = read_phones(grid, tier, audio, heard_s);
  return clip;
}

struct Heard {
  std::string id;
  fs::path audio;
};

PhoneCorpus gather(const std::vector<Heard>& found, const fs::path& root,
                   const PhoneOptions& options) {
  PhoneCorpus corpus;
  const Grids grids(files_below(root));
  for (const auto& [id, audio] : found) {
    check_interrupt();
    const auto grid = grids.of(audio);
    if (grid.empty()) {
      corpus.skipped.push_back({printable(id), printable(audio.string()) + ": no TextGrid or SRT"});
      continue;
    }
    try {
      corpus.clips.push_back(read_clip(id, audio, grid, options.tier));
    } catch (const UserError& error) {
      // Subtitles of words are common beside sounds; a TextGrid is there for its phones.
      if (!is_srt(grid) || error.code() != Exit::data) throw;
      read_srt(grid);  // what is no SRT at all is told as that
      corpus.skipped.push_back({printable(id), error.what()});
    }
  }
  if (corpus.clips.empty()) {
    fail_data(root,
              found.empty()
                  ? "no audio in this folder or below"
                  : cat("none of ", found.size(),
                        " audio files has a TextGrid or SRT of its name in this folder or below"));
  }
  return corpus;
}

/// `speakers` by a clip's id, where they are known.
void split(PhoneCorpus& corpus, const SplitSpec& spec,
           std::map<std::string, std::string> speakers = {}) {
  std::vector<ClipFacts> facts;
  for (const auto& clip : corpus.clips) facts.push_back({clip.id, speakers[clip.id], clip.length});
  corpus.pieces = split_clips(spec, facts, audio::kRate);
}

void add_phones(PhoneCorpus& corpus, const std::string& where) {
  for (const auto& clip : corpus.clips) corpus.phones.add(clip.phones);
  if (corpus.phones.size() < 2) {
    fail_data(where, cat("its labels tell ", corpus.phones.size(),
                         " phones; there is nothing to learn from fewer than 2"));
  }
}

SplitSpec by_clip(const PhoneOptions& options) {
  SplitSpec spec;
  spec.by = options.held_out > 0 ? SplitBy::clip : SplitBy::none;
  spec.valid = options.held_out;
  spec.test = 0;
  spec.seed = static_cast<int64_t>(options.seed);
  return spec;
}

PhoneCorpus of_recipe(const fs::path& file, const PhoneOptions& options) {
  const Recipe recipe = load_recipe(file);
  std::vector<Heard> found;
  std::map<std::string, std::string> speakers;
  for (const auto& clip : find_clips(recipe, recipe.root).clips) {
    found.push_back({clip.id, clip.audio});
    const auto speaker = clip.labels.find("speaker");
    if (speaker != clip.labels.end()) speakers[clip.id] = speaker->second;
  }
  auto corpus = gather(found, recipe.root, options);
  corpus.provenance = recipe.provenance;
  // A clip that is listed and has no labels must not stop the others.
  auto spec = recipe.split;
  std::vector<std::string> ids;
  for (const auto& clip : corpus.clips) ids.push_back(clip.id);
  forget_absent(spec, ids);
  split(corpus, spec, std::move(speakers));
  return corpus;
}

PhoneCorpus of_folder(const fs::path& root, const PhoneOptions& options) {
  std::vector<Heard> found;
  for (const auto& file : files_below(root)) {
    if (is_audio(file)) found.push_back({file.lexically_relative(root).generic_string(), file});
  }
  auto corpus = gather(found, root, options);
  split(corpus, by_clip(options));
  return corpus;
}

}  // namespace

double PhoneCorpus::seconds(Split split) const {
  int64_t samples = 0;
  for (const auto& piece : pieces) {
    if (piece.split == split) samples += piece.end - piece.begin;
  }
  return static_cast<double>(samples) / audio::kRate;
}

PhoneCorpus find_phones(const fs::path& what, const PhoneOptions& options) {
  std::error_code ec;
  if (!fs::exists(what, ec)) fail_data(what, "no such file or folder");
  const bool folder = fs::is_directory(what, ec);
  const fs::path recipe = folder ? what / "recipe.yaml" : what;
  auto corpus =
      !folder || fs::exists(recipe, ec) ? of_recipe(recipe, options) : of_folder(what, options);
  add_phones(corpus, what.string());
  return corpus;
}

PhoneCorpus embedded_phones(const synth::Options& set, const PhoneOptions& options) {
  PhoneCorpus corpus;
  corpus.provenance.data = "synth";
  corpus.provenance.licence = "Apache-2.0";
  corpus.provenance.consent =
      "none is needed, no person was recorded; the voices and faces are computed";
  corpus.provenance.permitted_use = "anything that the licence permits";
  corpus.clips.resize(static_cast<size_t>(set.clips));
  for (int64_t i = 0; i < set.clips; ++i) {
    check_interrupt();
    auto made = synth::make_clip(set, i);
    auto& clip = corpus.clips[static_cast<size_t>(i)];
    clip.id = made.id;
    clip.samples = std::move(made.audio);
    clip.length = static_cast<int64_t>(clip.samples.size());
    for (const auto& phone : made.phones) {
      clip.phones.push_back({phone.label, phone.begin_s, phone.end_s});
    }
  }
  split(corpus, by_clip(options));
  add_phones(corpus, "the embedded set");
  return corpus;
}

std::vector<float> samples_of(const PhoneClip& clip) {
  return clip.audio.empty() ? clip.samples : audio::read(clip.audio);
}

}  // namespace kuchi::data
