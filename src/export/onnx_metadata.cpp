#include "export/onnx_metadata.h"

#include <nlohmann/json.hpp>

#include "audio/audio.h"
#include "core/provenance.h"
#include "core/text.h"
#include "io/json_text.h"
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
  out.emplace_back("models", io::json_text(made_of));
  for (auto& field : fields(models.provenance())) out.push_back(std::move(field));
  return out;
}

}  // namespace kuchi::exporting
