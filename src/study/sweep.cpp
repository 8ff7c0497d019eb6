#include "study/sweep.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "study/questions.h"

namespace kuchi::study {
namespace {

/// Settings of one rung, best first; those without a result are left out.
std::vector<size_t> order_of(const Planned& planned, size_t first,
                             const std::vector<Result>& results) {
  std::vector<std::pair<double, size_t>> ranked;
  for (size_t s = first; s < planned.settings.size(); ++s) {
    std::vector<const Result*> own;
    for (const auto& result : results) {
      if (result.trial.setting == s) own.push_back(&result);
    }
    const auto value = scores_of(own).value(planned.study.metric);
    if (value) ranked.emplace_back(*value, s - first);
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<size_t> out;
  for (const auto& [value, s] : ranked) out.push_back(s);
  return out;
}

bool all_ended(const std::vector<Trial>& trials, const Ledger& ledger) {
  return std::all_of(trials.begin(), trials.end(), [&](const Trial& trial) {
    const auto state = ledger.state(trial.id);
    return state && state->kind != State::Kind::started;
  });
}

void add_rung(Planned& planned, std::vector<Setting> settings, const Resolve& resolve) {
  const size_t first = planned.settings.size();
  for (auto& trial : trials_of(planned.study, settings, planned.folds, resolve)) {
    trial.setting += first;
    planned.trials.push_back(std::move(trial));
  }
  for (auto& setting : settings) planned.settings.push_back(std::move(setting));
}

/// Rung by rung; `run` is given what is planned so far, and says whether all of it has ended.
Planned by_rungs(const Study& study, const Experiments& experiments,
                 const std::filesystem::path& dir, const std::function<bool(const Planned&)>& run) {
  if (!can_be_compared(study.metric)) {
    fail_config({study.file.string()},
                cat("compare.metric must be one of ", join(comparable_metrics(), ", "), "; it is ",
                    study.metric, did_you_mean(study.metric, comparable_metrics())));
  }
  Planned out;
  out.study = study;
  auto settings = first_rung(study, settings_of(study));
  // A mistake is told before a data set is made ready.
  if (study.folds == Folds::none) {
    add_rung(out, settings, experiments.resolve);
  } else {
    trials_of(study, settings, {}, experiments.resolve);
    out.folds = folds_of(study, experiments.clips(study.overrides));
    add_rung(out, settings, experiments.resolve);
  }
  pairings_of(out);  // a baseline or a question of no settings is told before anything runs
  const auto rungs = study.halving ? static_cast<int64_t>(study.halving->budgets.size()) : 1;
  size_t first = 0;
  for (int64_t rung = 1; rung < rungs; ++rung) {
    if (!run(out)) {
      out.complete = false;
      return out;
    }
    const auto results = read_results(dir, out.trials, Ledger(dir));
    const std::span<const Setting> last(out.settings.data() + first, out.settings.size() - first);
    const auto order = order_of(out, first, results);
    if (order.empty()) return out;  // all have failed
    auto next = next_rung(study, last, order, rung);
    first = out.settings.size();
    add_rung(out, std::move(next), experiments.resolve);
  }
  out.complete = run(out);
  return out;
}

}  // namespace

Planned plan(const Study& study, const Experiments& experiments, const std::filesystem::path& dir) {
  return by_rungs(study, experiments, dir,
                  [&](const Planned& planned) { return all_ended(planned.trials, Ledger(dir)); });
}

Planned run(const Study& study, const Experiments& experiments, const RunOptions& options) {
  return by_rungs(study, experiments, options.dir, [&](const Planned& planned) {
    Ledger ledger(options.dir);
    run_trials(planned.trials, planned.settings, options, ledger);
    return true;
  });
}

void refuse_halving(const Study& study) {
  if (!study.halving) return;
  fail_config(study.halving->at,
              "search: halving cannot be an array job: who goes on shows when a rung ends");
}

void run_one(const Study& study, const Experiments& experiments, const RunOptions& options,
             int64_t index) {
  const Location at{study.file.string()};
  refuse_halving(study);
  const auto planned = plan(study, experiments, options.dir);
  if (index < 1 || index > static_cast<int64_t>(planned.trials.size())) {
    fail_config(at, cat("there is no trial ", index, "; they are 1 to ", planned.trials.size()));
  }
  Ledger ledger(options.dir);
  run_trials({planned.trials[static_cast<size_t>(index - 1)]}, planned.settings, options, ledger);
}

}  // namespace kuchi::study
