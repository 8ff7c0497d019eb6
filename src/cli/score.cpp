#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "cli/common.h"
#include "core/error.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "core/text.h"
#include "curves/track.h"
#include "eval/compare.h"
#include "eval/evaluate.h"
#include "report/suite_tables.h"
#include "report/table.h"
#include "train/judge.h"

namespace kuchi::cli {
namespace fs = std::filesystem;
namespace {

struct ScoreArgs {
  std::string prediction, against, target, rig, names, reference;
  double fps = 30;
  int64_t resamples = 1000;
  JsonOption json;
};

struct Pair {
  std::string id;
  fs::path prediction, target;
};

bool is_curve_file(const fs::path& p) {
  const auto ext = lower(p.extension().string());
  return fs::is_regular_file(p) && (ext == ".npy" || ext == ".csv" || ext == ".json" ||
                                    ext == ".gltf" || ext == ".glb" || ext == ".tsv");
}

/// Two files, or two directories whose files are paired by their names without ending.
std::vector<Pair> find_pairs(const ScoreArgs& args, const std::string& prediction) {
  if (!fs::is_directory(args.target)) {
    return {{fs::path(args.target).stem().string(), prediction, args.target}};
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
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.id < b.id; });
  return pairs;
}

curves::Track read_on_rig(const ScoreArgs& args, const curves::Rig& rig, const fs::path& file) {
  curves::ReadOptions options;
  options.fps = args.fps;
  options.names_file = args.names;
  const fs::path beside = curves::names_beside(file);
  if (fs::exists(beside)) options.names_file = beside;
  return curves::on_rig(curves::read_track(file, options), rig, file);
}

eval::ClipResult read_pair(const ScoreArgs& args, const curves::Rig& rig, const Pair& pair) {
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

eval::Suite suite_of(const ScoreArgs& args, const curves::Rig& rig,
                     const std::optional<eval::Reference>& reference,
                     const std::string& prediction) {
  eval::Options options;
  options.resamples = args.resamples;
  options.closed_below = rig.closed_below;
  eval::Evaluator evaluator(train::curve_infos(rig), reference, options);
  const auto pairs = find_pairs(args, prediction);
  Progress progress("score", static_cast<int64_t>(pairs.size()));
  for (size_t i = 0; i < pairs.size(); ++i) {
    check_interrupt();
    evaluator.add(read_pair(args, rig, pairs[i]));
    progress.at(static_cast<int64_t>(i) + 1);
  }
  progress.finish();
  auto suite = evaluator.finish();
  suite.model = prediction;
  suite.store = args.target;
  suite.split = "all";
  return suite;
}

nlohmann::ordered_json comparison_json(const ScoreArgs& args, const eval::Comparison& c) {
  nlohmann::ordered_json out = {{"against", args.against}, {"metric", "mse"}};
  const auto set = [&](const char* key, const std::optional<double>& value) {
    if (value) {
      out[key] = *value;
    } else {
      out[key] = nullptr;
    }
  };
  set("ratio", c.ratio.ratio);
  set("low", c.ratio.low);
  set("high", c.ratio.high);
  set("p", c.p);
  return out;
}

void score(const ScoreArgs& args) {
  args.json.check();
  const auto rig = curves::load_rig(args.rig);
  std::optional<eval::Reference> reference;
  if (!args.reference.empty()) reference = reference_of(args, rig);
  const auto suite = suite_of(args, rig, reference, args.prediction);
  auto json = eval::to_json(suite);
  std::optional<eval::Comparison> comparison;
  std::vector<eval::Suite> both;
  if (!args.against.empty()) {
    both = {suite_of(args, rig, reference, args.against), suite};
    comparison = eval::compare_mse(suite, both[0]);
    json["comparison"] = comparison_json(args, *comparison);
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

}  // namespace

void add_score(CLI::App& app, Context& context) {
  auto args = std::make_shared<ScoreArgs>();
  auto* verb = app.add_subcommand("score", "the metric suite for curve files that anything made");
  verb->add_option("--pred", args->prediction, "file or directory of predictions")->required();
  verb->add_option("--against", args->against,
                   "another system's predictions: the paired ratio of mse and its p-value");
  verb->add_option("--target", args->target, "file or directory of captures")->required();
  verb->add_option("--rig", args->rig, "rig of the curves, by name or file")->required();
  verb->add_option("--names", args->names, "file with the curves' names, for npy without one");
  verb->add_option("--fps", args->fps, "rate of files without times, for npy")
      ->check(CLI::Range(1.0, 1000.0))
      ->capture_default_str();
  verb->add_option("--reference", args->reference,
                   "training curves whose mean r2 is measured against (default: the target's own)");
  verb->add_option("--resamples", args->resamples, "of the bootstrap")->capture_default_str();
  args->json.add(*verb);
  example(*verb, "kuchi score --pred out/ --target captures/ --rig arkit --json score.json");
  verb->callback([args, &context] {
    refuse_overrides(context, "score");
    score(*args);
  });
}

}  // namespace kuchi::cli
