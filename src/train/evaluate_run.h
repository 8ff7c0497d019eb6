// src/train/evaluate_run.h
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "eval/suite.h"
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

/// The metric suite of a run, or of several whose curves are averaged (see Ensemble). A store whose
/// features are not a model's is featured anew from its audio; its curves must be the first run's
/// (by name), else UserError (data). Store, split and baseline are the first run's where not given.
/// UserError (config) where another run was trained on what this one judges.
eval::Suite evaluate_runs(const std::vector<std::filesystem::path>& runs,
                          const EvaluateOptions& options);

/// Judges the best checkpoint on eval.split (on the validation part where that split is empty)
/// and writes metrics.json; nothing where there is neither.
std::optional<eval::Suite> write_run_metrics(const std::filesystem::path& run);

/// The context probe: which side a model's lips are on where only what follows can tell.
/// The rig must have the aperture's curves. Several runs are averaged. See synth::make_probe.
std::vector<synth::ProbeScore> probe_runs(const std::vector<std::filesystem::path>& runs,
                                          const EvaluateOptions& options, int64_t pairs);

}  // namespace kuchi::train
