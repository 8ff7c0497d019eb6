// src/train/experiment.h
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "augment/augment.h"
#include "config/schema.h"
#include "data/options.h"
#include "features/features.h"
#include "models/head.h"
#include "post/options.h"
#include "train/options.h"

namespace kuchi::train {

/// Everything that one configuration file says, section by section.
struct Experiment {
  data::Options data;
  features::Options features;
  models::Options model;
  LossOptions loss;
  augment::Options augment;
  Options train;
  EvalOptions eval;
  post::Options post;

  config::Schema schema;  // bound to the fields above

  Experiment();
  Experiment(const Experiment&) = delete;
  Experiment& operator=(const Experiment&) = delete;
};

/// A file (may be empty: defaults alone) and overrides `section.key=value`, the latter last.
/// Every mistake of both is in the one UserError (config).
void load(Experiment& experiment, const std::filesystem::path& file,
          const std::vector<std::string>& overrides);
/// The same with values that have a place in a file; paths among them are relative to that file.
void load(Experiment& experiment, const std::filesystem::path& file,
          const std::vector<config::Assignment>& more);

/// Makes features of kind encoder ready to be computed, on the device of train.device; nothing for
/// other kinds and for heads that hear audio. UserError as encoders::attach().
void attach_encoder(Experiment& experiment);

}  // namespace kuchi::train
