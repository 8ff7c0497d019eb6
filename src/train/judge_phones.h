// src/train/judge_phones.h
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "eval/phones.h"
#include "train/evaluate_run.h"
#include "train/phone_labels.h"

namespace kuchi::train {

/// What predict() gave, phone by phone, and which phones the run was trained on how often. A clip
/// goes with the labels of its id, else with those whose file has its name. UserError as
/// open_labels() has them; (data) where none of the judged clips has labels.
eval::PhoneReport judge_phones(const std::filesystem::path& run, const Judging& judging,
                               const std::vector<eval::ClipResult>& results,
                               const PhoneLabels& labels);
/// UserError (data): none of the judged clips has labels.
[[noreturn]] void refuse_unlabelled(const std::filesystem::path& run, const PhoneLabels& labels,
                                    const std::vector<eval::ClipResult>& results);
/// By labels that are open already; a report of no clips where none of them has any.
eval::PhoneReport judge_phones(const std::filesystem::path& run, const Judging& judging,
                               const std::vector<eval::ClipResult>& results, const LabelBook& book);

}  // namespace kuchi::train
