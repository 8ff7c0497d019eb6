#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "config/schema.h"
#include "report/page.h"
#include "study/sweep.h"

namespace kuchi::train {

/// What a study must ask of the trainings' own configuration. `base`: Study::base.
///
/// resolve: the base with a trial's values, whole; without a number of threads of their own
///   (train.threads=0), `jobs` trainings at once share the machine's. Its identity leaves threads
///   and the options of heads that are not used out.
/// clips: those that the base's data give, without their splits, for cross-validation. Makes the
///   store ready, which the trainings then find.
study::Experiments experiments_of(const std::filesystem::path& base, int64_t jobs);

/// Numbers for CUDA_VISIBLE_DEVICES: the GPUs that this process sees; empty where the base trains
/// on the CPU or there is none.
std::vector<std::string> gpus_for(const std::filesystem::path& base,
                                  const study::Choice& overrides);

/// The page of a study's summary.json in `dir`: tables and pictures, and the curves of the best
/// setting and of the baseline on the same clips, with sound, where their runs are there.
report::Page report_study(const std::filesystem::path& dir, int64_t clips = 4);

/// True if there is a summary.json of a sweep.
bool is_study(const std::filesystem::path& dir);

}  // namespace kuchi::train
