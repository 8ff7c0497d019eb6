#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/split.h"
#include "study/study.h"

namespace kuchi::study {

/// One choice of all factors.
struct Setting {
  std::string name;
  Choice choice;
  int64_t rung = 0;  // of halving
};

/// A part of the clips that is held out.
struct Fold {
  std::string name;
  std::vector<std::string> test, valid;  // clip ids
};

/// What a training's configuration comes to: `yaml`, whole, for the training to read; `identity`,
/// what of it decides the result, so that two trainings with the same are one.
struct Resolved {
  std::string yaml, identity;
};
/// Base configuration, then these. UserError (config) with every mistake's place.
using Resolve = std::function<Resolved(const Choice&)>;

/// One training: a setting, a fold, a seed.
struct Trial {
  std::string id;  // of its identity
  size_t setting = 0;
  int64_t seed = 0;
  std::optional<size_t> fold;
  std::string yaml;
};

/// The settings of a study, of its first rung where there is halving: all of the grid, or as many
/// as are drawn by study.seed, no two alike. Factors whose `when` does not hold are not in them.
std::vector<Setting> settings_of(const Study& study);

/// Settings that go on to the next rung with its budget. `order`: indices of the last rung's
/// settings, best first, failed ones left out.
std::vector<Setting> next_rung(const Study& study, std::span<const Setting> last,
                               std::span<const size_t> order, int64_t rung);
/// The first rung's settings with their budget; all as they are where there is no halving.
std::vector<Setting> first_rung(const Study& study, std::vector<Setting> settings);

/// Whole clips or speakers dealt out by study.seed; empty where there is no cross-validation.
/// UserError (config): fewer clips or speakers than folds, clips without a speaker, or as many
/// folds as more than 100 clips.
std::vector<Fold> folds_of(const Study& study, std::span<const data::ClipFacts> clips);

/// Seed by seed, so that a study that is stopped early has something of everything. A mistake in
/// several trainings is said once; all of them are in the one UserError (config).
std::vector<Trial> trials_of(const Study& study, std::span<const Setting> settings,
                             std::span<const Fold> folds, const Resolve& resolve);

/// True where every key of the pattern is in the choice with that value; a pattern {name: X} is
/// that of a setting's name.
bool holds(const Choice& pattern, const Setting& setting);

}  // namespace kuchi::study
