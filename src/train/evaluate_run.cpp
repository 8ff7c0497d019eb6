#include "train/evaluate_run.h"

#include <algorithm>
#include <cmath>

#include "core/log.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "io/json_text.h"
#include "post/stream.h"
#include "train/judge.h"
#include "train/source.h"

namespace kuchi::train {
namespace {

/// The store's curves as the model has them. A store of one of several data sets that a model
/// learnt from lacks some, which are then not judged; one that has others is another rig's.
void take_curves_of(data::Store& store, const curves::Rig& rig) {
  const auto& info = store.info();
  const auto have = info.rig.names(), want = rig.names();
  if (have == want) return;
  for (const auto& name : have) {
    if (rig.index(name) >= 0) continue;
    fail_data(info.file,
              cat("has a curve \"", name, "\" which the model does not predict; its rig is ",
                  info.rig.name, " (", have.size(), " curves), the model's ", rig.name, " (",
                  want.size(), "); prepare it with the model's rig"));
  }
  if (have.size() < want.size()) {
    note(cat(info.file.string(), ": has ", have.size(), " of the ", want.size(),
             " curves that the model predicts; the others are not judged"));
  }
  store.map_to(rig);
}

/// Whether two stores, each perhaps joined of several data sets, have one of them in common.
bool share_data(const std::string& a, const std::string& b) {
  const std::string plus = " + ", all = plus + b + plus;
  for (size_t i = 0; i < a.size();) {
    const size_t end = std::min(a.find(plus, i), a.size());
    if (all.find(plus + a.substr(i, end - i) + plus) != std::string::npos) return true;
    i = end + plus.size();
  }
  return false;
}

/// A joined store puts its data set's name before a clip's where two would be called the same.
bool same_clip(const std::string& a, const std::string& b) {
  return a == b || a.ends_with("/" + b) || b.ends_with("/" + a);
}

/// A member of an ensemble must not have learnt from what the ensemble is judged on: it would look
/// better than it is; nor a run alone, on another store than its own. Frames of the split that it
/// chose its best checkpoint by count as learnt from.
void refuse_seen(const std::filesystem::path& run, const data::StoreInfo& store,
                 const std::vector<data::Piece>& pieces, const std::string& split) {
  const auto saved = read_run_data(run);
  if (split != "test" && split != "valid") return;  // then to judge on what was seen was asked for
  if (!share_data(saved.value("name", ""), store.provenance.data)) return;
  for (const auto& seen : saved.at("pieces")) {
    const auto part = seen.value("split", "");
    if (part == split || part == "test") continue;
    const auto id = seen.value("clip", "");
    for (const auto& p : pieces) {
      if (!same_clip(store.clips[static_cast<size_t>(p.clip)].id, id)) continue;
      if (seen.value("begin", int64_t{0}) >= p.end || seen.value("end", int64_t{0}) <= p.begin) {
        continue;
      }
      const auto what = cat(run.string(), ": its ", part, " part holds frames of clip ", id,
                            " that are judged here as ", split);
      if (saved.value("hash", "") == store.hash) {
        throw UserError(Exit::config, what + "; train the runs of an ensemble on the same split");
      }
      warn(what + ", if both stores were made from the same recordings");
      return;
    }
  }
}

std::vector<data::Piece> pieces_of_run(const data::StoreInfo& store, const std::string& own_hash,
                                       const Experiment& experiment) {
  // The run's own store is cut as the run cut it; another one by its own split.
  if (store.hash == own_hash) return cut_data(store, experiment.data, experiment.train.seed);
  return data::split_store(store);
}

}  // namespace

Judging open_judging(const std::vector<std::filesystem::path>& runs,
                     const EvaluateOptions& options) {
  Experiment experiment;
  load_run_experiment(experiment, runs.at(0));
  const auto saved = read_run_data(runs[0]);
  Ensemble models(runs, options.checkpoint, options.device, options.encoders);
  const std::string path =
      options.store.empty()
          ? find_run_store(saved.value("store", ""), experiment.data, models.card().features)
                .string()
          : options.store;
  auto store = data::Store::open(path);
  // What a lag is true of is the data that it was given for.
  if (store.info().hash == saved.value("hash", "")) store.set_lag(experiment.data.lag_frames);
  take_curves_of(store, models.card().rig);
  if (std::abs(store.info().fps - models.card().fps) > 1e-9) {
    fail_data(path, cat("has ", number(store.info().fps), " frames a second, the model ",
                        number(models.card().fps), "; prepare it with the model's fps"));
  }
  const std::string split = options.split.empty() ? experiment.eval.split : options.split;
  auto pieces = pieces_to_judge(
      store.info(), pieces_of_run(store.info(), saved.value("hash", ""), experiment), split);
  for (const auto& run : runs) refuse_seen(run, store.info(), pieces, split);
  eval::Options how;
  how.resamples = options.resamples >= 0 ? options.resamples : experiment.eval.resamples;
  how.seed = static_cast<uint64_t>(experiment.eval.seed);
  how.closed_below = store.info().rig.closed_below;
  const auto said = [](const std::string& asked, const std::string& own) {
    return asked.empty() ? own : asked;
  };
  how.vertices =
      eval::vertex_model(said(options.vertex_basis, experiment.eval.vertex_basis),
                         said(options.vertex_unit, experiment.eval.vertex_unit), store.info().rig);
  const auto post = options.post ? options.post(experiment.post) : experiment.post;
  return {std::move(models), std::move(store), path, split, std::move(pieces), how, post};
}

const data::Piece& piece_of(const Judging& judging, const std::string& id) {
  const auto clip = judging.store.info().clip_index(id);
  return *std::find_if(judging.pieces.begin(), judging.pieces.end(),
                       [&](const data::Piece& p) { return p.clip == clip; });
}

std::vector<eval::ClipResult> predict(const Judging& judging) {
  auto results = judging.models.predict(judging.store, judging.pieces);
  if (!judging.post.any()) return results;
  const auto& rig = judging.models.card().rig;
  for (auto& r : results) {
    r.prediction = post::apply(judging.post, rig, r.fps, r.prediction, r.audio);
    if (r.prediction_aperture.empty()) continue;
    r.prediction_aperture = curves::aperture(rig, r.prediction.data, r.prediction.rows);
  }
  return results;
}

eval::Suite measure(const Judging& judging, const std::vector<eval::ClipResult>& results) {
  eval::Evaluator evaluator(curve_infos(judging.store.info().rig),
                            training_reference(judging.models.first()), judging.how);
  for (const auto& clip : results) evaluator.add(clip);
  auto suite = evaluator.finish();
  suite.model = judging.models.name();
  suite.store = judging.store_path;
  suite.split = judging.split;
  return suite;
}

std::optional<eval::Suite> write_run_metrics(const std::filesystem::path& run,
                                             const std::vector<std::string>& encoders) {
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
    options.encoders = encoders;
    const auto judging = open_judging({run}, options);
    auto suite = measure(judging, predict(judging));
    io::write_atomically(run / "metrics.json", io::json_text(eval::to_json(suite), 1) + "\n");
    return suite;
  }
  note("no part was held out: nothing to judge the model on");
  return std::nullopt;
}

std::vector<synth::ProbeScore> probe(const Ensemble& models, int64_t pairs) {
  const auto& card = models.card();
  const auto lips = [&](const synth::Clip& clip, double at_s) {
    const auto frames = features::frame_count(static_cast<int64_t>(clip.audio.size()), card.fps);
    const auto y = models.predict(clip.audio, frames);
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
