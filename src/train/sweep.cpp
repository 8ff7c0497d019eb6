#include "train/sweep.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "core/error.h"
#include "core/log.h"
#include "core/text.h"
#include "data/split.h"
#include "edge/cuda_plugin.h"
#include "io/atomic_file.h"
#include "report/study_summary.h"
#include "train/experiment.h"
#include "train/report_run.h"
#include "train/run_plugins.h"
#include "train/source.h"

namespace kuchi::train {
namespace fs = std::filesystem;
namespace {

/// Takes what names a base of its own out of the choice.
fs::path base_of(const fs::path& base, study::Choice& choice) {
  fs::path out = base;
  for (const auto& c : choice) {
    if (c.key == study::kBase) out = study::find_base(c.value.text(), c.value.at.file);
  }
  std::erase_if(choice, [](const auto& c) { return c.key == study::kBase; });
  return out;
}

study::Resolved resolved(const fs::path& base, study::Choice choice, int64_t jobs) {
  Experiment experiment;
  const auto from = base_of(base, choice);
  load(experiment, from, choice);
  auto without = unused_plugin_sections(experiment.model);
  study::Resolved out;
  const int64_t threads = experiment.train.threads;
  experiment.train.threads = 0;
  auto unused = without;
  for (const auto& kind : experiment.model.kinds) {
    if (kind->name() != experiment.model.head) unused.push_back("model." + kind->name());
  }
  out.identity = experiment.schema.to_yaml(unused);
  const auto cores = static_cast<int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  experiment.train.threads =
      threads == 0 && jobs > 1 ? std::max<int64_t>(1, cores / jobs) : threads;
  out.yaml = experiment.schema.to_yaml(without);
  return out;
}

std::vector<data::ClipFacts> clips_of(const fs::path& base, const study::Choice& overrides) {
  Experiment experiment;
  load(experiment, base, overrides);
  attach_encoder(experiment);
  const auto file = find_store(experiment.data, experiment.features, {base.string()});
  auto facts = data::clip_facts(data::Store::open(file).info());
  std::erase_if(facts, [](const data::ClipFacts& clip) { return clip.frames == 0; });
  return facts;
}

/// The run of a setting's first trial that is done, and of the same seed and fold where `like`
/// is given; null where there is none.
const report::StudyTrial* trial_of(const report::StudySummary& summary, size_t setting,
                                   const report::StudyTrial* like) {
  for (const auto& trial : summary.trials) {
    if (trial.setting != setting || trial.status != "done" || trial.run.empty()) continue;
    if (like == nullptr || (trial.seed == like->seed && trial.fold == like->fold)) return &trial;
  }
  return nullptr;
}

/// Clips of the best setting's run, the baseline's curves beside, with nothing else; an empty page
/// where there is no run.
report::Page best_and_baseline(const fs::path& dir, const report::StudySummary& summary,
                               int64_t clips) {
  if (!summary.best) return {};
  const auto* best = trial_of(summary, *summary.best, nullptr);
  if (best == nullptr || !fs::exists(dir / best->run)) return {};
  ReportOptions options;
  options.clips = clips;
  options.seconds = 20;
  options.evaluate.device = "cpu";
  if (summary.baseline && summary.baseline != summary.best) {
    const auto* baseline = trial_of(summary, *summary.baseline, best);
    if (baseline != nullptr) options.beside = dir / baseline->run;
  }
  auto page = report_clips(dir / best->run, options);
  const auto name = [&](size_t setting) { return summary.settings[setting].name; };
  page.tracks[1] = "best: " + name(*summary.best);
  if (page.tracks.size() > 2) page.tracks[2] = "baseline: " + name(*summary.baseline);
  return page;
}

}  // namespace

study::Experiments experiments_of(const fs::path& base, int64_t jobs) {
  study::Experiments out;
  out.resolve = [=](const study::Choice& choice) { return resolved(base, choice, jobs); };
  out.clips = [=](const study::Choice& overrides) { return clips_of(base, overrides); };
  return out;
}

std::vector<std::string> gpus_for(const fs::path& base, const study::Choice& overrides) {
  Experiment experiment;
  load(experiment, base, overrides);
  if (experiment.train.device == "cpu") return {};
  const auto& cuda = edge::cuda();
  const int count = cuda.plugin == nullptr ? 0 : cuda.plugin->device_count();
  std::vector<std::string> out;
  const char* visible = std::getenv("CUDA_VISIBLE_DEVICES");
  const auto names = visible == nullptr ? std::vector<std::string>{} : split(visible, ',');
  for (int i = 0; i < count; ++i) {
    out.push_back(static_cast<size_t>(i) < names.size() ? names[static_cast<size_t>(i)]
                                                        : std::to_string(i));
  }
  return out;
}

bool is_study(const fs::path& dir) {
  std::error_code ec;
  return fs::is_regular_file(dir / "summary.json", ec) &&
         fs::is_regular_file(dir / "ledger.jsonl", ec);
}

report::Page report_study(const fs::path& dir, int64_t clips) {
  const auto file = dir / "summary.json";
  const auto json = nlohmann::ordered_json::parse(io::read_text(file), nullptr, false);
  if (json.is_discarded()) fail_data(file, "does not parse; kuchi sweep writes it anew");
  const auto summary = report::read_study(json);
  report::Page page;
  try {
    page = best_and_baseline(dir, summary, clips);
  } catch (const UserError& e) {
    // Tables do not depend on runs that are gone, or whose parts differ from one another's.
    if (e.code() == Exit::interrupted) throw;
    warn(cat("the page shows no clips: ", e.what()));
  }
  page.title = summary.name;
  page.lead = summary.about;
  page.study = json;
  return page;
}

}  // namespace kuchi::train
