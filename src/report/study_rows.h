#pragma once

#include <string>
#include <vector>

#include "report/study_summary.h"
#include "report/table.h"

namespace kuchi::report {

/// A table before it has a form: text for people, with – where there is no value, × before a ratio.
struct StudyTable {
  struct Column {
    std::string name;
    Align align = Align::right;
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
};

/// A setting a row, in settings_order: a column a factor (the setting's name where there are none,
/// more than kFactorColumns of them, or settings that differ in keys that are no factor), rung,
/// trials done and failed, the metric, its ratio to the baseline, p, corrected p and verdict.
/// Columns that no row fills are left out.
StudyTable settings_table(const StudySummary& study);
inline constexpr size_t kFactorColumns = 4;

/// A factor's value a row. Factors of more than kValuesShown values are left out: their means are
/// over a setting or two each.
StudyTable effects_table(const StudySummary& study);
inline constexpr size_t kValuesShown = 12;

/// A trial that failed a row, with its reason; at most `most`.
StudyTable failed_table(const StudySummary& study, size_t most);

size_t failed_trials(const StudySummary& study);

/// What goes above the table: trials, best, baseline.
std::vector<std::string> lead_sentences(const StudySummary& study);

/// What goes below it: evidence, the smallest p, what the questions say, crossings.
std::vector<std::string> note_sentences(const StudySummary& study);

/// How main effects are to be read: their scale and what each is over, a sentence a factor.
std::vector<std::string> effect_sentences(const StudySummary& study);

}  // namespace kuchi::report
