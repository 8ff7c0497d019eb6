#include "report/suite_tables.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "core/text.h"
#include "report/table.h"

namespace kuchi::report {
namespace {

using NamedScores = std::pair<std::string, eval::Scores>;

std::vector<const NamedScores*> ordered(const eval::Suite& suite, CurveOrder order) {
  std::vector<const NamedScores*> curves;
  for (const NamedScores& curve : suite.per_curve) curves.push_back(&curve);
  if (order == CurveOrder::worst_first) {
    const auto r2 = [](const NamedScores* curve) {
      return curve->second.value("r2").value_or(std::numeric_limits<double>::infinity());
    };
    std::stable_sort(curves.begin(), curves.end(),
                     [&](const auto* a, const auto* b) { return r2(a) < r2(b); });
  }
  return curves;
}

std::vector<std::string> probes(std::span<const eval::Suite> suites) {
  std::vector<std::string> names;
  for (const eval::Suite& suite : suites) {
    for (const auto& [name, estimate] : suite.metrics.items()) {
      const bool known = std::find(names.begin(), names.end(), name) != names.end();
      if (name.rfind("probe", 0) == 0 && !known) names.push_back(name);
    }
  }
  return names;
}

int64_t clips_with(const eval::Suite& suite, const std::string& curve) {
  for (const auto& [name, clips] : suite.clips_of_curve) {
    if (name == curve) return clips;
  }
  return suite.clips;
}

std::string times_first(const std::optional<double>& value, const std::optional<double>& first) {
  if (!value || !first || *first == 0) return cell({});
  return "×" + fixed(*value / *first, 3);
}

}  // namespace

void print_curves(std::ostream& out, const eval::Suite& suite, CurveOrder order) {
  Table table;
  table.add_column("curve", Align::left);
  for (const char* name : {"mse", "r2", "pcc", "std_ratio"}) table.add_column(name);
  const bool counts = !suite.clips_of_curve.empty();
  if (counts) table.add_column("clips");
  for (const NamedScores* curve : ordered(suite, order)) {
    const eval::Scores& s = curve->second;
    std::vector<std::string> row = {curve->first, cell(s.value("mse")), fixed(s.value("r2")),
                                    fixed(s.value("pcc")), fixed(s.value("std_ratio"))};
    if (counts) row.push_back(std::to_string(clips_with(suite, curve->first)));
    table.add_row(std::move(row));
  }
  table.print(out);
}

void print_metrics(std::ostream& out, const eval::Suite& suite) {
  Table table;
  table.add_column("metric", Align::left);
  for (const char* name : {"value", "low", "high"}) table.add_column(name);
  for (const auto& [name, estimate] : suite.metrics.items()) {
    table.add_row({name, cell(estimate.value), cell(estimate.low), cell(estimate.high)});
  }
  table.print(out);
  if (!suite.evidence.empty()) out << suite.evidence << '\n';
  if (!suite.vertices.empty()) out << "lve, mve and fdd: " << suite.vertices << '\n';
}

std::string one_line(const eval::Suite& suite) {
  const eval::Estimate* mse = suite.metrics.find("mse");
  std::string text = "mse " + cell(mse ? mse->value : std::nullopt);
  if (mse && mse->low && mse->high) text += cat(" (", cell(mse->low), " – ", cell(mse->high), ")");
  return cat(text, ", r2 ", fixed(suite.metrics.value("r2")), ", pcc ",
             fixed(suite.metrics.value("pcc")), " over ", suite.clips,
             suite.clips == 1 ? " clip, " : " clips, ", suite.frames, " frames, ", suite.curves,
             " curves");
}

void print_comparison(std::ostream& out, std::span<const eval::Suite> suites) {
  Table table;
  table.add_column("model", Align::left);
  for (const char* name : {"mse", "×first", "r2", "pcc", "vel_mse", "std_ratio"}) {
    table.add_column(name);
  }
  const auto extra = probes(suites);
  for (const std::string& name : extra) table.add_column(name);
  for (const eval::Suite& suite : suites) {
    const eval::Scores& s = suite.metrics;
    std::vector<std::string> row = {suite.model,
                                    cell(s.value("mse")),
                                    times_first(s.value("mse"), suites[0].metrics.value("mse")),
                                    fixed(s.value("r2")),
                                    fixed(s.value("pcc")),
                                    cell(s.value("vel_mse")),
                                    fixed(s.value("std_ratio"))};
    for (const std::string& name : extra) row.push_back(fixed(s.value(name)));
    table.add_row(std::move(row));
  }
  table.print(out);
}

void print_side_by_side(std::ostream& out, std::span<const eval::Suite> suites) {
  Table table;
  table.add_column("metric", Align::left);
  std::vector<std::string> names;
  for (const auto& suite : suites) {
    table.add_column(suite.model);
    for (const auto& [name, estimate] : suite.metrics.items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  for (const auto& name : names) {
    std::vector<std::string> row = {name};
    for (const auto& suite : suites) {
      const auto* e = suite.metrics.find(name);
      std::string text = cell(e ? e->value : std::nullopt);
      if (e && e->low && e->high) text += cat(" (", cell(e->low, 3), " – ", cell(e->high, 3), ")");
      row.push_back(std::move(text));
    }
    table.add_row(std::move(row));
  }
  table.print(out);
}

}  // namespace kuchi::report
