#include "train/evaluate_run.h"

#include <algorithm>
#include <cmath>

#include "core/log.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "train/judge.h"
#include "train/source.h"

namespace kuchi::train {
namespace {

void check_same_curves(const data::StoreInfo& store, const curves::Rig& rig) {
  const auto have = store.rig.names(), want = rig.names();
  if (have == want) return;
  for (const auto& name : want) {
    if (store.rig.index(name) < 0) {
      fail_data(store.file, cat("has no curve \"", name, "\" which the model predicts; its rig is ",
                                store.rig.name, ", the model's ", rig.name));
    }
  }
  fail_data(store.file, cat("has other curves (rig ", store.rig.name, ", ", have.size(),
                            ") than the model (rig ", rig.name, ", ", want.size(),
                            "); prepare it with the model's rig"));
}

std::vector<data::Piece> pieces_of_run(const data::StoreInfo& store, const std::string& own_hash,
                                       const Experiment& experiment) {
  // The run's own store is cut as the run cut it; another one by its own split.
  if (store.hash == own_hash) return data::split_store(store, experiment.data.split);
  return data::split_store(store);
}

}  // namespace

Judging open_judging(const std::filesystem::path& run, const EvaluateOptions& options) {
  Experiment experiment;
  load_run_experiment(experiment, run);
  const auto saved = read_run_data(run);
  auto trained = load_trained(run, options.checkpoint, options.device);
  const std::string path =
      options.store.empty()
          ? find_run_store(saved.value("store", ""), experiment.data, experiment.features).string()
          : options.store;
  auto store = data::Store::open(path);
  check_same_curves(store.info(), trained.model->card().rig);
  if (std::abs(store.info().fps - trained.model->card().fps) > 1e-9) {
    fail_data(path, cat("has ", number(store.info().fps), " frames a second, the model ",
                        number(trained.model->card().fps), "; prepare it with the model's fps"));
  }
  const std::string split = options.split.empty() ? experiment.eval.split : options.split;
  auto pieces = pieces_to_judge(
      store.info(), pieces_of_run(store.info(), saved.value("hash", ""), experiment), split);
  eval::Options how;
  how.resamples = options.resamples >= 0 ? options.resamples : experiment.eval.resamples;
  how.seed = static_cast<uint64_t>(experiment.eval.seed);
  how.closed_below = store.info().rig.closed_below;
  return {std::move(trained),
          experiment.features,
          std::move(store),
          path,
          split,
          std::move(pieces),
          how};
}

eval::Suite evaluate_run(const std::filesystem::path& run, const EvaluateOptions& options) {
  auto judging = open_judging(run, options);
  return evaluate_run(run, judging);
}

eval::Suite evaluate_run(const std::filesystem::path& run, Judging& judging,
                         const std::function<void(eval::ClipResult&&)>& see) {
  const Clips clips(judging.store, judging.features, judging.pieces);
  auto suite = judge(*judging.trained.model, judging.trained.device, clips, judging.store.info(),
                     judging.pieces, judging.how, see);
  suite.model = run.string();
  suite.store = judging.store_path;
  suite.split = judging.split;
  return suite;
}

std::optional<eval::Suite> write_run_metrics(const std::filesystem::path& run) {
  Experiment experiment;
  load_run_experiment(experiment, run);
  const auto saved = read_run_data(run);
  for (const std::string& split : {experiment.eval.split, std::string("valid")}) {
    bool there = split == "all";
    for (const auto& piece : saved.at("pieces")) there = there || piece.at("split") == split;
    if (!there) continue;
    EvaluateOptions options;
    options.split = split;
    options.device = experiment.train.device;
    auto suite = evaluate_run(run, options);
    io::write_atomically(run / "metrics.json", eval::to_json(suite).dump(1) + "\n");
    return suite;
  }
  note("no part was held out: nothing to judge the model on");
  return std::nullopt;
}

std::vector<synth::ProbeScore> probe_run(const std::filesystem::path& run,
                                         const EvaluateOptions& options, int64_t pairs) {
  const auto trained = load_trained(run, options.checkpoint, options.device);
  const auto& card = trained.model->card();
  const auto lips = [&](const synth::Clip& clip, double at_s) {
    const auto frames = features::frame_count(static_cast<int64_t>(clip.audio.size()), card.fps);
    const auto x = features::compute(card.features, clip.audio, card.fps, frames);
    const auto y = predict(*trained.model, trained.device, x);
    const auto aperture = curves::aperture(card.rig, y.data, y.rows);
    const auto frame = std::llround(at_s * card.fps);
    return static_cast<double>(
        aperture[static_cast<size_t>(std::clamp<long long>(frame, 0, y.rows - 1))]);
  };
  std::vector<synth::ProbeAnswer> answers;
  const auto all = synth::make_probe(0, static_cast<int>(pairs));
  Progress progress("probe", static_cast<int64_t>(all.size()));
  for (const auto& pair : all) {
    answers.push_back(
        {pair.distance, pair.a_closed, lips(pair.a, pair.middle_s), lips(pair.b, pair.middle_s)});
    progress.at(static_cast<int64_t>(answers.size()));
  }
  return synth::score(answers);
}

}  // namespace kuchi::train
