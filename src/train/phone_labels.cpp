#include "train/phone_labels.h"

#include <utility>

#include "core/text.h"
#include "train/run.h"

namespace kuchi::train {

void LabelBook::add(data::PhoneCorpus&& corpus) {
  for (auto& clip : corpus.clips) {
    by_id_.emplace(clip.id, clips_.size());
    by_name_.emplace(std::filesystem::path(clip.id).stem().string(), clips_.size());
    clips_.push_back(std::move(clip.phones));
  }
}

const std::vector<data::Interval>& LabelBook::of(const std::string& id) const {
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

LabelBook open_labels(const std::filesystem::path& run, const PhoneLabels& labels) {
  Experiment experiment;
  load_run_experiment(experiment, run);
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

double heard_s(const data::StoreInfo& info, int64_t frame) {
  return static_cast<double>(frame + info.lag_frames) / info.fps;
}

}  // namespace kuchi::train
