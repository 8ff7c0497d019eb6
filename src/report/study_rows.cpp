#include "report/study_rows.h"

#include <algorithm>
#include <set>

#include "core/text.h"
#include "report/main_effects.h"

namespace kuchi::report {
namespace {

std::string interval(const eval::Estimate& e) {
  return e.low && e.high ? cat(cell(e.low), " – ", cell(e.high)) : std::string();
}

std::string times(const std::optional<double>& ratio) {
  return ratio ? cat("×", fixed(ratio)) : std::string();
}

std::string times_interval(const eval::Estimate& e) {
  return e.low && e.high ? cat(fixed(e.low), " – ", fixed(e.high)) : std::string();
}

std::string with_interval(const eval::Estimate& e) {
  const auto range = interval(e);
  return range.empty() ? cell(e.value) : cat(cell(e.value), " (", range, ")");
}

/// Whether the factors' columns tell all settings apart from one another.
bool factors_tell_all(const StudySummary& study) {
  const auto is_factor = [&](const std::string& key) {
    return std::any_of(study.factors.begin(), study.factors.end(),
                       [&](const StudyFactor& f) { return f.key == key; });
  };
  return std::all_of(study.settings.begin(), study.settings.end(), [&](const StudySetting& s) {
    return std::all_of(s.overrides.begin(), s.overrides.end(),
                       [&](const auto& entry) { return is_factor(entry.first); });
  });
}

std::vector<std::string> numbers_of(const StudySummary& study, size_t i) {
  const StudySetting& s = study.settings[i];
  const auto metric = study_metric(study, s.metrics);
  const bool is_baseline = study.baseline == i;
  const auto ratio = is_baseline ? eval::Estimate{} : ratio_to_baseline(study, i);
  const auto* asked = against_baseline(study, i);
  const auto p = [](const std::optional<double>& value) {
    return value ? cell(value, 2) : std::string();
  };
  return {std::to_string(s.done),
          s.failed > 0 ? std::to_string(s.failed) : "",
          cell(metric.value),
          interval(metric),
          times(ratio.value),
          times_interval(ratio),
          asked ? p(asked->p) : "",
          asked ? p(asked->p_corrected) : "",
          is_baseline ? "baseline"
          : asked     ? asked->verdict
                      : ""};
}

void drop_empty_columns(StudyTable& table) {
  for (size_t c = table.columns.size(); c-- > 0;) {
    const auto empty = [&](const auto& row) { return row[c].empty(); };
    if (!std::all_of(table.rows.begin(), table.rows.end(), empty)) continue;
    table.columns.erase(table.columns.begin() + static_cast<std::ptrdiff_t>(c));
    for (auto& row : table.rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(c));
  }
}

std::string count(int64_t n, const std::string& one) { return cat(n, " ", one, n == 1 ? "" : "s"); }

}  // namespace

StudyTable settings_table(const StudySummary& study) {
  const bool by_factor =
      !study.factors.empty() && study.factors.size() <= kFactorColumns && factors_tell_all(study);
  StudyTable table;
  if (by_factor) {
    for (const auto& f : study.factors) table.columns.push_back({f.key, Align::left});
  } else {
    table.columns.push_back({"setting", Align::left});
  }
  const bool rungs = std::any_of(study.settings.begin(), study.settings.end(),
                                 [](const StudySetting& s) { return s.rung > 0; });
  if (rungs) table.columns.push_back({"rung"});
  for (const std::string& name :
       {std::string("trials"), std::string("failed"), study.metric, std::string("95 %"),
        std::string("ratio"), std::string("95 %"), std::string("p"), std::string("corrected")}) {
    table.columns.push_back({name});
  }
  table.columns.push_back({"verdict", Align::left});
  for (const size_t i : settings_order(study)) {
    const StudySetting& s = study.settings[i];
    std::vector<std::string> row;
    if (by_factor) {
      for (const auto& f : study.factors) {
        const StudyJson* value = choice(s.overrides, f.key);
        row.push_back(value == nullptr ? "–" : value_text(*value));
      }
    } else {
      row.push_back(s.name);
    }
    if (rungs) row.push_back(std::to_string(s.rung));
    for (auto& text : numbers_of(study, i)) row.push_back(std::move(text));
    table.rows.push_back(std::move(row));
  }
  if (!table.rows.empty()) drop_empty_columns(table);
  return table;
}

StudyTable effects_table(const StudySummary& study) {
  StudyTable table;
  table.columns = {{"factor", Align::left},
                   {"value", Align::left},
                   {"mean " + study.metric},
                   {"95 %"},
                   {"settings"}};
  for (const auto& factor : main_effects(study).factors) {
    if (factor.values.size() > kValuesShown) continue;
    for (size_t v = 0; v < factor.values.size(); ++v) {
      const ValueEffect& e = factor.values[v];
      table.rows.push_back({v == 0 ? factor.key : "", value_text(e.value), cell(e.mean.value),
                            interval(e.mean), std::to_string(e.settings)});
    }
  }
  return table;
}

StudyTable failed_table(const StudySummary& study, size_t most) {
  StudyTable table;
  table.columns = {{"failed trial", Align::left},
                   {"setting", Align::left},
                   {"seed"},
                   {"fold", Align::left},
                   {"reason", Align::left}};
  for (const auto& t : study.trials) {
    if (t.status != "failed" || table.rows.size() >= most) continue;
    table.rows.push_back({t.id, study.settings[t.setting].name, std::to_string(t.seed), t.fold,
                          t.reason.empty() ? "no reason was recorded" : t.reason});
  }
  if (!table.rows.empty()) drop_empty_columns(table);
  return table;
}

size_t failed_trials(const StudySummary& study) {
  return static_cast<size_t>(
      std::count_if(study.trials.begin(), study.trials.end(),
                    [](const StudyTrial& t) { return t.status == "failed"; }));
}

std::vector<std::string> lead_sentences(const StudySummary& study) {
  std::vector<std::string> out;
  if (!study.about.empty()) out.push_back(study.about);
  const auto done = std::count_if(study.trials.begin(), study.trials.end(),
                                  [](const StudyTrial& t) { return t.status == "done"; });
  const auto failed = static_cast<int64_t>(failed_trials(study));
  const auto all = static_cast<int64_t>(study.trials.size());
  std::string trials = cat(count(static_cast<int64_t>(study.settings.size()), "setting"), ", ",
                           count(all, "trial"), ": ", done, " done");
  if (failed > 0) trials += cat(", ", failed, " failed");
  if (all > done + failed) trials += cat(", ", all - done - failed, " not yet");
  out.push_back(cat(trials, "; ", study.metric, ", better ",
                    study.lower_is_better ? "lower" : "higher", "."));
  const auto named = [&](const char* what, size_t i) {
    const auto e = study_metric(study, study.settings[i].metrics);
    return cat(what, ": ", study.settings[i].name, ", ", study.metric, " ", with_interval(e));
  };
  if (study.baseline) out.push_back(named("baseline", *study.baseline) + ".");
  if (study.best) {
    std::string best = named("best", *study.best);
    if (study.best == study.baseline) {
      best += ", the baseline itself";
    } else if (const auto ratio = ratio_to_baseline(study, *study.best); ratio.value) {
      best += cat(", ", times(ratio.value), " of the baseline");
      if (const auto range = times_interval(ratio); !range.empty()) best += cat(" (", range, ")");
    }
    out.push_back(best + ".");
  }
  return out;
}

std::vector<std::string> note_sentences(const StudySummary& study) {
  std::vector<std::string> out;
  if (!study.evidence.empty()) out.push_back(cat("evidence: ", study.evidence));
  std::set<std::string> smallest;
  for (const auto& c : study.comparisons) {
    if (!c.smallest_p) continue;
    smallest.insert(cat("the smallest p that ", count(c.units, c.unit.empty() ? "unit" : c.unit),
                        " and ", count(c.seeds, "seed"), " can reach is ", cell(c.smallest_p, 2)));
  }
  out.insert(out.end(), smallest.begin(), smallest.end());
  for (const auto& c : study.comparisons) {
    if (!c.says.empty()) {
      out.push_back(c.says);
      continue;
    }
    out.push_back(cat(c.a, " against ", c.b, ": ", c.metric, " ", times(c.ratio), " (",
                      times_interval({c.ratio, c.low, c.high}), "), corrected p ",
                      cell(c.p_corrected, 2), ": ", c.verdict));
  }
  for (const auto& c : study.crossings) {
    if (!c.x) continue;
    // A bound that is missing lies beyond what was measured.
    const auto range = c.low && c.high ? interval({c.x, c.low, c.high})
                       : c.low         ? cat(cell(c.low), " or more")
                       : c.high        ? cat("up to ", cell(c.high))
                                       : std::string();
    out.push_back(cat(
        c.a, " and ", c.b, " cross at ", study.curve_factor, " ", cell(c.x, 3),
        range.empty() ? "" : cat(" (", range, ")"),
        c.beyond.empty() ? "" : cat(", and ", c.beyond, " is better beyond"),
        c.share ? cat("; so in ", cell(100 * *c.share, 3), " % of the resamples") : std::string()));
  }
  return out;
}

std::vector<std::string> effect_sentences(const StudySummary& study) {
  const auto effects = main_effects(study);
  std::vector<std::string> out;
  for (const auto& factor : effects.factors) {
    out.push_back(cat(factor.key, ": ", balance_note(factor)));
  }
  if (!out.empty() && effects.log) out.push_back("means of errors are geometric");
  return out;
}

}  // namespace kuchi::report
