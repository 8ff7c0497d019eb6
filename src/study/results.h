#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "eval/suite.h"
#include "stats/seed_errors.h"
#include "study/ledger.h"
#include "study/plan.h"

namespace kuchi::study {

/// A trial and what came of it.
struct Result {
  Trial trial;
  std::optional<State> state;           // nothing: not begun
  std::optional<eval::Suite> measured;  // of the held-out part
};

/// Reads the metrics of every trial that is done. UserError (data) for a broken metrics file.
std::vector<Result> read_results(const std::filesystem::path& dir, const std::vector<Trial>& trials,
                                 const Ledger& ledger);

/// A metric over seeds, and over the clips or blocks of all folds together.
struct Errors {
  stats::SeedErrors sums;          // seeds in which every fold is done
  std::vector<std::string> clips;  // [units] the clip of each
  bool blocks = false;             // the units are blocks of 5 s, since there are under 20 clips
};

/// True for metrics that comparisons can be made in: errors, at least 0, the lower the better.
bool can_be_compared(const std::string& metric);
/// Their names, for a message.
std::vector<std::string> comparable_metrics();

/// The errors of results that are one setting's, of several settings' where a question is put over
/// them: summed unit by unit. mse has its squared errors by clip, or by block where there are fewer
/// than 20 clips in all; other metrics are a mean over clips. Nothing where no seed is whole, or
/// where a metric other than mse has fewer than 20 clips.
std::optional<Errors> errors_of(const std::vector<const Result*>& results,
                                const std::string& metric);

/// Each metric's mean: over the folds by their frames, then over the seeds. Intervals where it is
/// one trial alone.
eval::Scores scores_of(const std::vector<const Result*>& results);

}  // namespace kuchi::study
