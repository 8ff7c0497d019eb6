#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/study_summary.h"

namespace kuchi::report {

/// The metric at one value of a factor, over the settings that have it.
struct ValueEffect {
  StudyJson value;
  eval::Estimate mean;   // nothing where no setting has both the value and the metric
  int64_t settings = 0;  // that the mean is over
};

enum class Balance {
  whole,  // every combination of the other factors has every value of this one
  part,   // half of them or more do: the mean is over those alone
  none    // fewer do: the mean is over all settings that have the value, unlike as they are
};

struct FactorEffect {
  std::string key;
  std::vector<ValueEffect> values;
  Balance balance = Balance::none;
  int64_t complete = 0, combinations = 0;  // of the other factors (and the rung)
};

struct MainEffects {
  bool log = false;  // the means are geometric
  std::vector<FactorEffect> factors;
};

/// Main effects of a factorial design: at each value of a factor the mean of the study's metric
/// over the settings that have it, others balanced out where the grid lets it. A metric that is
/// better lower and positive everywhere is averaged as its logarithm, so that a factor that takes a
/// tenth off every error has one effect, whatever the others are.
///
/// The interval is the mean of the settings' own bounds on the same scale. A mean's standard error
/// is at most the mean of the standard errors, whatever their correlation, so it is wide enough;
/// and it is not much too wide, for all settings were judged on the same clips. For the same reason
/// two intervals may overlap where a paired comparison is certain.
MainEffects main_effects(const StudySummary& study);

/// Over what a factor's means are, in a sentence.
std::string balance_note(const FactorEffect& effect);

}  // namespace kuchi::report
