#include <algorithm>

#include "core/text.h"
#include "report/study_tables.h"

namespace kuchi::report {
namespace {

/// A field by RFC 4180: in quotes where it holds a comma, a quote or a line's end, quotes doubled.
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

void write_row(std::string& out, const std::vector<std::string>& cells) {
  for (size_t i = 0; i < cells.size(); ++i) out += cat(i > 0 ? "," : "", field(cells[i]));
  out += '\n';
}

std::string number_or_empty(const std::optional<double>& value) {
  return value ? number(*value) : std::string();
}

struct MetricColumns {
  std::string name;
  bool interval = false;
};

/// In the order in which trials first name them.
std::vector<MetricColumns> metrics_of(const StudySummary& study) {
  std::vector<MetricColumns> out;
  for (const auto& trial : study.trials) {
    for (const auto& [name, e] : trial.metrics.items()) {
      auto found = std::find_if(out.begin(), out.end(),
                                [&, &key = name](const auto& m) { return m.name == key; });
      if (found == out.end()) found = out.insert(out.end(), {name, false});
      found->interval = found->interval || e.low || e.high;
    }
  }
  return out;
}

std::vector<std::string> keys_of(const StudySummary& study) {
  std::vector<std::string> out;
  const auto add = [&](const std::string& key) {
    if (std::find(out.begin(), out.end(), key) == out.end()) out.push_back(key);
  };
  for (const auto& factor : study.factors) add(factor.key);
  for (const auto& trial : study.trials) {
    for (const auto& entry : trial.overrides) add(entry.first);
  }
  return out;
}

}  // namespace

std::string study_csv(const StudyJson& summary) {
  const auto study = read_study(summary);
  const auto metrics = metrics_of(study);
  const auto keys = keys_of(study);
  std::vector<std::string> header = {"trial", "setting"};
  header.insert(header.end(), keys.begin(), keys.end());
  for (const char* name : {"seed", "fold", "rung", "status", "reason"}) header.push_back(name);
  for (const auto& m : metrics) {
    header.push_back(m.name);
    if (m.interval) header.insert(header.end(), {m.name + "_low", m.name + "_high"});
  }
  std::string out;
  write_row(out, header);
  for (const auto& t : study.trials) {
    std::vector<std::string> row = {t.id, std::to_string(t.setting)};
    for (const auto& key : keys) {
      const StudyJson* value = choice(t.overrides, key);
      row.push_back(value == nullptr ? "" : value_text(*value));
    }
    row.insert(row.end(),
               {std::to_string(t.seed), t.fold, std::to_string(t.rung), t.status, t.reason});
    for (const auto& m : metrics) {
      const auto* found = t.metrics.find(m.name);
      const auto e = found == nullptr ? eval::Estimate{} : *found;
      row.push_back(number_or_empty(e.value));
      if (m.interval) row.insert(row.end(), {number_or_empty(e.low), number_or_empty(e.high)});
    }
    write_row(out, row);
  }
  return out;
}

}  // namespace kuchi::report
