#include "report/study_tables.h"

#include <algorithm>
#include <string_view>

#include "core/text.h"
#include "report/study_rows.h"

namespace kuchi::report {
namespace {

void print_table(std::ostream& out, const StudyTable& table) {
  Table text;
  for (const auto& column : table.columns) text.add_column(printable(column.name), column.align);
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (const auto& cell : row) cells.push_back(printable(cell));
    text.add_row(std::move(cells));
  }
  text.print(out);
}

void print_lines(std::ostream& out, const std::vector<std::string>& lines) {
  for (const auto& line : lines) out << printable(line) << '\n';
}

/// Text of the data in Markdown: one line, and no character that means anything.
std::string markdown(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '\\':
      case '|':
      case '`':
      case '*':
      case '_':
      case '~':
      case '#':
      case '$':
      case '[':
      case ']':
        out += '\\';
        [[fallthrough]];
      default:
        out += c;
    }
  }
  return out;
}

void markdown_row(std::string& out, const std::vector<std::string>& cells) {
  out += '|';
  for (const auto& cell : cells) out += cell.empty() ? " |" : cat(" ", cell, " |");
  out += '\n';
}

void markdown_table(std::string& out, const StudyTable& table) {
  std::vector<std::string> names, rules;
  for (const auto& column : table.columns) {
    names.push_back(markdown(column.name));
    rules.push_back(column.align == Align::right ? "---:" : "---");
  }
  markdown_row(out, names);
  markdown_row(out, rules);
  for (const auto& row : table.rows) {
    std::vector<std::string> cells;
    for (const auto& cell : row) cells.push_back(markdown(cell));
    markdown_row(out, cells);
  }
  out += '\n';
}

/// A line of its own: what would begin a list, a rule or code there does not.
std::string markdown_line(const std::string& text) {
  std::string out = trim(markdown(text));
  const size_t digits = out.find_first_not_of("0123456789");
  if (digits == std::string::npos) return out;
  const char c = out[digits];
  if (digits == 0 ? (c == '-' || c == '+' || c == '=') : (c == '.' || c == ')'))
    out.insert(digits, "\\");
  return out;
}

void markdown_list(std::string& out, const std::vector<std::string>& lines) {
  for (const auto& line : lines) out += cat("- ", markdown_line(line), "\n");
  if (!lines.empty()) out += '\n';
}

/// Text of the data in LaTeX. Beside what LaTeX reserves: [ and * at a row's begin would be taken
/// for an argument of the \\ before it, < > | " are other signs in the old fonts, and -- a dash.
std::string latex(std::string_view text) {
  std::string plain = printable(text), out;
  const std::pair<std::string_view, std::string_view> wide[] = {{"–", "--"}, {"×", "$\\times$"}};
  for (size_t i = 0; i < plain.size(); ++i) {
    const auto rest = std::string_view(plain).substr(i);
    const auto sign = std::find_if(std::begin(wide), std::end(wide), [&](const auto& pair) {
      return rest.substr(0, pair.first.size()) == pair.first;
    });
    if (sign != std::end(wide)) {
      out += sign->second;
      i += sign->first.size() - 1;
      continue;
    }
    switch (const char c = plain[i]; c) {
      case '\\':
        out += "\\textbackslash{}";
        break;
      case '^':
        out += "\\textasciicircum{}";
        break;
      case '~':
        out += "\\textasciitilde{}";
        break;
      case '<':
        out += "\\textless{}";
        break;
      case '>':
        out += "\\textgreater{}";
        break;
      case '|':
        out += "\\textbar{}";
        break;
      case '"':
        out += "{\\char34}";
        break;
      case '\'':
      case '`':
      case '-':
      case '*':
      case '[':
      case ']':
        out += c == '-' && (i + 1 >= plain.size() || plain[i + 1] != '-') ? "-" : cat('{', c, '}');
        break;
      case '{':
      case '}':
      case '$':
      case '&':
      case '#':
      case '_':
      case '%':
        out += '\\';
        [[fallthrough]];
      default:
        out += c;
    }
  }
  return out;
}

void latex_row(std::string& out, const std::vector<std::string>& cells) {
  std::vector<std::string> escaped;
  for (const auto& cell : cells) escaped.push_back(latex(cell));
  out += cat("  ", join(escaped, " & "), " \\\\\n");
}

}  // namespace

void print_study(std::ostream& out, const StudyJson& summary) {
  const auto study = read_study(summary);
  if (!study.name.empty()) out << printable(study.name) << '\n';
  print_lines(out, lead_sentences(study));
  out << '\n';
  print_table(out, settings_table(study));
  const auto notes = note_sentences(study);
  if (!notes.empty()) out << '\n';
  print_lines(out, notes);
  if (const auto effects = effects_table(study); !effects.rows.empty()) {
    out << '\n';
    print_table(out, effects);
    print_lines(out, effect_sentences(study));
  }
  const size_t failed = failed_trials(study);
  if (failed == 0) return;
  out << '\n';
  print_table(out, failed_table(study, kFailedPrinted));
  if (failed > kFailedPrinted) {
    out << "and " << failed - kFailedPrinted << " more, in summary.csv\n";
  }
}

std::string study_markdown(const StudyJson& summary) {
  const auto study = read_study(summary);
  std::string out = cat("# ", study.name.empty() ? "Study" : markdown_line(study.name), "\n\n");
  markdown_list(out, lead_sentences(study));
  markdown_table(out, settings_table(study));
  markdown_list(out, note_sentences(study));
  if (const auto effects = effects_table(study); !effects.rows.empty()) {
    out += "## Main effects\n\n";
    markdown_table(out, effects);
    markdown_list(out, effect_sentences(study));
  }
  if (const auto failed = failed_table(study, study.trials.size()); !failed.rows.empty()) {
    out += "## Failed trials\n\n";
    markdown_table(out, failed);
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

std::string study_latex(const StudyJson& summary) {
  const auto study = read_study(summary);
  const auto table = settings_table(study);
  std::string out, columns;
  if (!study.name.empty()) out += cat("% ", printable(study.name), "\n");
  for (const auto& lines : {lead_sentences(study), note_sentences(study)}) {
    for (const auto& line : lines) out += cat("% ", printable(line), "\n");
  }
  std::vector<std::string> names;
  for (const auto& column : table.columns) {
    columns += column.align == Align::right ? 'r' : 'l';
    names.push_back(column.name);
  }
  out += cat("\\begin{tabular}{", columns, "}\n  \\hline\n");
  latex_row(out, names);
  out += "  \\hline\n";
  for (const auto& row : table.rows) latex_row(out, row);
  return out + "  \\hline\n\\end{tabular}\n";
}

}  // namespace kuchi::report
