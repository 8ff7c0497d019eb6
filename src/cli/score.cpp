#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "audio/audio.h"
#include "cli/common.h"
#include "cli/post_option.h"
#include "cli/runs.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "curves/endings.h"
#include "curves/track.h"
#include "eval/compare.h"
#include "eval/evaluate.h"
#include "eval/vertex_model.h"
#include "io/json_text.h"
#include "post/stream.h"
#include "report/suite_tables.h"
#include "report/table.h"
#include "train/judge.h"

namespace kuchi::cli {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kFewUnheld = 2;  // formats that lack the tongue are no news

struct ScoreArgs {
  std::vector<std::string> predictions;
  std::string against, target, audio, rig, names, reference;
  std::string vertex_basis = "auto", vertex_unit = "m";
  PostOption post;
  double fps = 0;  // 0: not given
  int64_t resamples = 1000;
  JsonOption json;
};

struct Pair {
  std::string id;
  fs::path prediction, target;
  fs::path audio = {};  // "": none was given
};

/// What is the same for all systems.
struct Measure {
  curves::Rig rig;
  std::optional<eval::Reference> reference;
  std::shared_ptr<const eval::VertexModel> vertices;
};

bool is_curve_file(const fs::path& p) {
  return fs::is_regular_file(p) && curves::is_curve_ending(p);
}

/// The sound of a clip: the file, or the one of the clip's name in the directory.
fs::path sound_of(const ScoreArgs& args, const fs::path& target) {
  if (args.audio.empty() || !fs::is_directory(args.audio)) return args.audio;
  static const std::vector<std::string> kEndings = {".wav", ".flac", ".ogg", ".mp3", ".aiff",
                                                    ".aif", ".opus", ".m4a", ".mov", ".mp4"};
  for (const auto& ending : kEndings) {
    const auto file = fs::path(args.audio) / (target.stem().string() + ending);
    if (fs::is_regular_file(file)) return file;
  }
  fail_data(target, cat("has no sound of the same name in ", args.audio));
}

/// Two files, or two directories whose files are paired by their names without ending.
std::vector<Pair> find_pairs(const ScoreArgs& args, const std::string& prediction) {
  if (!fs::is_directory(args.target)) {
    if (fs::is_directory(prediction)) {
      fail_data(prediction, "must be a file, since the target is one");
    }
    return {{fs::path(args.target).stem().string(), prediction, args.target,
             sound_of(args, args.target)}};
  }
  if (!fs::is_directory(prediction)) {
    fail_data(prediction, "must be a directory, since the target is one");
  }
  std::vector<Pair> pairs;
  for (const auto& entry : fs::directory_iterator(args.target)) {
    if (!is_curve_file(entry.path())) continue;
    const auto stem = entry.path().stem();
    for (const auto& other : fs::directory_iterator(prediction)) {
      if (is_curve_file(other.path()) && other.path().stem() == stem) {
        pairs.push_back({stem.string(), other.path(), entry.path()});
      }
    }
    if (pairs.empty() || pairs.back().id != stem.string()) {
      fail_data(entry.path(), cat("has no prediction of the same name in ", prediction));
    }
  }
  if (pairs.empty()) fail_data(args.target, "holds no curve file (.npy, .csv, .json)");
  for (auto& pair : pairs) pair.audio = sound_of(args, pair.target);
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.id < b.id; });
  return pairs;
}

curves::Track read_on_rig(const ScoreArgs& args, const curves::Rig& rig, const fs::path& file) {
  curves::ReadOptions options;
  // An array has no times: the usual rate is taken. Another file that should have had some is asked
  // about, not guessed at.
  const bool array = lower(file.extension().string()) == ".npy";
  options.fps = args.fps > 0 ? args.fps : array ? 30 : 0;
  options.names_file = args.names;
  const fs::path beside = curves::names_beside(file);
  if (fs::exists(beside)) options.names_file = beside;
  const auto track = curves::read_track(file, options);
  const auto at_rest = std::count_if(track.unheld.begin(), track.unheld.end(),
                                     [&](const auto& n) { return rig.index(n) >= 0; });
  if (at_rest > kFewUnheld) {
    warn(cat(file.string(), ": names ", rig.size() - at_rest, " of the ", rig.size(),
             " curves of rig ", rig.name, "; the others are taken to be at rest"));
  }
  return curves::on_rig(track, rig, file);
}

eval::ClipResult read_pair(const ScoreArgs& args, const curves::Rig& rig, const Pair& pair,
                           const post::Options& post) {
  const auto target = read_on_rig(args, rig, pair.target);
  const auto prediction = read_on_rig(args, rig, pair.prediction);
  eval::ClipResult result;
  result.id = pair.id;
  result.fps = target.fps;
  const auto frames = std::min(
      target.values.rows, static_cast<int64_t>(prediction.times_s.back() * target.fps + 1e-6) + 1);
  if (std::abs(static_cast<double>(target.values.rows - frames)) > 0.5 * target.fps) {
    fail_data(pair.prediction,
              cat("ends ", number(static_cast<double>(target.values.rows - frames) / target.fps, 3),
                  " s before its target; are they the same clip?"));
  }
  result.target = curves::resample(target, target.fps, frames);
  result.prediction = curves::resample(prediction, target.fps, frames);
  if (!pair.audio.empty()) result.audio = audio::read(pair.audio);
  if (post.any()) {
    result.prediction = post::apply(post, rig, target.fps, result.prediction, result.audio);
  }
  result.target_aperture = curves::aperture(rig, result.target.data, frames);
  result.prediction_aperture = curves::aperture(rig, result.prediction.data, frames);
  return result;
}

eval::Reference reference_of(const ScoreArgs& args, const curves::Rig& rig) {
  eval::ReferenceBuilder builder;
  if (!fs::is_directory(args.reference)) {
    builder.add(read_on_rig(args, rig, args.reference).values);
  } else {
    for (const auto& entry : fs::directory_iterator(args.reference)) {
      if (is_curve_file(entry.path())) builder.add(read_on_rig(args, rig, entry.path()).values);
    }
  }
  return builder.finish();
}

eval::Suite suite_of(const ScoreArgs& args, const Measure& by, const std::string& prediction,
                     const post::Options& post) {
  eval::Options options;
  options.resamples = args.resamples;
  options.closed_below = by.rig.closed_below;
  options.vertices = by.vertices;
  eval::Evaluator evaluator(train::curve_infos(by.rig), by.reference, options);
  const auto pairs = find_pairs(args, prediction);
  Progress progress("score", static_cast<int64_t>(pairs.size()));
  for (size_t i = 0; i < pairs.size(); ++i) {
    check_interrupt();
    evaluator.add(read_pair(args, by.rig, pairs[i], post));
    progress.at(static_cast<int64_t>(i) + 1);
  }
  progress.finish();
  auto suite = evaluator.finish();
  suite.model = prediction;
  suite.store = args.target;
  suite.split = "all";
  return suite;
}

void add_numbers(const eval::Comparison& c, nlohmann::ordered_json& out) {
  out["metric"] = "mse";
  out["ratio"] = io::number_or_null(c.ratio.ratio);
  out["low"] = io::number_or_null(c.ratio.low);
  out["high"] = io::number_or_null(c.ratio.high);
  out["p"] = io::number_or_null(c.p);
}

/// One system, perhaps against another.
void score_one(const ScoreArgs& args, const Measure& by, const post::Options& post) {
  const auto suite = suite_of(args, by, args.predictions[0], post);
  auto json = eval::to_json(suite);
  std::optional<eval::Comparison> comparison;
  std::vector<eval::Suite> both;
  if (!args.against.empty()) {
    both = {suite_of(args, by, args.against, {}), suite};
    comparison = eval::compare_mse(suite, both[0]);
    nlohmann::ordered_json against = {{"against", args.against}};
    add_numbers(*comparison, against);
    json["comparison"] = std::move(against);
  }
  args.json.write(json);
  if (args.json.on_stdout()) return;
  report::print_curves(std::cout, suite);
  std::cout << "\n";
  report::print_metrics(std::cout, suite);
  if (comparison) {
    std::cout << "\n";
    report::print_comparison(std::cout, both);
    std::cout << "mse ratio to " << args.against << ": " << report::cell(comparison->ratio.ratio)
              << " (" << report::cell(comparison->ratio.low) << " – "
              << report::cell(comparison->ratio.high) << "), p " << report::cell(comparison->p, 3)
              << "\n";
  }
  std::cout << std::flush;
}

/// Several side by side, every pair compared.
void score_several(const ScoreArgs& args, const Measure& by, const post::Options& post) {
  std::vector<eval::Suite> suites;
  for (const auto& prediction : args.predictions) {
    suites.push_back(suite_of(args, by, prediction, post));
  }
  const auto pairs = eval::compare_all(suites);
  nlohmann::ordered_json json = {{"systems", nlohmann::ordered_json::array()},
                                 {"comparisons", nlohmann::ordered_json::array()}};
  for (const auto& suite : suites) json["systems"].push_back(eval::to_json(suite));
  report::Table table;
  for (const char* name : {"a", "b"}) table.add_column(name, report::Align::left);
  for (const char* name : {"mse a / b", "low", "high", "p", "p (Holm)"}) table.add_column(name);
  for (const auto& pair : pairs) {
    nlohmann::ordered_json one = {{"a", suites[pair.a].model}, {"b", suites[pair.b].model}};
    add_numbers(pair.found, one);
    one["p_corrected"] = io::number_or_null(pair.p_corrected);
    json["comparisons"].push_back(std::move(one));
    const auto& r = pair.found.ratio;
    table.add_row({suites[pair.a].model, suites[pair.b].model, report::cell(r.ratio),
                   report::cell(r.low), report::cell(r.high), report::cell(pair.found.p, 3),
                   report::cell(pair.p_corrected, 3)});
  }
  args.json.write(json);
  if (args.json.on_stdout()) return;
  report::print_side_by_side(std::cout, suites);
  std::cout << "\n";
  table.print(std::cout);
  if (!suites[0].evidence.empty()) std::cout << suites[0].evidence << "\n";
  std::cout << std::flush;
}

void check_score(const ScoreArgs& args, const post::Options& post) {
  const auto refuse = [](const std::string& text) { throw UserError(Exit::config, text); };
  if (args.predictions.size() > 1 && !args.against.empty()) {
    refuse("--against is for one --pred; with several every pair is compared: give it as --pred");
  }
  for (size_t i = 0; i < args.predictions.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (args.predictions[i] == args.predictions[j]) {
        refuse(cat("--pred ", args.predictions[i], " is given twice"));
      }
    }
  }
  if (post.hears() && args.audio.empty()) {
    refuse("--post rest_after_s hears when nobody speaks; give the sound with --audio");
  }
}

void score(const ScoreArgs& args) {
  args.json.check();
  const auto post = args.post.over({});
  check_score(args, post);
  Measure by{curves::load_rig(args.rig), {}, nullptr};
  if (!args.reference.empty()) by.reference = reference_of(args, by.rig);
  by.vertices = eval::vertex_model(args.vertex_basis, args.vertex_unit, by.rig);
  if (args.predictions.size() == 1) return score_one(args, by, post);
  score_several(args, by, post);
}

}  // namespace

void add_score(CLI::App& app, Context& context) {
  auto args = std::make_shared<ScoreArgs>();
  auto* verb = app.add_subcommand("score", "the metric suite for curve files that anything made");
  verb->add_option("--pred", args->predictions,
                   "file or directory of predictions; several: side by side, every pair compared, "
                   "with p-values corrected by Holm's method")
      ->required();
  verb->add_option("--against", args->against,
                   "another system's predictions: the paired ratio of mse and its p-value");
  verb->add_option("--target", args->target, "file or directory of captures")->required();
  verb->add_option("--audio", args->audio,
                   "file or directory of the sound, for what is measured where nobody speaks");
  verb->add_option("--rig", args->rig, "rig of the curves, by name or file")->required();
  verb->add_option("--names", args->names, "file with the curves' names, for npy without one");
  verb->add_option("--fps", args->fps, "rate of files without times (default: 30 for npy)")
      ->check(CLI::Range(1.0, 1000.0));
  verb->add_option("--reference", args->reference,
                   "training curves whose mean r2 is measured against (default: the target's own)");
  verb->add_option("--resamples", args->resamples, "of the bootstrap")->capture_default_str();
  add_vertices(*verb, args->vertex_basis, args->vertex_unit);
  args->post.add(*verb);
  args->json.add(*verb);
  example(*verb,
          "kuchi score --pred out/ --target captures/ --rig arkit --json score.json\n"
          "  kuchi score --pred ours/ --pred theirs/ --pred mean/ --target captures/ --rig arkit\n"
          "  kuchi score --pred out/ --target captures/ --audio wav/ --rig arkit "
          "--vertex-basis face.npy\n"
          "  kuchi score --pred out/ --against out/ --post smooth=one_euro --target captures/ "
          "--rig arkit");
  verb->callback([args, &context] {
    refuse_overrides(context, "score");
    score(*args);
  });
}

}  // namespace kuchi::cli
