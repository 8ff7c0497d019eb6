#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>
#include <set>
#include <utility>

#include "audio/audio.h"
#include "cli/common.h"
#include "cli/inspect_augment.h"
#include "cli/inspect_quality.h"
#include "config/yaml.h"
#include "core/error.h"
#include "core/text.h"
#include "curves/endings.h"
#include "curves/track.h"
#include "data/recipe.h"
#include "data/srt.h"
#include "data/store.h"
#include "data/text_grid.h"
#include "edge/tensor_file.h"
#include "encoders/load.h"
#include "io/json_text.h"
#include "io/npy.h"
#include "io/provenance_json.h"
#include "io/safetensors.h"
#include "io/torch_file.h"
#include "models/layer_mix.h"
#include "models/live.h"
#include "onnx/model_file.h"
#include "report/quality_page.h"
#include "train/checkpoint.h"
#include "train/run.h"

namespace kuchi::cli {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

struct InspectArgs {
  std::string path, names;
  double fps = 30;
  bool verify = false;
  AugmentArgs augment;
  QualityArgs quality;
  JsonOption json;
};

Json inspect_audio(const fs::path& path) {
  const auto info = audio::probe(path);
  return {{"kind", "audio"},           {"rate", info.rate},           {"channels", info.channels},
          {"seconds", info.seconds()}, {"container", info.container}, {"encoding", info.encoding}};
}

/// The track, and whether its times are the file's own; a file without is read at options.fps.
std::pair<curves::Track, bool> read_timed(const fs::path& file,
                                          const curves::ReadOptions& options) {
  auto without = options;
  without.fps = 0;
  try {
    return {curves::read_track(file, without), true};
  } catch (const UserError& error) {
    if (error.code() != Exit::data) throw;
    // What else is wrong with it is wrong with the rate given too.
    return {curves::read_track(file, options), false};
  }
}

Json inspect_curves(const InspectArgs& args) {
  curves::ReadOptions options;
  options.names_file = args.names;
  options.fps = args.fps;
  const fs::path beside = curves::names_beside(args.path);
  if (args.names.empty() && fs::exists(beside)) options.names_file = beside;
  if (lower(fs::path(args.path).extension().string()) == ".npy" && options.names_file.empty()) {
    const auto header = io::read_npy_header(args.path);
    return {{"kind", "curves"},
            {"format", "npy"},
            {"rows", header.shape.empty() ? 1 : header.shape[0]},
            {"columns", header.shape.size() > 1 ? header.shape[1] : 1},
            {"provenance", nullptr},
            {"note", "names and rate are not in the file; give --names FILE and --fps N"}};
  }
  const auto [track, timed] = read_timed(args.path, options);
  Json out = {
      {"kind", "curves"},          {"format", track.format},
      {"rows", track.values.rows}, {"seconds", track.times_s.back() - track.times_s.front()},
      {"fps", track.fps},          {"names", track.names}};
  if (!track.visemes.empty()) out["visemes"] = track.visemes;
  if (!timed) {
    out["note"] =
        cat("the file has no times: taken at ", number(args.fps), " frames a second, --fps");
  }
  out["provenance"] = nullptr;  // the format has no place for it
  if (curves::holds_provenance(track.format, args.path)) {
    out["provenance"] = io::to_json(track.provenance);
  }
  return out;
}

Json inspect_labels(const fs::path& path, bool srt) {
  data::TextGrid grid;
  if (srt) {
    grid.tiers.push_back(data::read_srt(path));
    grid.end_s = grid.tiers[0].intervals.back().end_s;
  } else {
    grid = data::read_text_grid(path);
  }
  Json tiers = Json::array();  // two may have one name
  for (const auto& tier : grid.tiers) {
    std::set<std::string> labels;
    for (const auto& interval : tier.intervals) labels.insert(trim(interval.label));
    labels.erase("");
    tiers.push_back({{"name", tier.name},
                     {tier.points ? "points" : "intervals", tier.intervals.size()},
                     {"labels", labels}});
  }
  if (std::all_of(tiers.begin(), tiers.end(), [](const Json& t) { return t["labels"].empty(); })) {
    fail_data(path, cat("has no label in any of its ", tiers.size(), " tiers; label the sound"));
  }
  return {{"kind", "labels"},
          {"format", srt ? "srt" : "textgrid"},
          {"seconds", grid.end_s - grid.begin_s},
          {"tiers", tiers}};
}

Json inspect_store(const InspectArgs& args) {
  const auto store = data::Store::open(args.path);
  if (args.verify) store.verify();
  const auto& info = store.info();
  Json clips = Json::array();
  for (const auto& c : info.clips) {
    clips.push_back({{"id", c.id}, {"frames", c.frames}, {"labels", c.labels}});
  }
  Json sets = Json::object(), few = Json::object();
  for (const auto& set : info.sets) {
    sets[set.name] = cat(set.clips, set.clips == 1 ? " clip" : " clips", ", split by ",
                         data::to_string(set.split.by));
  }
  for (int64_t c = 0; c < info.curves(); ++c) {
    const auto count = info.clips_with(c);
    if (count == static_cast<int64_t>(info.clips.size())) continue;
    few[info.rig.curves[static_cast<size_t>(c)].name] = count;
  }
  Json out = {{"kind", "store"},
              {"name", info.provenance.data},
              {"licence", info.provenance.licence},
              {"provenance", io::to_json(info.provenance)},
              {"hash", info.hash},
              {"verified", args.verify},
              {"rig", info.rig.name},
              {"curves", info.rig.names()},
              {"fps", info.fps},
              {"features", info.feature_signature},
              {"dim", info.dim},
              {"frames", info.frames},
              {"seconds", static_cast<double>(info.frames) / info.fps},
              {"split", std::string(data::to_string(info.split.by))}};
  if (!sets.empty()) {
    out.erase("split");
    out["datasets"] = sets;
  }
  if (!few.empty()) out["clips_of_curve"] = few;  // of curves that not every clip has
  out["clips"] = clips;
  return out;
}

/// What a model is told beside the sound, by the metadata of its checkpoint; null of nothing.
Json condition_of(const std::map<std::string, std::string>& metadata, const fs::path& file) {
  const auto it = metadata.find("condition");
  if (it == metadata.end()) return nullptr;
  const auto v = models::vocabulary_from(it->second, file);
  Json out = {{"width", v.width}};
  if (!v.speakers.empty()) out["speakers"] = v.speakers;
  if (!v.styles.empty()) out["styles"] = v.styles;
  if (!v.styles.empty()) out["intensity"] = v.intensity;
  return out;
}

Json inspect_checkpoint(const fs::path& dir) {
  const auto file = io::read_safetensors(dir / "model.safetensors");
  int64_t values = 0;
  for (const auto& t : file.tensors) {
    values += static_cast<int64_t>(t.bytes.size()) / io::dtype_bytes(t.dtype);
  }
  const auto state = train::read_state(dir);
  const auto say = [&](const char* key) {
    const auto it = file.metadata.find(key);
    return it == file.metadata.end() ? std::string() : it->second;
  };
  Json out = {{"kind", "checkpoint"},
              {"step", state.step},
              {"epoch", state.epoch},
              {"head", say("head")},
              {"features", say("features")},
              {"fps", say("fps")},
              {"tensors", file.tensors.size()},
              {"values", values},
              {"provenance", io::to_json(train::checkpoint_provenance(file.metadata))}};
  for (const auto* key : {"encoder", "encoder_family", "encoder_hash", "encoder_saved"}) {
    if (!say(key).empty()) out[key] = say(key);
  }
  const auto condition = condition_of(file.metadata, dir / "model.safetensors");
  if (!condition.is_null()) out["condition"] = condition;
  const auto mixes = [](const auto& t) { return models::is_layer_mix(t.name); };
  if (std::any_of(file.tensors.begin(), file.tensors.end(), mixes)) {
    const auto loaded = edge::load_tensors(dir / "model.safetensors").tensors;
    out["layer_weights"] = models::layer_weights({loaded.begin(), loaded.end()});
  }
  return out;
}

Json list(const std::vector<io::StoredTensor>& tensors) {
  Json out;
  for (const auto& t : tensors) out[t.name] = {{"dtype", t.dtype}, {"shape", t.shape}};
  return out;
}

Json inspect_tensors(const fs::path& path) {
  const auto file = io::read_safetensors_index(io::InputFile(path));
  return {{"kind", "tensors"}, {"metadata", file.metadata}, {"tensors", list(file.tensors)}};
}

Json inspect_torch(const fs::path& path) {
  return {{"kind", "tensors"}, {"tensors", list(io::read_torch_index(io::InputFile(path)))}};
}

Json inspect_encoder(const InspectArgs& args) {
  const auto found = encoders::summarise(args.path);
  if (args.verify) encoders::load(args.path);  // every value is a finite number
  const auto& c = found.config;
  std::vector<std::string> files;
  for (const auto& file : found.files) files.push_back(file.filename().string());
  return {{"kind", "encoder"},
          {"family", to_text(c.family)},
          {"layers", c.layers},
          {"hidden", c.hidden},
          {"heads", c.heads},
          {"intermediate", c.intermediate},
          {"parameters", found.parameters},
          {"norm", c.conv_norm == encoders::ConvNorm::group ? "group" : "layer"},
          {"pre_norm", c.pre_norm},
          {"conv_bias", c.conv_bias},
          {"normalise", c.normalise},
          {"hop_s", c.hop_s()},
          {"first_frame_s", c.first_frame_s()},
          {"receptive_samples", c.receptive_samples()},
          {"files", files},
          {"dtypes", found.dtypes},
          {"verified", args.verify},
          {"hash", encoders::hash(args.path)}};
}

Json inspect_onnx(const fs::path& path) {
  const auto model = onnx::read_summary(path);
  Json inputs = Json::object(), outputs = Json::object(), metadata = Json::object();
  for (const auto& port : model.inputs) inputs[port.name] = onnx::to_text(port);
  for (const auto& port : model.outputs) outputs[port.name] = onnx::to_text(port);
  for (const auto& [key, value] : model.info.metadata) metadata[key] = value;
  const auto say = [&](const std::string& key) { return metadata.value(key, std::string()); };
  return {{"kind", "onnx"},
          {"producer", join({model.info.producer, model.info.producer_version}, " ")},
          {"opset", model.info.opset},
          {"ir", model.ir_version},
          {"inputs", inputs},
          {"outputs", outputs},
          {"operators", model.operators},
          {"values", model.values},
          {"provenance", io::to_json(provenance_from(say))},
          {"metadata", metadata}};
}

/// How far a frame of the head's curves hears ahead, and how late it comes in live use; null where
/// it answers only when the clip is over.
Json delay_of(const fs::path& run, const train::Experiment& experiment, int64_t curves,
              double fps) {
  const auto& kind = experiment.model.chosen();
  auto features = experiment.features;
  // A head on an encoder hears whole clips, and making one would need it here.
  if (kind.hears_audio() || !features::can_stream(features) || !(fps > 0)) return nullptr;
  if (features.is_encoder()) {
    if (train::list_checkpoints(run).empty()) return nullptr;
    const auto file = train::find_checkpoint(run, "last") / "model.safetensors";
    const auto index = io::read_safetensors_index(io::InputFile(file));
    train::read_encoder_facts(features, index.metadata, file);
  }
  models::Shape shape;
  const bool weighted = features.is_encoder() && features.layer == "weighted";
  shape.features = weighted ? features.facts.hidden * features.stack : features::dim(features);
  shape.curves.resize(static_cast<size_t>(curves));
  shape.fps = fps;
  const auto delay = models::delay(*kind.make(shape), features, fps);
  if (!delay) return nullptr;
  return {{"lookahead_frames", delay->lookahead_frames},
          {"audio_ahead_ms", 1000 * delay->audio_s},
          {"delay_ms", 1000 * delay->known_s}};
}

Json inspect_run(const fs::path& dir) {
  train::Experiment experiment;
  train::load_run_experiment(experiment, dir);
  const auto data = train::read_run_data(dir);
  Json checkpoints = Json::array();
  for (const auto& [step, path] : train::list_checkpoints(dir)) checkpoints.push_back(step);
  Json out = {{"kind", "run"},
              {"head", experiment.model.head},
              {"data", data.value("name", "")},
              {"licence", data.value("licence", "")},
              {"provenance", io::to_json(train::run_provenance(data))},
              {"store", data.value("store", "")},
              {"rig", data.value("rig", "")},
              {"curves", data.value("curves", nlohmann::json::array())},
              {"fps", data.value("fps", 0.0)},
              {"features", data.value("features", "")},
              {"live", nullptr},
              {"checkpoints", checkpoints},
              {"seed", experiment.train.seed}};
  const auto curves = static_cast<int64_t>(out["curves"].size());
  out["live"] = delay_of(dir, experiment, curves, data.value("fps", 0.0));
  if (!checkpoints.empty()) {
    const auto last = train::find_checkpoint(dir, "last");
    const auto weights = last / "model.safetensors";
    const auto index = io::read_safetensors_index(io::InputFile(weights));
    const auto condition = condition_of(index.metadata, weights);
    if (!condition.is_null()) out["condition"] = condition;
    const auto state = train::read_state(last);
    out["finished"] = state.finished;
    out["epochs"] = state.epoch;
    if (state.best)
      out["best"] = {{experiment.train.monitor, *state.best}, {"step", state.best_step}};
  }
  return out;
}

Json inspect_yaml(const fs::path& path) {
  const auto root = config::load_yaml(path);
  if (root.find("clips") != nullptr) {
    const auto recipe = data::load_recipe(path);
    return {{"kind", "recipe"},
            {"name", recipe.provenance.data},
            {"licence", recipe.provenance.licence},
            {"provenance", io::to_json(recipe.provenance)},
            {"fps", recipe.fps},
            {"root", recipe.root.string()},
            {"rig", recipe.rig}};
  }
  if (root.find("curves") != nullptr) {
    const auto rig = curves::load_rig(path.string());
    return {{"kind", "rig"}, {"name", rig.name}, {"curves", rig.names()}};
  }
  train::Experiment experiment;
  train::load(experiment, path, std::vector<std::string>());
  return {{"kind", "configuration"}, {"head", experiment.model.head}};
}

Json inspect(const InspectArgs& args) {
  const fs::path path = args.path;
  std::error_code ec;
  if (!fs::exists(path, ec)) fail_data(path, "no such file or directory");
  if (fs::is_directory(path, ec)) {
    if (train::is_run(path)) return inspect_run(path);
    if (encoders::is_encoder(path)) return inspect_encoder(args);
    if (fs::exists(path / "model.safetensors", ec)) return inspect_checkpoint(path);
    fail_data(path, "is a directory, but no run, checkpoint or encoder");
  }
  const auto ext = lower(path.extension().string());
  if (data::looks_like_hdf5(path) || ext == ".h5") return inspect_store(args);
  if (ext == ".onnx") return inspect_onnx(path);
  if (ext == ".safetensors") return inspect_tensors(path);
  if (ext == ".bin" || ext == ".pt" || ext == ".pth") return inspect_torch(path);
  if (ext == ".yaml" || ext == ".yml") return inspect_yaml(path);
  if (ext == ".textgrid" || ext == ".srt") return inspect_labels(path, ext == ".srt");
  if (curves::is_curve_ending(path)) return inspect_curves(args);
  return inspect_audio(path);
}

std::string plain(const Json& value) {
  if (value.is_string()) return printable(value.get<std::string>());
  if (value.is_number_float()) return number(value.get<double>(), 6);
  if (!value.is_array()) return printable(io::json_text(value));
  std::vector<std::string> parts;
  for (const auto& item : value) {
    parts.push_back(item.is_object() && item.contains("id") ? item["id"].get<std::string>()
                                                            : plain(item));
  }
  return cat(value.size(), ": ", join(parts, " "));
}

/// Ports and metadata: a line each under their key.
std::string block(const std::string& key, const Json& values) {
  std::string out = key + ":\n";
  for (const auto& [name, value] : values.items())
    out += cat("  ", printable(name), ": ", plain(value), "\n");
  return out;
}

void tell_augmented(const InspectArgs& args, const Context& context) {
  const auto out = write_augmented(args.path, context.overrides, args.augment, args.json.force);
  args.json.write(out);
  if (args.json.on_stdout()) return;
  for (const auto& variant : out["variants"]) {
    std::cout << variant["audio"].get<std::string>() << ": ";
    std::vector<std::string> drawn;
    for (const auto& d : variant["drawn"]) {
      drawn.push_back(cat(d["change"].get<std::string>(), " ", number(d["value"].get<double>(), 3),
                          " ", d["unit"].get<std::string>()));
    }
    std::cout << (drawn.empty() ? "as it is" : join(drawn, ", ")) << "\n";
  }
  std::cout << std::flush;
}

/// data.root=DIR, the one override that recipes take here.
std::string root_override(const Context& context) {
  const std::string key = "data.root=";
  if (context.overrides.size() == 1 && context.overrides[0].starts_with(key)) {
    return context.overrides[0].substr(key.size());
  }
  refuse_overrides(context, "inspect without --augment, but for data.root of a recipe,");
  return "";
}

std::string provenance_text(const Json& value) {
  if (value.is_null()) return "provenance: this format has no place for it\n";
  return "provenance:\n" + to_text(io::provenance_from_json(value));
}

}  // namespace

void add_inspect(CLI::App& app, Context& context) {
  auto args = std::make_shared<InspectArgs>();
  auto* verb = app.add_subcommand("inspect", "says what any file or folder is");
  verb->add_option("PATH", args->path,
                   "audio, curves, labels, store, recipe, rig, run, checkpoint, encoder or ONNX")
      ->required();
  verb->add_option("--names", args->names, "file with the curves' names, for npy");
  verb->add_option("--fps", args->fps, "rate of a file without times, for npy")
      ->check(CLI::Range(1.0, 1000.0))
      ->capture_default_str();
  verb->add_flag("--verify", args->verify,
                 "a store: read it all and check its content hash; an encoder: all its weights");
  verb->add_option(
          "--augment", args->augment.out,
          "of a configuration: writes a training clip as its first epochs hear it, WAV and "
          "curves; section.key=value may follow")
      ->type_name("DIR");
  verb->add_option("--clip", args->augment.clip,
                   "with --augment: which, by id (default: the first)");
  verb->add_option("--variants", args->augment.variants, "with --augment: how many")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  verb->add_flag("--quality", args->quality.asked,
                 "a store: judge its captures, as those of a recipe always are");
  verb->add_option("--out", args->quality.page,
                   "a recipe or store: a page with its findings and small pictures")
      ->type_name("PAGE.html");
  args->json.add(*verb);
  example(*verb,
          "kuchi inspect take.csv --json -\n"
          "  kuchi inspect datasets/facegood.yaml --out captures.html\n"
          "  kuchi inspect configs/experiment/synth_bilstm.yaml --augment heard augment.pitch.p=1");
  verb->callback([args, &context] {
    args->json.check();
    if (!args->augment.out.empty()) return tell_augmented(*args, context);
    auto how = args->quality;
    how.root = root_override(context);
    how.force = args->json.force;
    how.check();
    auto found = inspect(*args);
    const auto quality = inspect_quality(args->path, found["kind"], how);
    if (quality) found["quality"] = quality::to_json(*quality);
    args->json.write(found);
    found.erase("quality");
    if (args->json.on_stdout()) return;
    for (const auto& [key, value] : found.items()) {
      if (key == "provenance") {
        std::cout << provenance_text(value);
      } else if (key == "live" && value.is_null()) {
        std::cout << "live: no, its curves need the whole clip\n";
      } else if (value.is_object()) {
        std::cout << block(key, value);
      } else {
        std::cout << key << ": " << plain(value) << "\n";
      }
    }
    if (quality) {
      std::cout << "\n";
      report::print_quality(std::cout, *quality);
      if (!how.page.empty()) std::cout << how.page << "\n";
    }
    std::cout << std::flush;
  });
}

}  // namespace kuchi::cli
