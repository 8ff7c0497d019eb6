#include "report/main_effects.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/text.h"

namespace kuchi::report {
namespace {

/// A setting as one factor sees it: its place among the factor's values, and all else.
struct Cell {
  size_t value;
  std::string others;
  eval::Estimate metric;
};

std::string others_of(const StudySummary& study, const StudySetting& setting, size_t factor) {
  StudyJson out = StudyJson::array({setting.rung});
  for (size_t f = 0; f < study.factors.size(); ++f) {
    if (f == factor) continue;
    const StudyJson* value = choice(setting.overrides, study.factors[f].key);
    out.push_back(value == nullptr ? StudyJson::array() : StudyJson::array({*value}));
  }
  return value_text(out);
}

std::vector<Cell> cells_of(const StudySummary& study, size_t factor) {
  std::vector<Cell> out;
  const auto& values = study.factors[factor].values;
  for (const auto& setting : study.settings) {
    const StudyJson* value = choice(setting.overrides, study.factors[factor].key);
    const auto metric = study_metric(study, setting.metrics);
    if (value == nullptr || !metric.value) continue;
    const auto place = std::find(values.begin(), values.end(), *value) - values.begin();
    out.push_back({static_cast<size_t>(place), others_of(study, setting, factor), metric});
  }
  return out;
}

/// Mean of what is there on the scale; nothing where one of them lacks it.
std::optional<double> mean(const std::vector<std::optional<double>>& list, bool log) {
  double sum = 0;
  for (const auto& v : list) {
    if (!v || (log && *v <= 0)) return {};
    sum += log ? std::log(*v) : *v;
  }
  if (list.empty()) return {};
  sum /= static_cast<double>(list.size());
  return log ? std::exp(sum) : sum;
}

FactorEffect effect_of(const StudySummary& study, size_t factor, bool log) {
  const auto cells = cells_of(study, factor);
  const auto& values = study.factors[factor].values;
  std::map<std::string, std::vector<bool>> seen;
  std::vector<bool> anywhere(values.size());
  for (const Cell& c : cells) {
    auto& has = seen[c.others];
    has.resize(values.size());
    has[c.value] = anywhere[c.value] = true;
  }
  FactorEffect out;
  out.key = study.factors[factor].key;
  out.combinations = static_cast<int64_t>(seen.size());
  for (const auto& [others, has] : seen) out.complete += has == anywhere ? 1 : 0;
  if (out.combinations > 0 && 2 * out.complete >= out.combinations) {
    out.balance = out.complete == out.combinations ? Balance::whole : Balance::part;
  }
  for (size_t v = 0; v < values.size(); ++v) {
    std::vector<std::optional<double>> value, low, high;
    for (const Cell& c : cells) {
      if (c.value != v || (out.balance == Balance::part && seen[c.others] != anywhere)) continue;
      value.push_back(c.metric.value);
      low.push_back(c.metric.low);
      high.push_back(c.metric.high);
    }
    const eval::Estimate over{mean(value, log), mean(low, log), mean(high, log)};
    out.values.push_back({values[v], over, static_cast<int64_t>(value.size())});
  }
  return out;
}

/// Whether it is an error: better lower, and above zero wherever it was measured.
bool is_error(const StudySummary& study) {
  return study.lower_is_better &&
         std::all_of(study.settings.begin(), study.settings.end(), [&](const auto& s) {
           const auto value = study_metric(study, s.metrics).value;
           return !value || *value > 0;
         });
}

}  // namespace

MainEffects main_effects(const StudySummary& study) {
  MainEffects out;
  out.log = is_error(study);
  for (size_t f = 0; f < study.factors.size(); ++f) {
    out.factors.push_back(effect_of(study, f, out.log));
  }
  return out;
}

std::string balance_note(const FactorEffect& effect) {
  const auto combinations = [](int64_t n) {
    return n == 1 ? std::string("1 combination") : cat(n, " combinations");
  };
  switch (effect.balance) {
    case Balance::whole:
      if (effect.combinations == 1) return "all else is the same";
      return cat("each mean is over the same ", combinations(effect.combinations),
                 " of the other factors");
    case Balance::part:
      return cat("each mean is over the ", effect.complete, " of ",
                 combinations(effect.combinations),
                 " of the other factors that have all values of this one");
    case Balance::none:
      break;
  }
  return effect.combinations == 0
             ? "no setting has a value yet"
             : "not balanced: the grid is not whole, so the settings differ in other factors too";
}

}  // namespace kuchi::report
