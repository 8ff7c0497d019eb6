// src/train/source.h
#pragma once

#include <filesystem>

#include "data/options.h"
#include "data/store.h"
#include "features/features.h"

namespace kuchi::train {

/// The store an experiment trains on: data.store as it is; data.recipe and data.synth are
/// prepared first and kept in the cache under a key of all that went in, so that the next run
/// finds them; so is what several stores or recipes are joined into. `at` says where the
/// configuration stands. UserError (config) if nothing is given.
std::filesystem::path find_store(const data::Options& data, const features::Options& features,
                                 const Location& at);

/// The store a run was trained on: `saved` where it still is; one that was made on the fly and has
/// gone from the cache is made again. UserError (data) where neither can be.
std::filesystem::path find_run_store(const std::filesystem::path& saved, const data::Options& data,
                                     const features::Options& features);

/// A store as an experiment takes it: put right by data.lag_frames.
data::Store open_data(const std::filesystem::path& file, const data::Options& data);

/// Its pieces likewise: cut by data.split, and of the training part data.fraction, drawn by
/// train.seed. UserError (config) as split_store().
std::vector<data::Piece> cut_data(const data::StoreInfo& store, const data::Options& data,
                                  int64_t seed);

}  // namespace kuchi::train
