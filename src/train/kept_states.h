// src/train/kept_states.h
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/matrix.h"
#include "features/features.h"

namespace kuchi::train {

/// Where an encoder's states of a store's clips are kept between trainings: a folder under
/// KUCHI_CACHE/features, named after the store's content and the states.
std::filesystem::path states_folder(const std::string& store_hash,
                                    const features::Options& options);

/// The states in a file there, computed from the audio and kept where they are not yet: they cost
/// much, so what one training made the next one finds. UserError (data) for a file of another
/// width.
Matrix kept_states(const std::filesystem::path& file, const features::Options& options,
                   const std::function<std::vector<float>()>& audio);

}  // namespace kuchi::train
