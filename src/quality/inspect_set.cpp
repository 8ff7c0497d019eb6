#include "quality/inspect_set.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "audio/audio.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "curves/track.h"
#include "data/make_clip.h"
#include "data/ordered.h"
#include "data/split.h"
#include "io/json_text.h"
#include "quality/findings.h"
#include "quality/fingerprint.h"

namespace kuchi::quality {
namespace fs = std::filesystem;
namespace {

/// What is kept of a clip once it was read.
struct Judged {
  Facts facts;
  std::vector<uint32_t> words;
  Matrix shape;
  std::string why;  // it cannot be read
  std::string speaker;
};

Judged judge(const Capture& capture, const curves::Rig& rig, const Limits& limits) {
  Judged judged;
  judged.facts = measure(capture, rig, limits);
  judged.words = sound_words(capture.audio);
  judged.shape = curve_shape(capture.values, capture.times_s, capture.fps);
  return judged;
}

Judged judge_files(const data::FoundClip& found, const curves::ReadOptions& read,
                   const curves::Rig& rig, const Limits& limits) {
  Judged judged;
  try {
    Capture capture;
    capture.id = found.id;
    auto track = curves::on_rig(curves::read_track(found.curves, read), rig, found.curves);
    capture.repeated = track.repeated;
    capture.fps = track.fps > 0 ? track.fps : std::max(read.fps, 1.0);
    capture.own_times = track.format != "npy";
    capture.times_s = std::move(track.times_s);
    capture.values = std::move(track.values);
    capture.audio = audio::read(found.audio);
    judged = judge(capture, rig, limits);
  } catch (const UserError& error) {
    if (error.code() != Exit::data) throw;
    judged.why = printable(error.what());
  }
  judged.facts.id = found.id;
  const auto label = found.labels.find("speaker");
  judged.speaker = label == found.labels.end() ? "" : label->second;
  return judged;
}

/// Which splits each clip has frames in.
void set_splits(data::SplitSpec split, double fps, std::vector<Judged>& judged) {
  std::vector<data::ClipFacts> facts;
  std::vector<std::string> ids;
  for (const auto& clip : judged) {
    ids.push_back(clip.facts.id);
    facts.push_back({clip.facts.id, clip.speaker,
                     std::max<int64_t>(1, std::llround(clip.facts.seconds * fps))});
  }
  data::forget_absent(split, ids);
  for (const auto& piece : data::split_clips(split, facts, fps)) {
    auto& splits = judged[static_cast<size_t>(piece.clip)].facts.splits;
    const std::string name(data::to_string(piece.split));
    if (std::find(splits.begin(), splits.end(), name) == splits.end()) splits.push_back(name);
  }
}

void conclude(std::vector<Judged> judged, const Limits& limits, Inspection& out) {
  std::vector<std::vector<uint32_t>> words;
  std::vector<Matrix> shapes;
  for (auto& clip : judged) {
    const auto own = findings_of(clip.facts, out.rig, limits);
    out.findings.insert(out.findings.end(), own.begin(), own.end());
    words.push_back(std::move(clip.words));
    shapes.push_back(std::move(clip.shape));
    out.clips.push_back(std::move(clip.facts));
  }
  const auto of_set = findings_of_set(out.clips, out.rig, limits);
  out.findings.insert(out.findings.end(), of_set.begin(), of_set.end());
  const auto same =
      findings_of_same(out.clips, same_sounds(words), same_curves(shapes, limits.same_curves));
  out.findings.insert(out.findings.end(), same.begin(), same.end());
  std::stable_sort(out.findings.begin(), out.findings.end(),
                   [](const Finding& a, const Finding& b) {
                     return std::pair(a.weight, a.clip) < std::pair(b.weight, b.clip);
                   });
}

}  // namespace

double Inspection::seconds() const {
  double sum = 0;
  for (const auto& clip : clips) sum += clip.seconds;
  return sum;
}

Inspection inspect_recipe(const data::Recipe& recipe, const InspectOptions& options) {
  const fs::path root = options.root.empty() ? recipe.root : options.root;
  Inspection out;
  out.name = recipe.provenance.data;
  out.where = recipe.file.string();
  out.rig = curves::load_rig(recipe.rig);
  auto found = data::find_clips(recipe, root);
  data::check_split(recipe.split, found);
  curves::ReadOptions read;
  read.format = recipe.clips.format;
  read.fps = recipe.fps;
  if (!recipe.clips.names.empty()) read.names_file = data::names_file(recipe, root);
  out.skipped = std::move(found.skipped);

  const int threads = options.threads > 0
                          ? options.threads
                          : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::vector<Judged> judged;
  Progress progress("inspect", static_cast<int64_t>(found.clips.size()));
  data::Ordered<Judged> order(static_cast<int64_t>(found.clips.size()), threads, [&](int64_t i) {
    return judge_files(found.clips[static_cast<size_t>(i)], read, out.rig, options.limits);
  });
  std::vector<double> rates;
  order.run([&](int64_t i, Judged&& clip) {
    progress.at(i + 1, clip.facts.id);
    if (!clip.why.empty()) {
      out.skipped.push_back({clip.facts.id, clip.why});
      return;
    }
    rates.push_back(clip.facts.fps);
    judged.push_back(std::move(clip));
  });
  progress.finish();
  out.fps = recipe.fps;
  if (out.fps == 0 && !rates.empty()) {
    const auto middle = rates.begin() + static_cast<int64_t>(rates.size() / 2);
    std::nth_element(rates.begin(), middle, rates.end());
    out.fps = data::nominal_fps(*middle);
  }
  if (!judged.empty()) set_splits(recipe.split, out.fps, judged);
  for (const auto& skipped : out.skipped) {
    out.findings.push_back(
        {"skipped", Weight::error, skipped.id, skipped.why + " (prepare skips this clip)"});
  }
  conclude(std::move(judged), options.limits, out);
  return out;
}

Inspection inspect_store(const data::Store& store, const InspectOptions& options) {
  const auto& info = store.info();
  Inspection out;
  out.name = info.provenance.data;
  out.where = info.file.string();
  out.rig = info.rig;
  out.fps = info.fps;
  out.own_times = false;
  std::vector<Judged> judged;
  Progress progress("inspect", static_cast<int64_t>(info.clips.size()));
  for (size_t i = 0; i < info.clips.size(); ++i) {
    check_interrupt();
    Capture capture;
    capture.id = info.clips[i].id;
    capture.fps = info.fps;
    capture.own_times = false;
    capture.values = store.read_curves(static_cast<int64_t>(i));
    capture.audio = store.read_audio(static_cast<int64_t>(i));
    judged.push_back(judge(capture, out.rig, options.limits));
    progress.at(static_cast<int64_t>(i) + 1, capture.id);
  }
  progress.finish();
  for (const auto& piece : data::split_store(info)) {
    auto& splits = judged[static_cast<size_t>(piece.clip)].facts.splits;
    const std::string name(data::to_string(piece.split));
    if (std::find(splits.begin(), splits.end(), name) == splits.end()) splits.push_back(name);
  }
  conclude(std::move(judged), options.limits, out);
  return out;
}

std::string count_text(const Inspection& inspection) {
  std::vector<std::string> parts;
  for (const auto weight : {Weight::error, Weight::warning, Weight::note}) {
    const auto count = std::count_if(inspection.findings.begin(), inspection.findings.end(),
                                     [&](const Finding& f) { return f.weight == weight; });
    if (count > 0) parts.push_back(cat(count, " ", to_string(weight), count == 1 ? "" : "s"));
  }
  return parts.empty() ? "nothing found" : join(parts, ", ");
}

nlohmann::ordered_json to_json(const Inspection& inspection) {
  using Json = nlohmann::ordered_json;
  Json clips = Json::array(), findings = Json::array(), skipped = Json::array();
  for (const auto& f : inspection.clips) {
    clips.push_back({{"id", f.id},
                     {"splits", f.splits},
                     {"seconds", f.seconds},
                     {"fps", f.fps},
                     {"rows", f.rows},
                     {"missing", f.missing},
                     {"gaps", f.gaps},
                     {"longest_gap_s", f.longest_gap_s},
                     {"repeated", f.repeated},
                     {"held", f.held},
                     {"frozen_s", f.frozen_s},
                     {"outside", f.outside},
                     {"clipped", f.clipped},
                     {"jitter", f.jitter},
                     {"silence", f.silence},
                     {"audio_peak", f.audio_peak},
                     {"audio_clipped", f.audio_clipped},
                     {"closures", f.closures},
                     {"closures_per_min", io::number_or_null(f.closures_per_min)},
                     {"asymmetry", io::number_or_null(f.asymmetry)},
                     {"odd", f.odd}});
  }
  for (const auto& f : inspection.findings) {
    Json one = {
        {"kind", f.kind}, {"weight", to_string(f.weight)}, {"clip", f.clip}, {"text", f.text}};
    if (!f.curve.empty()) one["curve"] = f.curve;
    if (f.begin_s) one["begin_s"] = *f.begin_s;
    if (f.end_s) one["end_s"] = *f.end_s;
    findings.push_back(std::move(one));
  }
  for (const auto& s : inspection.skipped) skipped.push_back({{"id", s.id}, {"why", s.why}});
  return {{"clips", clips}, {"findings", findings}, {"skipped", skipped}};
}

}  // namespace kuchi::quality
