// src/train/judge_phones.h
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "eval/phones.h"
#include "train/evaluate_run.h"

namespace kuchi::train {

struct PhoneLabels {
  std::string from;             // a recipe or a folder with TextGrids; "": the run's own data
  std::string tier = "phones";  // of the TextGrids
};

/// What predict() gave, phone by phone, and which phones the run was trained on how often. A store
/// holds no labels: they are found again beside the recordings, by data::find_phones(), and the
/// embedded set's by making it again. A clip goes with the labels of its id, else with those whose
/// file has its name. UserError (config) where a run was trained on a store alone and nothing says
/// where its TextGrids are; (data) where none of the judged clips has labels.
eval::PhoneReport judge_phones(const std::filesystem::path& run, const Judging& judging,
                               const std::vector<eval::ClipResult>& results,
                               const PhoneLabels& labels);

}  // namespace kuchi::train
