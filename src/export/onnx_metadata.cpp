#include "export/onnx_metadata.h"

#include <nlohmann/json.hpp>

#include "audio/audio.h"
#include "core/provenance.h"
#include "core/text.h"
#include "export/onnx_told.h"
#include "io/json_text.h"
#include "onnx/weights.h"
#include "train/checkpoint.h"

namespace kuchi::exporting {
namespace {

using Json = nlohmann::ordered_json;
using train::Ensemble;

Json describe(const Ensemble::Member& member) {
  const auto& card = member.trained.model->card();
  const auto data = train::read_run_data(member.run);
  Json out = {{"run", std::filesystem::absolute(member.run).lexically_normal().filename().string()},
              {"step", train::read_state(member.trained.checkpoint).step},
              {"head", card.head},
              {"features", member.trained.model->hears()},
              {"data", data.value("name", "")},
              {"store_hash", data.value("hash", "")}};
  // What it stands on, where that is a speech encoder.
  const auto said = member.trained.model->metadata();
  for (const char* key : {"encoder_family", "encoder_hash"}) {
    if (const auto found = said.find(key); found != said.end()) out[key] = found->second;
  }
  return out;
}

/// Names at their numbers; "" at 0.
std::string numbered(std::vector<std::string> names) {
  names.insert(names.begin(), "");
  return io::json_text(Json(names));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> metadata(const Ensemble& models,
                                                          const Options& options) {
  const auto& card = models.card();
  Json heads, ranges, rest, made_of;
  for (const auto& m : models.members()) {
    heads.push_back(m.trained.model->card().head);
    made_of.push_back(describe(m));
  }
  for (const auto& c : card.rig.curves) {
    ranges.push_back({c.low, c.high});
    rest.push_back(c.rest);
  }
  std::vector<std::pair<std::string, std::string>> out = {
      {"kuchi_version", options.version},
      {"kuchi_commit", options.commit},
      {"heads", io::json_text(heads)},
      {"features", models.first().hears()},
  };
  if (options.from == From::audio) out.emplace_back("sample_rate", cat(audio::kRate));
  out.emplace_back("fps", number(card.fps));
  out.emplace_back("rig", card.rig.name);
  out.emplace_back("curves", io::json_text(Json(card.rig.names())));
  out.emplace_back("ranges", io::json_text(ranges));
  out.emplace_back("rest", io::json_text(rest));
  const auto told = shared_vocabulary(models);
  if (!told.speakers.empty()) out.emplace_back("speakers", numbered(told.speakers));
  if (!told.styles.empty()) out.emplace_back("styles", numbered(told.styles));
  out.emplace_back("models", io::json_text(made_of));
  if (options.weights != onnx::Storage::float32) {
    out.emplace_back("weights", onnx::kStorages[static_cast<size_t>(options.weights)]);
  }
  for (auto& field : fields(models.provenance())) out.push_back(std::move(field));
  return out;
}

std::vector<std::pair<std::string, std::string>> stream_metadata(const StreamGraph& stream) {
  Json states = Json::array();
  for (const auto& [in, out] : stream.states) {
    Json shape = Json::array();
    for (size_t i = 1; i < in.dims.size(); ++i) shape.push_back(std::get<int64_t>(in.dims[i]));
    states.push_back({{"in", in.name},
                      {"out", out.name},
                      {"type", in.type == onnx::Type::int64 ? "int64" : "float32"},
                      {"shape", shape}});
  }
  std::vector<std::pair<std::string, std::string>> out = {
      {"streaming", "1"},
      {"lookahead_frames", cat(stream.lookahead_frames)},
      {"states", io::json_text(states)}};
  if (stream.unit.samples > 0) {
    out.emplace_back("chunk_samples", cat(stream.unit.samples));
    out.emplace_back("chunk_frames", cat(stream.unit.frames));
  }
  return out;
}

}  // namespace kuchi::exporting
