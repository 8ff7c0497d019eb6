#pragma once

#include <ostream>
#include <string>

#include "report/study_summary.h"

namespace kuchi::report {

// A study's result in words and tables, drawn of its summary.json alone. All of them throw
// UserError (data) where the summary is not one (study_summary.h).

/// For a terminal: what was tried, the settings' table, what the questions say, main effects, and
/// the first kFailedPrinted failed trials with their reasons. Control characters become spaces.
void print_study(std::ostream& out, const StudyJson& summary);
inline constexpr size_t kFailedPrinted = 20;

/// The same with all failed trials, as Markdown (pipe tables). Nothing in the data acts as markup.
std::string study_markdown(const StudyJson& summary);

/// The settings' table as a tabular environment of LaTeX's own, without packages, for pdfLaTeX
/// (UTF-8), XeLaTeX and LuaLaTeX. Notes stand before it as comments.
std::string study_latex(const StudyJson& summary);

/// A row a trial, in the summary's order:
///   trial, setting, a column a factor (then any other overridden key), seed, fold, rung, status,
///   reason, and for every metric that any trial has NAME, and NAME_low and NAME_high where any has
///   an interval
/// Quoted by RFC 4180, lines end in \n, numbers read back as the same doubles, what is undefined is
/// empty, a list is JSON. No times and no folders: a study that was killed and went on gives the
/// same bytes.
std::string study_csv(const StudyJson& summary);

}  // namespace kuchi::report
