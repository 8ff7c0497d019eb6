// src/train/warm_start.h
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "models/model.h"

namespace kuchi::train {

/// What a model took over from another one, by the names of tensors.
struct WarmStart {
  std::filesystem::path file;
  std::vector<std::string> taken;                 // whole
  std::vector<std::string> by_curve;              // rows of the curves that both rigs have
  std::vector<std::string> by_name;               // rows of the speakers or styles that both know
  std::vector<std::string> by_feature;            // columns of what both hear; the rest zero
  std::vector<std::string> fresh;                 // of the model: nothing fitted
  std::vector<std::string> left;                  // of the file: fitted nowhere
  std::vector<std::string> curves, fresh_curves;  // of the rig: rows taken, rows begun anew
  std::vector<std::string> names, fresh_names;    // of what is told: taken; begun as the pivot was
};

/// Where train.init leads: a .safetensors as it is, a checkpoint's model, or that of a run's best
/// checkpoint. UserError (config) at `at` where there is none.
std::filesystem::path init_file(const std::filesystem::path& from, const Location& at);

/// Copies into the model what fits by name and shape, its statistics excepted, which are those of
/// the new data. Of tensors with a row a curve (Head::by_curve), rows go by the curve's name,
/// where its range is the same; of those with a row a speaker or style, by that name, and a name
/// that the file's model did not know begins as its pivot. Where the two are told by vectors of
/// other widths, the layer that hears the features takes their columns, and those of the vector
/// begin as zeros: a model that was told nothing goes on as it was. UserError (data) where nothing
/// fits or the file is no model; (config) for a head that is solved.
WarmStart warm_start(models::Model& model, const std::filesystem::path& file, const Location& at);

/// As a few lines for the user, and as an event.
std::vector<std::string> to_lines(const WarmStart& start);
nlohmann::json to_event(const WarmStart& start);

}  // namespace kuchi::train
