#include "train/judge_phones.h"

#include <algorithm>
#include <map>

#include "core/text.h"
#include "data/phone_corpus.h"
#include "train/run.h"

namespace kuchi::train {
namespace {

/// Labels by a clip's id, else by what its file is called; where two sets have the same, nobody
/// knows which is meant.
class LabelBook {
 public:
  void add(data::PhoneCorpus&& corpus) {
    for (auto& clip : corpus.clips) {
      by_id_.emplace(clip.id, clips_.size());
      by_name_.emplace(std::filesystem::path(clip.id).stem().string(), clips_.size());
      clips_.push_back(std::move(clip.phones));
    }
  }
  /// Empty where nobody knows.
  const std::vector<data::Interval>& of(const std::string& id) const {
    static const std::vector<data::Interval> kNone;
    // A joined store puts the set's name before.
    const auto tail = id.substr(id.rfind('/') == std::string::npos ? 0 : id.rfind('/') + 1);
    for (const auto& [book, key] :
         {std::pair{&by_id_, id}, std::pair{&by_id_, tail}, std::pair{&by_name_, tail}}) {
      const auto [first, last] = book->equal_range(key);
      if (first != last && std::next(first) == last) return clips_[first->second];
    }
    return kNone;
  }

 private:
  std::vector<std::vector<data::Interval>> clips_;
  std::multimap<std::string, size_t> by_id_, by_name_;
};

LabelBook open_labels(const std::filesystem::path& run, const Experiment& experiment,
                      const PhoneLabels& labels) {
  data::PhoneOptions options;
  options.tier = labels.tier;
  LabelBook book;
  if (!labels.from.empty()) {
    book.add(data::find_phones(labels.from, options));
    return book;
  }
  switch (data::source(experiment.data)) {
    case data::Source::synth: {
      const auto& s = experiment.data.synth;
      book.add(data::embedded_phones({s.clips, s.seconds, s.seed, s.rig}, options));
      return book;
    }
    case data::Source::recipe:
      if (!experiment.data.root.empty()) {
        book.add(data::find_phones(experiment.data.root, options));
        return book;
      }
      for (const auto& recipe : experiment.data.recipe) {
        book.add(data::find_phones(recipe, options));
      }
      return book;
    default:
      throw UserError(Exit::config,
                      cat(run.string(),
                          ": was trained on a store, which holds no phones; say where "
                          "its TextGrids are: --phones-from RECIPE.yaml or FOLDER"));
  }
}

/// When a frame's sound is, in the recording, whose time the labels are in.
double heard_s(const data::StoreInfo& info, int64_t frame) {
  return static_cast<double>(frame + info.lag_frames) / info.fps;
}

void count_trained(const std::filesystem::path& run, const data::StoreInfo& info,
                   const LabelBook& book, eval::PhoneJudge& judge) {
  std::map<std::string, int64_t> counts;
  const auto saved = read_run_data(run);
  for (const auto& piece : saved.at("pieces")) {
    if (piece.value("split", "") != "train") continue;
    const double begin_s = heard_s(info, piece.value("begin", int64_t{0}));
    const double end_s = heard_s(info, piece.value("end", int64_t{0}));
    for (const auto& phone : book.of(piece.value("clip", ""))) {
      const double middle_s = (phone.begin_s + phone.end_s) / 2;
      if (middle_s >= begin_s && middle_s < end_s) ++counts[phone.label];
    }
  }
  for (const auto& [label, count] : counts) judge.trained(label, count);
}

}  // namespace

eval::PhoneReport judge_phones(const std::filesystem::path& run, const Judging& judging,
                               const std::vector<eval::ClipResult>& results,
                               const PhoneLabels& labels) {
  Experiment experiment;
  load_run_experiment(experiment, run);
  const auto book = open_labels(run, experiment, labels);
  const auto& info = judging.store.info();
  eval::PhoneJudge judge(judging.models.card().rig, judging.how);
  for (const auto& result : results) {
    judge.add(result, heard_s(info, piece_of(judging, result.id).begin), book.of(result.id));
  }
  count_trained(run, info, book, judge);
  auto report = judge.finish();
  if (report.clips == 0) {
    fail_data(labels.from.empty() ? run.string() : labels.from,
              cat("none of the ", results.size(), " judged clips, like \"",
                  results.empty() ? "" : printable(results[0].id), "\", has phones there"));
  }
  return report;
}

}  // namespace kuchi::train
