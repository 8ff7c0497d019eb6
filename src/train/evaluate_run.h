// src/train/evaluate_run.h
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "eval/evaluate.h"
#include "eval/suite.h"
#include "post/options.h"
#include "synth/synth.h"
#include "train/ensemble.h"

namespace kuchi::train {

struct EvaluateOptions {
  std::string store;       // "": the run's own
  std::string split = "";  // "": eval.split of the run
  std::string checkpoint = "best";
  std::string device = "auto";
  std::vector<std::string> encoders;  // see load_trained()
  int64_t resamples = -1;             // negative: eval.resamples of the run
  std::string vertex_basis = "";      // "": eval.vertex_basis of the run; see eval::vertex_model()
  std::string vertex_unit = "";       // "": eval.vertex_unit
  /// Changes what the run's section `post` says is done to its curves; none: as it says.
  std::function<post::Options(const post::Options&)> post = {};
};

/// Models opened to be judged, and the pieces of a store to judge them on.
struct Judging {
  Ensemble models;
  data::Store store;
  std::string store_path, split;
  std::vector<data::Piece> pieces;
  eval::Options how;
  post::Options post = {};
};
/// A run, or several whose curves are averaged. A store whose features are not a model's is
/// featured anew from its audio; its rate must be the models' and its curves some of theirs, else
/// UserError (data): those that it lacks are not judged.
/// Store and split are the first run's where not given. UserError (config) where another run was
/// trained on what this one judges.
Judging open_judging(const std::vector<std::filesystem::path>& runs,
                     const EvaluateOptions& options);

/// The judged piece of a clip that is among them.
const data::Piece& piece_of(const Judging& judging, const std::string& id);

/// What the models say of every piece, after post-processing.
std::vector<eval::ClipResult> predict(const Judging& judging);
/// The metric suite of what predict() gave; r2 and nmse against the first model's training curves.
eval::Suite measure(const Judging& judging, const std::vector<eval::ClipResult>& results);

/// Judges the best checkpoint on eval.split (on the validation part where that split is empty)
/// and writes metrics.json; `encoders`: see load_trained(); nothing where there is neither.
std::optional<eval::Suite> write_run_metrics(const std::filesystem::path& run,
                                             const std::vector<std::string>& encoders = {});

/// The context probe: which side a model's lips are on where only what follows can tell.
/// The rig must have the aperture's curves. See synth::make_probe.
std::vector<synth::ProbeScore> probe(const Ensemble& models, int64_t pairs);

}  // namespace kuchi::train
