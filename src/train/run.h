// src/train/run.h
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "data/store.h"
#include "models/model.h"
#include "train/experiment.h"

namespace kuchi::train {

/// What a run folder says of itself at the start; each file is written whole.
///   config.resolved.yaml  every option at its value        command.txt  how it was started
///   build.json            versions, commit, device         data.json    store, hash, split
///   plugins.json          where its head is of a plug-in
struct RunHeader {
  std::string command;
  nlohmann::json build;
};
void write_run_header(const std::filesystem::path& run, const Experiment& experiment,
                      const RunHeader& header, const data::StoreInfo& store,
                      const std::vector<data::Piece>& pieces);

/// Makes an empty run folder. One that is there already is refused; with force its training is
/// removed first, but only if it looks like a run. UserError (config).
void make_run_folder(const std::filesystem::path& run, bool force);

/// True if there is a config.resolved.yaml and a data.json.
bool is_run(const std::filesystem::path& path);

/// The resolved configuration, with overrides on top.
void load_run_experiment(Experiment& experiment, const std::filesystem::path& run,
                         const std::vector<std::string>& overrides = {});
nlohmann::json read_run_data(const std::filesystem::path& run);

/// Of the data a run was trained on, from its data.json; and of a checkpoint, from the metadata of
/// its model.safetensors. Those written before these fields were say nothing, and are marked as
/// where a recipe says nothing: with kSyntheticMark.
Provenance run_provenance(const nlohmann::json& data);
Provenance checkpoint_provenance(const std::map<std::string, std::string>& metadata);

/// What a checkpoint's metadata knows of the encoder that its features are of, which may be
/// elsewhere. UserError (data) where it does not.
void read_encoder_facts(features::Options& features,
                        const std::map<std::string, std::string>& metadata,
                        const std::filesystem::path& file);

/// A trained model, ready to predict: on the device, in evaluation mode.
struct Trained {
  std::shared_ptr<models::Model> model;
  std::filesystem::path checkpoint;
  at::Device device{at::kCPU};
  post::Options post;  // what the run says is done to its curves
};
/// `which`: best, last or a step. `device` as train.device; UserError (data) for a broken run.
/// `encoders`: directories where an encoder that the run stands on may lie, if not where it was.
Trained load_trained(const std::filesystem::path& run, const std::string& which,
                     const std::string& device = "auto",
                     const std::vector<std::string>& encoders = {});

/// Appends one line to events.jsonl.
void append_event(const std::filesystem::path& run, const nlohmann::json& event);
/// Drops what a killed run wrote beyond its last checkpoint: events of epochs after `epochs`, but
/// for those of single updates up to `step`.
void rewind_events(const std::filesystem::path& run, int64_t epochs, int64_t step);

}  // namespace kuchi::train
