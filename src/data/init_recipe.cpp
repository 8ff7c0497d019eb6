#include "data/init_recipe.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "audio/audio.h"
#include "config/yaml.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/text.h"
#include "curves/track.h"
#include "data/guess_rig.h"
#include "data/make_clip.h"
#include "data/recipe.h"
#include "data/takes.h"
#include "io/atomic_file.h"
#include "io/npy.h"

namespace kuchi::data {
namespace fs = std::filesystem;
namespace {

constexpr size_t kRead = 12;       // clips whose curves are read whole, and whose audio is measured
constexpr size_t kRigRead = 40;    // the same where a new rig's ranges must be seen
constexpr size_t kMostGroups = 6;  // of files alike, the largest, that are tried as pairs
constexpr size_t kMostNames = 2000;
constexpr int64_t kClipsForSplit = 10;
constexpr size_t kSpeakersForSplit = 3;
constexpr const char* kTodo = "TODO: under which licence may these recordings be used?";

std::string ending_of(const std::string& path) {
  return lower(fs::path(path).extension().string());
}

size_t depth_of(const std::string& path) {
  return static_cast<size_t>(std::count(path.begin(), path.end(), '/'));
}

/// Files of one ending and depth, of curves also of one format.
struct Group {
  std::string ending, format;  // format "auto": of several
  std::vector<std::string> paths;
};

std::vector<Group> largest(std::map<std::tuple<std::string, size_t, std::string>, Group> groups) {
  std::vector<Group> out;
  for (auto& [key, group] : groups) out.push_back(std::move(group));
  std::stable_sort(out.begin(), out.end(),
                   [](const Group& a, const Group& b) { return a.paths.size() > b.paths.size(); });
  if (out.size() > kMostGroups) out.resize(kMostGroups);
  return out;
}

std::vector<Group> audio_groups(const Takes& takes) {
  std::map<std::tuple<std::string, size_t, std::string>, Group> groups;
  for (const auto& file : takes.audio) {
    auto& group = groups[{ending_of(file.path), depth_of(file.path), ""}];
    group.ending = ending_of(file.path);
    group.paths.push_back(file.path);
  }
  return largest(std::move(groups));
}

std::vector<Group> curve_groups(const Takes& takes) {
  std::map<std::tuple<std::string, size_t, std::string>, Group> groups, mixed;
  std::map<std::tuple<std::string, size_t>, std::set<std::string>> formats;
  for (const auto& file : takes.curves) {
    const auto ending = ending_of(file.path);
    const auto depth = depth_of(file.path);
    formats[{ending, depth}].insert(file.format);
    for (auto* all : {&groups, &mixed}) {
      const std::string format = all == &groups ? file.format : "auto";
      auto& group = (*all)[{ending, depth, format}];
      group.ending = ending;
      group.format = format;
      group.paths.push_back(file.path);
    }
  }
  for (auto& [key, group] : mixed) {
    if (formats[{std::get<0>(key), std::get<1>(key)}].size() > 1) groups[key] = std::move(group);
  }
  return largest(std::move(groups));
}

/// Which of equally many pairs is taken: sound that needs no decoder first, then the more telling
/// format.
size_t place_in(const std::vector<std::string>& order, const std::string& word) {
  return static_cast<size_t>(std::find(order.begin(), order.end(), word) - order.begin());
}

struct Chosen {
  GuessedPaths paths;
  Group audio, curves;
};

Chosen choose(const Takes& takes) {
  static const std::vector<std::string> kEndings = {".wav",  ".flac", ".w64", ".aif",
                                                    ".aiff", ".caf",  ".ogg", ".opus",
                                                    ".mp3",  ".m4a",  ".mov", ".mp4"};
  const auto formats = curves::readable_formats();
  std::optional<Chosen> best;
  std::tuple<int64_t, size_t, size_t> best_rank;
  for (const auto& audio : audio_groups(takes)) {
    for (const auto& curves : curve_groups(takes)) {
      check_interrupt();
      Chosen now{guess_paths(audio.paths, curves.paths), audio, curves};
      if (now.paths.pairs == 0) continue;
      const std::tuple rank{-now.paths.pairs, place_in(kEndings, audio.ending),
                            place_in(formats, curves.format)};
      if (best && best_rank <= rank) continue;
      best_rank = rank;
      best = std::move(now);
    }
  }
  return best.value_or(Chosen{});
}

// ---- what the files hold

struct Sample {
  FoundClip clip;
  curves::Track track;
  double audio_s = 0;
};

struct Read {
  std::vector<Sample> samples;
  bool timed = true;  // the files say their times themselves
  std::string names;  // under the root, for formats without names
  std::string names_note;
  std::string unreadable;  // why the first one that cannot be read cannot
  int64_t failed = 0;
};

/// A text file with as many lines as an array has columns.
std::string find_names(const fs::path& dir, const Takes& takes, int64_t columns) {
  for (const auto& text : takes.texts) {
    std::error_code ec;
    if (fs::file_size(dir / text, ec) > kMostNames * 200 || ec) continue;
    int64_t count = 0;
    bool names = true;
    for (const auto& line : split(io::read_text(dir / text), '\n')) {
      const auto name = trim(line);
      if (name.empty()) continue;
      ++count;
      double number = 0;
      names = names && name.size() < 80 && name.find_first_of(" \t,;") == std::string::npos &&
              !parse_number(name, number);
    }
    if (names && count == columns) return text;
  }
  return "";
}

/// Names for an array that has none of its own.
void settle_names(const fs::path& dir, const Takes& takes, const Found& found, Read& read) {
  const fs::path first = found.clips.front().curves;
  std::error_code ec;
  if (fs::exists(curves::names_beside(first), ec)) {
    read.names_note = "names stand beside each file";
    return;
  }
  if (lower(first.extension().string()) != ".npy") return;
  const auto header = io::read_npy_header(first);
  const int64_t columns = header.shape.size() > 1 ? header.shape[1] : 1;
  read.names = find_names(dir, takes, columns);
  if (read.names.empty()) {
    fail_data(first,
              cat("holds ", columns, " curves without names, and no text file under ", dir.string(),
                  " has as many lines; put one there with a name a line, in "
                  "the order of the columns"));
  }
  read.names_note = cat("has ", columns, " lines, as the arrays have columns");
}

Read read_samples(const fs::path& dir, const Takes& takes, const Found& found, size_t most,
                  const std::string& format) {
  Read read;
  settle_names(dir, takes, found, read);
  curves::ReadOptions how;
  how.format = format;
  if (!read.names.empty()) how.names_file = dir / read.names;
  const size_t count = std::min(found.clips.size(), most);
  for (size_t i = 0; i < count; ++i) {
    check_interrupt();
    Sample sample;
    sample.clip = found.clips[i * found.clips.size() / count];
    try {
      how.fps = 30;
      sample.track = curves::read_track(sample.clip.curves, how);
      if (read.samples.empty()) {  // times that follow the rate that is given are none
        how.fps = 60;
        read.timed = curves::read_track(sample.clip.curves, how).fps == sample.track.fps;
      }
    } catch (const UserError& error) {
      if (error.code() != Exit::data) throw;
      if (read.failed++ == 0) read.unreadable = error.what();
      continue;
    }
    try {
      sample.audio_s = audio::probe(sample.clip.audio).seconds();
    } catch (const UserError& error) {
      if (error.code() != Exit::data && error.code() != Exit::environment) throw;
      if (read.failed++ == 0) read.unreadable = error.what();
    }
    read.samples.push_back(std::move(sample));
  }
  if (read.samples.empty()) throw UserError(Exit::data, read.unreadable);
  return read;
}

std::string span_text(std::vector<double> values, int digits) {
  std::sort(values.begin(), values.end());
  const auto low = number(values.front(), digits), high = number(values.back(), digits);
  return low == high ? low : cat(low, " to ", high);
}

GuessLine guess_fps(const Read& read) {
  GuessLine line{"fps", "timecode", Sure::sure, ""};
  const auto count = read.samples.size();
  if (read.timed) {
    std::vector<double> measured;
    std::map<double, size_t> nominal;
    for (const auto& sample : read.samples) {
      if (!(sample.track.fps > 0)) continue;
      measured.push_back(sample.track.fps);
      ++nominal[nominal_fps(sample.track.fps)];
    }
    if (measured.empty()) return {"fps", "30", Sure::guess, "the files have one row each"};
    std::vector<std::string> kinds;
    for (const auto& [fps, times] : nominal) kinds.push_back(number(fps, 5));
    line.note =
        cat(span_text(measured, 5), " measured in the times of ", measured.size(),
            measured.size() == 1 ? " file" : " files", ", which counts as ", join(kinds, " and "));
    if (kinds.size() > 1) line.sure = Sure::likely;
    return line;
  }
  std::vector<double> rates;
  for (const auto& sample : read.samples) {
    if (sample.audio_s > 0.5) {
      rates.push_back(static_cast<double>(sample.track.values.rows) / sample.audio_s);
    }
  }
  if (rates.empty()) {
    return {"fps", "30", Sure::guess, "TODO: the files hold no times and the audio gives none"};
  }
  std::nth_element(rates.begin(), rates.begin() + static_cast<int64_t>(rates.size() / 2),
                   rates.end());
  const double middle = rates[rates.size() / 2];
  double nearest = 0;
  for (const double rate :
       {10., 12., 15., 20., 24., 25., 30., 48., 50., 60., 90., 100., 120., 240.}) {
    if (std::abs(rate - middle) < std::abs(nearest - middle)) nearest = rate;
  }
  const bool known = std::abs(nearest / middle - 1) < 0.02;
  line.value = number(known ? nearest : middle, known ? 6 : 4);
  const bool agree = std::all_of(rates.begin(), rates.end(),
                                 [&](double rate) { return std::abs(rate / middle - 1) < 0.02; });
  line.sure = known && agree ? Sure::likely : Sure::guess;
  line.note = cat("the files hold no times; rows by the seconds of their audio are ",
                  span_text(rates, 4), " in ", rates.size(), " of ", count);
  return line;
}

/// How many samples prepare would skip for their lengths.
int64_t unlike_lengths(const Read& read, double fps) {
  return std::count_if(read.samples.begin(), read.samples.end(), [&](const Sample& sample) {
    if (!(sample.audio_s > 0)) return false;
    const double rate = read.timed ? sample.track.fps : fps;
    const double curves_s = read.timed ? sample.track.times_s.back() + 1 / std::max(rate, 1.0)
                                       : static_cast<double>(sample.track.values.rows) / fps;
    return std::abs(curves_s - sample.audio_s) >
           duration_tolerance(sample.audio_s, std::max(rate, 1.0));
  });
}

GuessLine guess_split(const Found& found, const GuessedPaths& paths) {
  std::set<std::string> speakers;
  for (const auto& clip : found.clips) {
    const auto label = clip.labels.find("speaker");
    if (label != clip.labels.end()) speakers.insert(label->second);
  }
  const auto clips = static_cast<int64_t>(found.clips.size());
  if (speakers.size() >= kSpeakersForSplit) {
    return {"split", "{by: speaker, valid: 0.1, test: 0.1, seed: 0}", paths.labels_sure,
            cat(speakers.size(), " speakers, none of whom is in two splits")};
  }
  if (clips >= kClipsForSplit) {
    return {"split", "{by: clip, valid: 0.1, test: 0.1, seed: 0}", Sure::sure,
            cat("whole clips are drawn from ", clips,
                speakers.size() == 2 ? ", of two speakers: too few to keep apart" : "")};
  }
  return {"split", "{by: time, valid: 0.1, test: 0.1, gap_seconds: 1}", Sure::sure,
          cat("the end of each of the ", clips, clips == 1 ? " clip" : " clips",
              "; for whole clips ten are too few")};
}

std::string usable_name(const fs::path& dir) {
  std::error_code ec;
  const auto full = fs::weakly_canonical(dir, ec);
  std::string name = full.filename().string();
  for (char& c : name) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
    if (!plain) c = '_';
  }
  return name.empty() ? "takes" : name;
}

std::string commented(const std::string& line, const GuessLine& guess) {
  std::string note = printable(guess.note);
  return cat(line, "  # ", to_string(guess.sure), note.empty() ? "" : ": ", note, "\n");
}

const GuessLine& line_of(const std::vector<GuessLine>& lines, const std::string& what) {
  return *std::find_if(lines.begin(), lines.end(),
                       [&](const GuessLine& line) { return line.what == what; });
}

std::string compose(const InitReport& report, const std::string& name, const std::string& root,
                    const fs::path& dir) {
  const auto scalar = [](const std::string& text) { return config::yaml_scalar(text); };
  const auto at = [&](const char* what) { return line_of(report.lines, what); };
  std::string text =
      cat("# Written by kuchi init from what it saw in ", printable(dir.string()), ".\n",
          "# After a # stands how sure each guess is, and from what. datasets/README.md tells the "
          "form.\n",
          "name: ", scalar(name), "\n", "licence: ", scalar(kTodo), "\n",
          "# consent: required  # as it stands, prepare goes on without; take the # away to be "
          "made to\n",
          "#                      write what the recorded people agreed to\n",
          "root: ", scalar(root), "\n", commented("fps: " + at("fps").value, at("fps")),
          commented("rig: " + scalar(at("rig").value), at("rig")), "clips:\n",
          commented("  audio: " + scalar(at("audio").value), at("audio")),
          commented("  curves: " + scalar(at("curves").value), at("curves")));
  for (const auto& line : report.lines) {
    if (line.what == "names") text += commented("  names: " + scalar(line.value), line);
  }
  text += commented("  format: " + scalar(at("format").value), at("format"));
  for (const auto& line : report.lines) {
    if (line.what != "labels") continue;
    text += cat("# labels: ", to_string(line.sure), ": ", printable(line.note), "\n");
  }
  text += commented("split: " + at("split").value, at("split"));
  for (const auto& note : report.notes) text += cat("# ", printable(note), "\n");
  return text;
}

std::string files(int64_t count, const char* what) {
  return cat(count, " ", what, count == 1 ? " file" : " files");
}

void add_path_lines(const Chosen& chosen, const Found& found, InitReport& report) {
  const auto& paths = chosen.paths;
  const auto all_audio = static_cast<int64_t>(chosen.audio.paths.size());
  const auto clips = static_cast<int64_t>(found.clips.size());
  const Sure sure = clips == all_audio      ? Sure::sure
                    : 2 * clips > all_audio ? Sure::likely
                                            : Sure::guess;
  report.lines.push_back(
      {"audio", paths.audio, sure,
       cat(clips, " of ", files(all_audio, chosen.audio.ending.c_str()), " have their curves")});
  const auto all_curves = static_cast<int64_t>(chosen.curves.paths.size());
  report.lines.push_back(
      {"curves", paths.curves, sure,
       cat(clips, " of ", files(all_curves, chosen.curves.ending.c_str()), " have their audio")});
  if (!paths.labels.empty()) {
    report.lines.push_back(
        {"labels", join(paths.labels, ", "), paths.labels_sure, paths.label_note});
  }
}

void add_notes(const Takes& takes, const Chosen& chosen, const Read& read, double fps,
               InitReport& report) {
  const auto other_audio = static_cast<int64_t>(takes.audio.size() - chosen.audio.paths.size());
  const auto other_curves = static_cast<int64_t>(takes.curves.size() - chosen.curves.paths.size());
  if (other_audio > 0) {
    report.notes.push_back(files(other_audio, "other audio") +
                           " left out: other endings or folders");
  }
  if (other_curves > 0) {
    report.notes.push_back(files(other_curves, "other curve") +
                           " left out: other formats, endings or folders");
  }
  if (report.skipped > 0) {
    report.notes.push_back(files(report.skipped, "") +
                           " without a partner; kuchi prepare names them");
  }
  if (!takes.unusable.empty()) {
    report.notes.push_back(cat(files(static_cast<int64_t>(takes.unusable.size()), ""),
                               " with braces in the name or no UTF-8, which no pattern can say: ",
                               takes.unusable.front()));
  }
  if (const auto unlike = unlike_lengths(read, fps); unlike > 0) {
    report.notes.push_back(cat("of ", read.samples.size(), " clips looked at, ", unlike,
                               " have curves of another length than their audio; "
                               "prepare skips these, unless fps or the pairs are wrong"));
  }
  if (read.failed > 0) {
    report.notes.push_back(
        cat(read.failed,
            " of the files looked at cannot be read, the first because: ", read.unreadable));
  }
  if (!takes.grids.empty()) {
    report.notes.push_back(cat(files(static_cast<int64_t>(takes.grids.size()), "TextGrid"),
                               ": phones, for kuchi encoder pretrain"));
  }
}

Chosen look(const fs::path& dir, const Takes& takes) {
  if (takes.audio.empty()) {
    fail_data(dir,
              "holds no audio (.wav, .flac, .mov …); give the folder that holds sound and curves");
  }
  if (takes.curves.empty()) {
    fail_data(dir, cat("holds no curve file; known formats are ",
                       join(curves::readable_formats(), ", "), "; docs/formats.md tells them"));
  }
  Chosen chosen = choose(takes);
  if (chosen.paths.pairs == 0) {
    fail_data(dir,
              cat("no audio file goes with a curve file by its name or folder (",
                  printable(takes.audio.front().path), ", ", printable(takes.curves.front().path),
                  "); name them alike, or write a recipe: datasets/README.md"));
  }
  return chosen;
}

}  // namespace

InitReport guess_recipe(const fs::path& dir, const fs::path& out) {
  const Takes takes = find_takes(dir);
  const Chosen chosen = look(dir, takes);
  InitReport report;
  report.recipe = out.empty() ? dir / "recipe.yaml" : out;

  Recipe recipe;
  recipe.file = report.recipe;
  recipe.root = dir;
  recipe.provenance.data = usable_name(dir);
  recipe.clips = {chosen.paths.audio, chosen.paths.curves, "", chosen.curves.format};
  const Found found = find_clips(recipe, dir);
  if (found.clips.empty()) {
    fail_data(dir, cat("its names are too unlike each other for a pattern (", chosen.paths.audio,
                       " was tried); write a recipe: datasets/README.md"));
  }
  report.clips = static_cast<int64_t>(found.clips.size());
  report.skipped = static_cast<int64_t>(found.skipped.size());
  add_path_lines(chosen, found, report);

  Read read = read_samples(dir, takes, found, kRead, chosen.curves.format);
  const auto tracks_of = [](const Read& samples) {
    std::vector<curves::Track> tracks;
    for (const auto& sample : samples.samples) tracks.push_back(sample.track);
    return tracks;
  };
  const std::string rig_name = usable_name(dir) + "-rig";
  GuessedRig rig = guess_rig(tracks_of(read), rig_name);
  if (rig.is_new && found.clips.size() > read.samples.size()) {
    rig = guess_rig(tracks_of(read_samples(dir, takes, found, kRigRead, chosen.curves.format)),
                    rig_name);
  }
  if (!read.names.empty()) {
    report.lines.push_back({"names", read.names, Sure::likely, read.names_note});
  }
  report.lines.push_back({"format", chosen.curves.format, Sure::sure,
                          cat("by content of all ", chosen.curves.paths.size())});
  report.lines.push_back(guess_fps(read));
  report.lines.push_back({"rig", rig.is_new ? rig.name + ".yaml" : rig.name, rig.sure, rig.note});
  report.lines.push_back(guess_split(found, chosen.paths));
  double fps = 30;
  parse_number(line_of(report.lines, "fps").value, fps);
  add_notes(takes, chosen, read, fps, report);
  if (rig.is_new) {
    report.rig_file = report.recipe.parent_path() / (rig.name + ".yaml");
    report.rig_text = new_rig_text(rig);
  }
  std::error_code ec;
  const fs::path beside = fs::absolute(report.recipe, ec).parent_path();
  const fs::path root =
      fs::weakly_canonical(dir, ec).lexically_relative(fs::weakly_canonical(beside, ec));
  report.recipe_text =
      compose(report, recipe.provenance.data,
              root.empty() ? fs::absolute(dir).string() : root.generic_string(), dir);
  return report;
}

void write_recipe(const InitReport& report, bool force) {
  io::refuse_overwrite(report.recipe, force);
  if (!report.rig_file.empty()) {
    io::refuse_overwrite(report.rig_file, force);
    io::write_atomically(report.rig_file, report.rig_text);
  }
  io::write_atomically(report.recipe, report.recipe_text);
}

nlohmann::ordered_json to_json(const InitReport& report) {
  nlohmann::ordered_json out = {{"recipe", report.recipe.string()},
                                {"rig_file", nullptr},
                                {"clips", report.clips},
                                {"skipped", report.skipped}};
  if (!report.rig_file.empty()) out["rig_file"] = report.rig_file.string();
  for (const auto& line : report.lines) {
    out["guesses"][line.what] = {
        {"value", line.value}, {"sure", to_string(line.sure)}, {"note", line.note}};
  }
  out["notes"] = report.notes;
  return out;
}

std::string to_text(const InitReport& report) {
  size_t what = 0, value = 0;
  for (const auto& line : report.lines) {
    what = std::max(what, line.what.size());
    value = std::max(value, std::min<size_t>(line.value.size(), 44));
  }
  const auto pad = [](const std::string& text, size_t width) {
    return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
  };
  std::string out;
  for (const auto& line : report.lines) {
    out += cat(pad(line.what, what), "  ", pad(printable(line.value), value), "  ",
               to_string(line.sure), ": ", printable(line.note), "\n");
  }
  for (const auto& note : report.notes) out += cat("note: ", printable(note), "\n");
  out += cat(report.recipe.string(), ": written for ", report.clips,
             report.clips == 1 ? " clip" : " clips", "; its licence is still TODO\n");
  if (!report.rig_file.empty()) {
    out += cat(report.rig_file.string(), ": a new rig; look at its ranges and its aperture\n");
  }
  return out;
}

}  // namespace kuchi::data
