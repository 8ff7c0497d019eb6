#include "train/sweep.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "core/error.h"
#include "core/text.h"
#include "data/split.h"
#include "edge/cuda_plugin.h"
#include "io/atomic_file.h"
#include "report/study_summary.h"
#include "train/clips.h"
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
  auto whole = experiment.data;
  whole.split = {};
  whole.split.by = "none";
  whole.fraction = 1;
  const auto store =
      open_data(find_store(experiment.data, experiment.features, {base.string()}), whole);
  const auto all = data::clip_facts(store.info());
  std::vector<data::ClipFacts> out;
  for (const auto& piece : cut_data(store.info(), whole, 0)) {
    out.push_back(all[static_cast<size_t>(piece.clip)]);
  }
  return out;
}

/// The run of a setting's first trial that is done, and of the same seed and fold where `like`
/// is given; "" where there is none.
const report::StudyTrial* trial_of(const report::StudySummary& summary, size_t setting,
                                   const report::StudyTrial* like) {
  for (const auto& trial : summary.trials) {
    if (trial.setting != setting || trial.status != "done" || trial.run.empty()) continue;
    if (like == nullptr || (trial.seed == like->seed && trial.fold == like->fold)) return &trial;
  }
  return nullptr;
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
  if (summary.best) {
    const auto* best = trial_of(summary, *summary.best, nullptr);
    const bool other = summary.baseline && summary.baseline != summary.best;
    const auto* baseline =
        best != nullptr && other ? trial_of(summary, *summary.baseline, best) : nullptr;
    if (best != nullptr && fs::exists(dir / best->run)) {
      ReportOptions options;
      options.clips = clips;
      options.seconds = 20;
      options.probe = false;
      options.evaluate.resamples = 0;
      options.evaluate.device = "cpu";
      if (baseline != nullptr) options.beside = dir / baseline->run;
      page = report_run(dir / best->run, options);
      const auto name = [&](size_t setting) { return summary.settings[setting].name; };
      page.tracks[1] = "best: " + name(*summary.best);
      if (page.tracks.size() > 2) page.tracks[2] = "baseline: " + name(*summary.baseline);
    }
  }
  page.facts.clear();
  page.epochs.clear();
  page.suite.reset();
  page.title = summary.name;
  page.lead = summary.about;
  page.study = json;
  return page;
}

}  // namespace kuchi::train
