#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/phone_corpus.h"
#include "data/store.h"

namespace kuchi::train {

struct PhoneLabels {
  std::string from;             // a recipe or a folder with TextGrids; "": the run's own data
  std::string tier = "phones";  // of the TextGrids
};

/// Labels by a clip's id, else by what its file is called; where two sets have the same, nobody
/// knows which is meant.
class LabelBook {
 public:
  void add(data::PhoneCorpus&& corpus);
  /// In the recording's time; empty where nobody knows.
  const std::vector<data::Interval>& of(const std::string& id) const;

 private:
  std::vector<std::vector<data::Interval>> clips_;
  std::multimap<std::string, size_t> by_id_, by_name_;
};

/// A store holds no labels: they are found again beside the recordings of what the run learnt from,
/// or of `labels.from`, by data::find_phones(), and the embedded set's by making it again.
/// UserError (config) where a run was trained on a store alone, or on the embedded set and `judged`
/// is another store, whose clips are called alike, and nothing says where TextGrids are; (data) as
/// find_phones() has them.
LabelBook open_labels(const std::filesystem::path& run, const PhoneLabels& labels,
                      const data::StoreInfo& judged);
/// Whether a store is the one that a run was trained on.
bool is_own_store(const std::filesystem::path& run, const data::StoreInfo& store);

/// When a frame's sound is, in the recording, whose time the labels are in.
double heard_s(const data::StoreInfo& info, int64_t frame);

}  // namespace kuchi::train
