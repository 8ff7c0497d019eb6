// src/train/evaluate_run.h
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "data/store.h"
#include "eval/evaluate.h"
#include "synth/synth.h"
#include "train/run.h"

namespace kuchi::train {

struct EvaluateOptions {
  std::string store;       // "": the run's own
  std::string split = "";  // "": eval.split of the run
  std::string checkpoint = "best";
  std::string device = "auto";
  int64_t resamples = -1;  // negative: eval.resamples of the run
};

/// A run opened to be judged: its model, and the pieces of a store to judge it on.
struct Judging {
  Trained trained;
  features::Options features;
  data::Store store;
  std::string store_path, split;
  std::vector<data::Piece> pieces;
  eval::Options how;
};
/// A store whose features are not the run's is featured anew from its audio when Clips reads it;
/// its curves must be the run's (by name) and its rate too, else UserError (data).
Judging open_judging(const std::filesystem::path& run, const EvaluateOptions& options);

/// The metric suite of a run; `see` as in judge().
eval::Suite evaluate_run(const std::filesystem::path& run, const EvaluateOptions& options);
eval::Suite evaluate_run(const std::filesystem::path& run, Judging& judging,
                         const std::function<void(eval::ClipResult&&)>& see = {});

/// Judges the best checkpoint on eval.split (on the validation part where that split is empty)
/// and writes metrics.json; nothing where there is neither.
std::optional<eval::Suite> write_run_metrics(const std::filesystem::path& run);

/// The context probe: which side a model's lips are on where only what follows can tell.
/// The rig must have the aperture's curves. See synth::make_probe.
std::vector<synth::ProbeScore> probe_run(const std::filesystem::path& run,
                                         const EvaluateOptions& options, int64_t pairs);

}  // namespace kuchi::train
