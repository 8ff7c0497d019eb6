#include "train/report_run.h"

#include <algorithm>
#include <cmath>

#include "audio/audio.h"
#include "core/text.h"
#include "train/clips.h"
#include "train/judge_phones.h"
#include "train/report_choice.h"
#include "train/report_facts.h"

namespace kuchi::train {
namespace {

std::string labels_text(const data::Labels& labels) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : labels) {
    if (!value.empty()) parts.push_back(name + " " + value);
  }
  return join(parts, ", ");
}

/// First frame of the part to show: the whole seconds around the worst one.
int64_t excerpt_begin(const eval::ClipResult& result, const report::Second& worst, int64_t frames) {
  const double before_s = (static_cast<double>(frames) / result.fps - 1) / 2;
  const auto begin = static_cast<int64_t>(
      std::llround(std::floor(std::max(0.0, worst.begin_s - before_s)) * result.fps));
  return std::min(begin, result.target.rows - frames);
}

/// The phones of a stretch of a recording, in its own time.
std::vector<report::PagePhone> phones_between(const std::vector<data::Interval>& phones,
                                              double begin_s, double end_s) {
  std::vector<report::PagePhone> out;
  for (const auto& phone : phones) {
    if (phone.end_s <= begin_s || phone.begin_s >= end_s) continue;
    out.push_back({std::max(phone.begin_s, begin_s) - begin_s,
                   std::min(phone.end_s, end_s) - begin_s, phone.label});
  }
  return out;
}

/// `others`: what another run says of the same clips.
report::PageClip page_clip(const Judging& judging, const eval::ClipResult& result,
                           const std::vector<eval::ClipResult>& others,
                           const std::optional<LabelBook>& labels, const report::Second& worst,
                           double seconds) {
  const auto& piece = piece_of(judging, result.id);
  const auto& stored = judging.store.info().clips[static_cast<size_t>(piece.clip)];
  const auto frames = std::min<int64_t>(result.target.rows,
                                        std::max<int64_t>(1, std::llround(seconds * result.fps)));
  const int64_t begin = excerpt_begin(result, worst, frames);
  report::PageClip out;
  out.id = result.id;
  out.about = labels_text(stored.labels);
  out.fps = result.fps;
  const double heard = heard_s(judging.store.info(), piece.begin + begin);
  out.begin_s = heard;
  out.tracks = {rows_between(result.target, begin, begin + frames),
                rows_between(result.prediction, begin, begin + frames)};
  if (!others.empty()) {
    const auto same = std::find_if(others.begin(), others.end(), [&](const auto& other) {
      return other.id == result.id && other.prediction.rows >= begin + frames;
    });
    // A clip that the other run says nothing of has a track without curves.
    out.tracks.push_back(same == others.end()
                             ? Matrix(frames, result.target.cols, std::nanf(""))
                             : rows_between(same->prediction, begin, begin + frames));
  }
  const auto sound = judging.store.read_audio(piece.clip);
  const auto sample = [&](int64_t frame) {
    const double at = static_cast<double>(frame) / result.fps * audio::kRate;
    return std::min(static_cast<int64_t>(sound.size()), static_cast<int64_t>(std::llround(at)));
  };
  out.audio.assign(sound.begin() + sample(piece.begin + begin),
                   sound.begin() + sample(piece.begin + begin + frames));
  if (labels) {
    out.phones = phones_between(labels->of(result.id), heard,
                                heard + static_cast<double>(frames) / result.fps);
  }
  return out;
}

/// The curves of a run on the pieces that another was judged on.
std::vector<eval::ClipResult> said_beside(const std::filesystem::path& run,
                                          const EvaluateOptions& options, const Judging& judging) {
  if (run.empty()) return {};
  auto same = options;
  same.store = judging.store_path;
  same.split = judging.split;
  auto other = open_judging({run}, same);
  other.pieces = judging.pieces;
  return predict(other);
}

/// What is asked, else whether the run learnt from the embedded set.
bool wanted(const std::optional<bool>& asked, const std::filesystem::path& run) {
  if (asked) return *asked;
  Experiment experiment;
  load_run_experiment(experiment, run);
  return data::source(experiment.data) == data::Source::synth;
}

/// A run judged, and a page with its clips.
struct Shown {
  Judging judging;
  std::vector<eval::ClipResult> results;
  std::optional<LabelBook> labels;  // nothing: nobody asked
  report::Page page;
};

Shown show(const std::filesystem::path& run, const ReportOptions& options) {
  auto judging = open_judging({run}, options.evaluate);
  auto results = predict(judging);
  const auto others = said_beside(options.beside, options.evaluate, judging);
  std::optional<LabelBook> labels;
  const auto& info = judging.store.info();
  if (options.phones ? *options.phones : wanted({}, run) && is_own_store(run, info)) {
    labels = open_labels(run, options.labels, info);
  }
  report::Page page;
  page.rig = judging.models.card().rig;
  page.provenance = judging.models.provenance();
  page.tracks = {"target", "prediction"};
  if (!others.empty()) page.tracks.push_back(options.beside.filename().string());

  std::vector<report::Second> worst_of;  // of each result
  for (size_t i = 0; i < results.size(); ++i) {
    const auto& r = results[i];
    worst_of.push_back(report::worst_seconds(
        report::seconds_of(i, page.rig, r.target, r.prediction, r.fps), 1)[0]);
  }
  const auto chosen = options.clip_ids.empty()
                          ? choose_clips(results, worst_of, static_cast<size_t>(options.clips))
                          : find_clips(results, options.clip_ids, judging.split);
  std::vector<report::Second> seconds;
  for (const size_t i : chosen) {
    page.clips.push_back(
        page_clip(judging, results[i], others, labels, worst_of[i], options.seconds));
    const auto& tracks = page.clips.back().tracks;
    for (auto& s : report::seconds_of(page.clips.size() - 1, page.rig, tracks[0], tracks[1],
                                      page.clips.back().fps)) {
      seconds.push_back(std::move(s));
    }
  }
  page.worst = report::worst_seconds(std::move(seconds), report::kWorstShown);
  page.worst_note = options.clip_ids.empty() ? cat("of the clips shown, the worst of all ",
                                                   results.size(), " judged among them")
                                             : "of the clips asked for";
  return {std::move(judging), std::move(results), std::move(labels), std::move(page)};
}

}  // namespace

report::Page report_clips(const std::filesystem::path& run, const ReportOptions& options) {
  return show(run, options).page;
}

report::Page report_run(const std::filesystem::path& run, const ReportOptions& options) {
  auto [judging, results, labels, page] = show(run, options);
  page.suite = measure(judging, results);
  if (labels) page.phones = judge_phones(run, judging, results, *labels);
  if (page.phones && page.phones->clips == 0) {
    if (options.phones) refuse_unlabelled(run, options.labels, results);
    page.phones.reset();
  }
  add_facts(page, run, judging);
  add_others(page, options.others);
  if (wanted(options.probe, run)) page.probe = probe(judging.models, options.probe_pairs);
  return page;
}

}  // namespace kuchi::train
