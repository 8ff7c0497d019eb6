#include "train/run.h"

#include <ATen/Parallel.h>

#include <fstream>

#include "core/text.h"
#include "edge/device.h"
#include "encoders/find.h"
#include "encoders/listener.h"
#include "io/atomic_file.h"
#include "io/json_text.h"
#include "io/provenance_json.h"
#include "io/safetensors.h"
#include "train/checkpoint.h"
#include "train/run_plugins.h"

namespace kuchi::train {
namespace fs = std::filesystem;
namespace {

nlohmann::json data_json(const data::StoreInfo& store, const std::vector<data::Piece>& pieces,
                         const Experiment& experiment) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& p : pieces) {
    list.push_back({{"clip", store.clips[static_cast<size_t>(p.clip)].id},
                    {"split", std::string(data::to_string(p.split))},
                    {"begin", p.begin},
                    {"end", p.end}});
  }
  return {{"store", fs::absolute(store.file).string()},
          {"hash", store.hash},
          {"name", store.provenance.data},
          {"licence", store.provenance.licence},
          {"consent", store.provenance.consent},
          {"permitted_use", store.provenance.permitted_use},
          {"synthetic_mark", store.provenance.synthetic_mark},
          {"rig", store.rig.name},
          {"curves", store.rig.names()},
          {"fps", store.fps},
          {"features", models::hears(experiment.model.chosen(), experiment.features)},
          {"pieces", list}};
}

/// The types of what is read from data.json; what is not there has its default where it is read.
void check_run_data(const nlohmann::json& json, const fs::path& file) {
  const auto expect = [&](const nlohmann::json& in, const char* key, auto is) {
    if (in.contains(key) && !(in[key].*is)()) {
      fail_data(file, cat("its \"", key, "\" is of another type; the run folder is damaged"));
    }
  };
  using Json = nlohmann::json;
  for (const char* key : {"store", "hash", "name", "licence", "rig", "features"}) {
    expect(json, key, &Json::is_string);
  }
  expect(json, "fps", &Json::is_number);
  if (!json.contains("pieces") || !json["pieces"].is_array()) {
    fail_data(file, "has no list of pieces; the run folder is damaged");
  }
  for (const auto& piece : json["pieces"]) {
    if (!piece.is_object()) fail_data(file, "a piece is no object; the run folder is damaged");
    for (const char* key : {"clip", "split"}) expect(piece, key, &Json::is_string);
    for (const char* key : {"begin", "end"}) expect(piece, key, &Json::is_number_integer);
  }
}

using Metadata = std::map<std::string, std::string>;

struct Search {
  fs::path file;  // the checkpoint's
  std::vector<std::string> encoders;
  at::Device device;
};

/// What a checkpoint's metadata says, which it must.
std::string said_in(const Metadata& metadata, const fs::path& file, const char* key) {
  const auto it = metadata.find(key);
  if (it == metadata.end()) fail_data(file, cat("its metadata lacks \"", key, "\""));
  return it->second;
}

/// Features of an encoder are known from the checkpoint; it is looked for once it is to be heard.
void find_encoder(features::Options& features, const Metadata& metadata, const Search& search) {
  read_encoder_facts(features, metadata, search.file);
  const auto& f = features.facts;
  const encoders::Sought sought{
      f.family,        f.hash,      {said_in(metadata, search.file, "features_encoder")},
      search.encoders, search.file, "name it with --encoder DIR"};
  features.source = std::make_shared<encoders::Listener>(
      [sought] { return encoders::find(sought); }, encoders::wanted_of(features),
      encoders::AttachOptions{false, {}, search.device});
}

}  // namespace

void read_encoder_facts(features::Options& features, const Metadata& metadata,
                        const fs::path& file) {
  const auto text = [&](const char* key) { return said_in(metadata, file, key); };
  auto& f = features.facts;
  long long hidden = 0, layers = 0;
  f.family = text("features_encoder_family");
  f.hash = text("features_encoder_hash");
  if (!parse_integer(text("features_encoder_hidden"), hidden) ||
      !parse_integer(text("features_encoder_layers"), layers) ||
      !parse_number(text("features_encoder_hop_s"), f.hop_s) ||
      !parse_number(text("features_encoder_first_s"), f.first_s) || hidden < 1 || f.hop_s <= 0) {
    fail_data(file, "says nothing whole of the encoder its features are of");
  }
  f.hidden = hidden;
  f.layers = layers;
}

bool is_run(const fs::path& path) {
  std::error_code ec;
  return fs::exists(path / "config.resolved.yaml", ec) && fs::exists(path / "data.json", ec);
}

void make_run_folder(const fs::path& run, bool force) {
  std::error_code ec;
  if (fs::exists(run, ec) && !(fs::is_directory(run, ec) && fs::is_empty(run, ec))) {
    if (!force) {
      throw UserError(Exit::config, run.string() +
                                        ": exists already; choose another name, add "
                                        "--force, or go on with kuchi resume");
    }
    if (!is_run(run)) {
      throw UserError(Exit::config,
                      run.string() + ": is no run folder; --force does not remove it");
    }
    fs::remove_all(run, ec);
  }
  io::make_directories(run / "checkpoints");
}

void write_run_header(const fs::path& run, const Experiment& experiment, const RunHeader& header,
                      const data::StoreInfo& store, const std::vector<data::Piece>& pieces) {
  io::write_atomically(run / "command.txt", header.command + "\n");
  io::write_atomically(run / "build.json", io::json_text(header.build, 1) + "\n");
  io::write_atomically(run / "data.json",
                       io::json_text(data_json(store, pieces, experiment), 1) + "\n");
  write_run_plugins(run, experiment.model);
  io::write_atomically(run / "config.resolved.yaml",
                       experiment.schema.to_yaml(unused_plugin_sections(experiment.model)));
}

void load_run_experiment(Experiment& experiment, const fs::path& run,
                         const std::vector<std::string>& overrides) {
  if (!is_run(run)) {
    fail_data(run, "is no run folder (config.resolved.yaml and data.json are not there)");
  }
  require_run_plugins(run, experiment.model);
  load(experiment, run / "config.resolved.yaml", overrides);
}

nlohmann::json read_run_data(const fs::path& run) {
  const fs::path file = run / "data.json";
  auto json = nlohmann::json::parse(io::read_text(file), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) fail_data(file, "does not parse; the run folder is damaged");
  check_run_data(json, file);
  return json;
}

Provenance run_provenance(const nlohmann::json& data) {
  Provenance out = io::provenance_from_json(data);
  out.data = data.value("name", "");
  if (!data.contains("synthetic_mark")) out.synthetic_mark = kSyntheticMark;
  return out;
}

Provenance checkpoint_provenance(const std::map<std::string, std::string>& metadata) {
  return provenance_from([&](const std::string& key) {
    const auto found = metadata.find(key);
    if (found != metadata.end()) return found->second;
    return std::string(key == "synthetic_mark" ? kSyntheticMark : "");
  });
}

namespace {

/// What a head is made of again. A resume may have been told a new place of its encoder, which the
/// checkpoints from then on know.
models::Making making_of(const fs::path& run, const fs::path& file,
                         const std::map<std::string, std::string>& metadata,
                         const std::vector<std::string>& encoders) {
  models::Making making{metadata, file, encoders};
  if (metadata.count("encoder") == 0) return making;
  const io::InputFile last(find_checkpoint(run, "last") / "model.safetensors");
  const auto told = io::read_safetensors_index(last).metadata;
  if (const auto it = told.find("encoder"); it != told.end()) making.saved["encoder"] = it->second;
  return making;
}

}  // namespace

Trained load_trained(const fs::path& run, const std::string& which, const std::string& device,
                     const std::vector<std::string>& encoders) {
  Experiment experiment;
  load_run_experiment(experiment, run);
  Trained out;
  out.post = experiment.post;
  out.checkpoint = find_checkpoint(run, which);
  const fs::path file = out.checkpoint / "model.safetensors";
  const auto saved = edge::load_tensors(file);
  const auto text = [&](const char* key) { return said_in(saved.metadata, file, key); };
  models::Card card;
  card.head = experiment.model.head;
  card.features = experiment.features;
  card.rig = curves::parse_rig(text("rig"), file.string());
  if (!parse_number(text("fps"), card.fps)) fail_data(file, "its fps is no number");
  card.provenance = checkpoint_provenance(saved.metadata);
  if (const auto it = saved.metadata.find("condition"); it != saved.metadata.end()) {
    card.condition = models::vocabulary_from(it->second, file);
  }
  out.device = edge::device_from(device);
  if (card.features.is_encoder()) {
    find_encoder(card.features, saved.metadata, {file, encoders, out.device});
  }
  out.model = std::make_shared<models::Model>(experiment.model.chosen(), card,
                                              making_of(run, file, saved.metadata, encoders));
  edge::copy_into(out.model->tensors(), saved.tensors, file);
  out.model->to(out.device);
  out.model->eval();
  out.model->freeze_for_inference();
  return out;
}

void append_event(const fs::path& run, const nlohmann::json& event) {
  const fs::path file = run / "events.jsonl";
  std::ofstream out(file, std::ios::app);
  out << io::json_text(event) << '\n' << std::flush;
  if (!out) fail_environment(file.string() + ": writing failed; is the disk full?");
}

void rewind_events(const fs::path& run, int64_t epochs, int64_t step) {
  const fs::path file = run / "events.jsonl";
  std::error_code ec;
  if (!fs::exists(file, ec)) return;
  std::string kept;
  for (const auto& line : split(io::read_text(file), '\n')) {
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) continue;
    const bool kept_step =
        json.value("event", "") == "skipped" && json.value("step", step + 1) <= step;
    if (json.value("epoch", int64_t{0}) > epochs && !kept_step) continue;
    kept += line + "\n";
  }
  io::write_atomically(file, kept);
}

}  // namespace kuchi::train
