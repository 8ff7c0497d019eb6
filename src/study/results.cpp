#include "study/results.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "study/runner.h"

namespace kuchi::study {
namespace fs = std::filesystem;
namespace {

constexpr size_t kClipsForUnits = 20;  // as eval::Options has it

/// What one seed's trials of a setting say, by unit in the order of the folds.
struct Row {
  std::vector<std::string> clips;
  std::vector<double> errors, counts;
};

void add_squared(const eval::Suite& suite, Row& row) {
  for (size_t u = 0; u < suite.units.clip.size(); ++u) {
    row.clips.push_back(suite.units.clip[u]);
    row.errors.push_back(suite.units.squared_error[u]);
    row.counts.push_back(static_cast<double>(suite.units.count[u]));
  }
}

void add_by_clip(const eval::Suite& suite, const std::string& metric, Row& row) {
  for (const auto& [clip, scores] : suite.per_clip) {
    const auto value = scores.value(metric);
    if (!value) continue;
    row.clips.push_back(clip);
    row.errors.push_back(*value);
    row.counts.push_back(1);
  }
}

/// Blocks of a clip become one.
Row by_clip(const Row& row) {
  Row out;
  std::map<std::string, size_t> place;
  for (size_t u = 0; u < row.clips.size(); ++u) {
    const auto [it, fresh] = place.try_emplace(row.clips[u], out.clips.size());
    if (fresh) {
      out.clips.push_back(row.clips[u]);
      out.errors.push_back(0);
      out.counts.push_back(0);
    }
    out.errors[it->second] += row.errors[u];
    out.counts[it->second] += row.counts[u];
  }
  return out;
}

/// Trials by seed, each in the order of setting and fold; only seeds with as many as the fullest.
std::map<int64_t, std::vector<const Result*>> whole_seeds(
    const std::vector<const Result*>& results) {
  std::map<int64_t, std::vector<const Result*>> out;
  std::map<int64_t, size_t> planned;
  for (const auto* result : results) {
    ++planned[result->trial.seed];
    if (result->measured) out[result->trial.seed].push_back(result);
  }
  std::erase_if(out, [&](const auto& seed) { return seed.second.size() < planned[seed.first]; });
  for (auto& [seed, trials] : out) {
    std::stable_sort(trials.begin(), trials.end(), [](const Result* a, const Result* b) {
      return std::pair(a->trial.setting, a->trial.fold) <
             std::pair(b->trial.setting, b->trial.fold);
    });
  }
  return out;
}

/// A seed's rows of several settings, one after another, as one row: errors of a unit are added.
Row row_of(const std::vector<const Result*>& trials, const std::string& metric) {
  std::map<size_t, Row> by_setting;
  for (const auto* result : trials) {
    Row& row = by_setting[result->trial.setting];
    if (metric == "mse") {
      add_squared(*result->measured, row);
    } else {
      add_by_clip(*result->measured, metric, row);
    }
  }
  Row out;
  for (const auto& [setting, row] : by_setting) {
    if (out.clips.empty()) {
      out = row;
      continue;
    }
    if (row.clips != out.clips) return {};
    for (size_t u = 0; u < row.errors.size(); ++u) {
      out.errors[u] += row.errors[u];
      out.counts[u] += row.counts[u];
    }
  }
  return out;
}

}  // namespace

std::vector<Result> read_results(const fs::path& dir, const std::vector<Trial>& trials,
                                 const Ledger& ledger) {
  std::vector<Result> out;
  std::map<std::string, std::optional<eval::Suite>> read;  // a training may be several trials'
  for (const auto& trial : trials) {
    Result result{trial, ledger.state(trial.id), {}};
    if (result.state && result.state->kind == State::Kind::done) {
      auto& suite = read[trial.id];
      if (!suite) {
        const auto file = run_of(dir, trial.id) / "metrics.json";
        const auto json = nlohmann::ordered_json::parse(io::read_text(file), nullptr, false);
        if (json.is_discarded()) {
          fail_data(file, "is broken; remove its folder, and kuchi sweep trains it again");
        }
        suite = eval::suite_from_json(json, file.string());
      }
      result.measured = suite;
    }
    out.push_back(std::move(result));
  }
  return out;
}

std::vector<std::string> comparable_metrics() {
  return {"mse", "mae", "nmse", "vel_mse", "acc_mse", "lve", "lve_sq", "mve", "lip_dtw"};
}

bool can_be_compared(const std::string& metric) {
  const auto names = comparable_metrics();
  return std::find(names.begin(), names.end(), metric) != names.end();
}

std::optional<Errors> errors_of(const std::vector<const Result*>& results,
                                const std::string& metric) {
  std::vector<Row> rows;
  for (const auto& [seed, trials] : whole_seeds(results)) {
    auto row = row_of(trials, metric);
    if (row.clips.empty() || (!rows.empty() && row.clips.size() != rows[0].clips.size())) continue;
    rows.push_back(std::move(row));
  }
  if (rows.empty()) return std::nullopt;
  Errors out;
  const size_t clips = std::set<std::string>(rows[0].clips.begin(), rows[0].clips.end()).size();
  if (clips >= kClipsForUnits) {
    for (auto& row : rows) row = by_clip(row);
  } else {
    if (metric != "mse") return std::nullopt;
    out.blocks = true;
  }
  out.clips = rows[0].clips;
  out.sums.counts = rows[0].counts;
  out.sums.errors =
      stats::Matrix64(static_cast<int64_t>(rows.size()), static_cast<int64_t>(out.clips.size()));
  for (size_t s = 0; s < rows.size(); ++s) {
    std::copy(rows[s].errors.begin(), rows[s].errors.end(),
              out.sums.errors.row(static_cast<int64_t>(s)).begin());
  }
  return out;
}

eval::Scores scores_of(const std::vector<const Result*>& results) {
  const auto seeds = whole_seeds(results);
  eval::Scores out;
  if (seeds.empty()) return out;
  if (seeds.size() == 1 && seeds.begin()->second.size() == 1) {
    return seeds.begin()->second[0]->measured->metrics;
  }
  std::map<std::string, std::vector<double>> values;  // by seed
  for (const auto& [seed, trials] : seeds) {
    std::map<std::string, std::pair<double, double>> sums;
    for (const auto* trial : trials) {
      const auto weight = static_cast<double>(trial->measured->frames);
      for (const auto& [name, estimate] : trial->measured->metrics.items()) {
        if (!estimate.value) continue;
        sums[name].first += weight * *estimate.value;
        sums[name].second += weight;
      }
    }
    for (const auto& [name, sum] : sums) {
      if (sum.second > 0) values[name].push_back(sum.first / sum.second);
    }
  }
  for (const auto& [name, estimate] : seeds.begin()->second[0]->measured->metrics.items()) {
    const auto& all = values[name];
    if (all.empty()) continue;
    double sum = 0;
    for (const double value : all) sum += value;
    out.set(name, {sum / static_cast<double>(all.size()), {}, {}});
  }
  return out;
}

}  // namespace kuchi::study
