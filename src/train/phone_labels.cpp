#include "train/phone_labels.h"

#include <cctype>
#include <utility>

#include "core/text.h"
#include "train/run.h"

namespace kuchi::train {

namespace {

/// What a clip's file is called, of an id that may be its path and may have points of its own.
std::string file_name(const std::string& id) {
  const std::filesystem::path path(id);
  const auto ending = path.extension().string();
  const bool of_file = ending.size() > 1 && std::isalpha(static_cast<unsigned char>(ending[1]));
  return of_file ? path.stem().string() : path.filename().string();
}

}  // namespace

void LabelBook::add(data::PhoneCorpus&& corpus) {
  for (auto& clip : corpus.clips) {
    by_id_.emplace(clip.id, clips_.size());
    by_name_.emplace(file_name(clip.id), clips_.size());
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

bool is_own_store(const std::filesystem::path& run, const data::StoreInfo& store) {
  return store.hash == read_run_data(run).value("hash", "");
}

LabelBook open_labels(const std::filesystem::path& run, const PhoneLabels& labels,
                      const data::StoreInfo& judged) {
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
      if (!is_own_store(run, judged)) {
        throw UserError(Exit::config,
                        cat(run.string(),
                            ": was trained on the embedded set and is judged on another store, "
                            "whose phones it does not know; say where its TextGrids are: "
                            "--phones-from RECIPE.yaml or FOLDER"));
      }
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
                          "its TextGrids or SRTs are: --phones-from RECIPE.yaml or FOLDER"));
  }
}

double heard_s(const data::StoreInfo& info, int64_t frame) {
  return static_cast<double>(frame + info.lag_frames) / info.fps;
}

}  // namespace kuchi::train
