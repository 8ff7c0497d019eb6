#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "study/sweep.h"

namespace kuchi::study {

int64_t last_rung(const Planned& planned);

/// The setting that the study names as its baseline; of several rungs, in the last that has it.
/// UserError (config) where no setting is it.
std::optional<size_t> baseline_of(const Planned& planned);

/// Two groups of settings that are set against each other, pair by pair.
struct Pairing {
  std::string a, b;
  std::vector<size_t> first, second;
};

/// What is asked: the study's questions, else each setting of the baseline's rung against it.
/// UserError (config) for a question, or a baseline, of settings that there are not.
std::vector<Pairing> pairings_of(const Planned& planned);

}  // namespace kuchi::study
