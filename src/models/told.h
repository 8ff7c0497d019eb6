// src/models/told.h
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/schema.h"
#include "data/batches.h"

namespace kuchi::data {
struct StoreInfo;
}

namespace kuchi::models {

/// Section `model.condition`: what a model is told of a clip beside its sound.
struct ConditionOptions {
  bool speaker = false, style = false, intensity = false;
  int64_t width = 32;
  double pivot = 0.1;
  bool any() const { return speaker || style; }
};
void describe(config::Section section, ConditionOptions& options);

/// The names that a model learnt, each list sorted and numbered from 1. Number 0 is the pivot: any
/// other name, and none. An empty list: the model does not tell these apart.
struct Vocabulary {
  int64_t width = 0;       // values of the vector that stands for them
  bool intensity = false;  // of the style
  std::vector<std::string> speakers, styles;
  bool empty() const { return speakers.empty() && styles.empty(); }
  int64_t names() const { return static_cast<int64_t>(speakers.size() + styles.size()); }
  bool operator==(const Vocabulary&) const = default;
};

/// What a model is told of one clip. Of the pivot, where nothing is said.
struct Told {
  int64_t speaker = 0, style = 0;  // numbers of the vocabulary
  double intensity = 1;            // 0: as the pivot; 1: the style as it was learnt
  bool operator==(const Told&) const = default;
};

/// The labels of the training pieces' clips: `speaker`; `style`, or else `emotion`. A vector that
/// is not learnt (see Condition) is as wide as there are names. UserError (config) at `at` for an
/// option whose label none of them has, (data) for an intensity in the store that is no number from
/// 0 to 10.
Vocabulary vocabulary_of(const ConditionOptions& options, const data::StoreInfo& store,
                         const std::vector<data::Piece>& training, const Location& at,
                         bool learnt = true);

/// By a clip's labels. UserError (data) as above.
Told told_by_labels(const Vocabulary& vocabulary, const data::StoreInfo& store, int64_t clip);

/// What a training tells of a segment in an epoch: its labels, of which each is the pivot in a
/// share of all rows. A pure function of the seed, the epoch and the segment's place.
Told told_in_training(const Vocabulary& vocabulary, const data::StoreInfo& store,
                      const data::Segment& segment, double pivot, uint64_t seed, int64_t epoch);

/// What a user asks for by name.
struct Asked {
  std::optional<std::string> speaker, style;
  std::optional<double> intensity;
  bool nothing() const { return !speaker && !style && !intensity; }
};
/// UserError (config), beginning with `name`, for what the model was not trained to be told, for a
/// name that it did not learn, with those that it did, and for an intensity without a style.
Told told_by_name(const Vocabulary& vocabulary, const Asked& asked, const std::string& name);

/// Both ways as one line of JSON, for the metadata of a checkpoint: "condition". UserError (data)
/// for a text that is none.
std::string to_text(const Vocabulary& vocabulary);
Vocabulary vocabulary_from(const std::string& text, const std::filesystem::path& file);

/// "2 speakers (anna, bob), 3 styles (…) with intensity", for people.
std::string in_words(const Vocabulary& vocabulary);

}  // namespace kuchi::models
