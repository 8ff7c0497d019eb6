#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "study/plan.h"
#include "study/results.h"
#include "study/runner.h"

namespace kuchi::study {

/// What a study asks of the rooms above: how a training's configuration comes to be, and which
/// clips there are.
struct Experiments {
  Resolve resolve;
  std::function<std::vector<data::ClipFacts>(const Choice& overrides)> clips;
};

/// A study with what it comes to: its settings, rung by rung where it halves, and their trials.
struct Planned {
  Study study;
  std::vector<Setting> settings;
  std::vector<Fold> folds;
  std::vector<Trial> trials;  // Trial::setting is an index of the settings above
  bool complete = true;       // false: another rung will follow, when this one has run
};

/// Plans as far as the ledger knows: a rung's settings follow from what the last one gave.
/// UserError (config) for any mistake in the study or its values, before anything has run.
Planned plan(const Study& study, const Experiments& experiments, const std::filesystem::path& dir);

/// Runs all that is left, rung by rung. Returns the whole plan.
Planned run(const Study& study, const Experiments& experiments, const RunOptions& options);

/// UserError (config) for a study that halves: its trials follow from one another, so that they
/// cannot be tasks of an array job.
void refuse_halving(const Study& study);

/// Trial `index`, from 1, alone: a task of an array job. UserError (config) for an index that is
/// none; see refuse_halving().
void run_one(const Study& study, const Experiments& experiments, const RunOptions& options,
             int64_t index);

/// summary.json as it is now.
nlohmann::ordered_json summarise(const Planned& planned, const std::filesystem::path& dir);

}  // namespace kuchi::study
