#include "eval/suite.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "io/json_text.h"

namespace kuchi::eval {
namespace {
using Json = nlohmann::ordered_json;

Json scores_json(const Scores& scores, bool intervals) {
  Json out = Json::object();
  for (const auto& [name, estimate] : scores.items()) {
    Json entry = {{"value", io::number_or_null(estimate.value)}};
    if (intervals) {
      entry["low"] = io::number_or_null(estimate.low);
      entry["high"] = io::number_or_null(estimate.high);
    }
    out.push_back({name, std::move(entry)});
  }
  return out;
}

// push_back on an ordered object looks for the key first: harmless for curves, slow for a corpus
// of clips, whose ids are known to differ. The object's own vector is filled instead.
Json table_json(const std::vector<std::pair<std::string, Scores>>& table, bool intervals) {
  Json::object_t out;
  for (const auto& [name, scores] : table) {
    static_cast<std::vector<Json::object_t::value_type>&>(out).emplace_back(
        name, scores_json(scores, intervals));
  }
  return out;
}

std::optional<double> read_number(const Json& entry, const char* key) {
  const auto at = entry.find(key);
  if (at == entry.end() || at->is_null()) return std::nullopt;
  return at->get<double>();
}

Scores read_scores(const Json& json) {
  Scores out;
  for (const auto& [name, entry] : json.get_ref<const Json::object_t&>()) {
    entry.get_ref<const Json::object_t&>();  // throws for anything but an object
    out.set(name,
            {read_number(entry, "value"), read_number(entry, "low"), read_number(entry, "high")});
  }
  return out;
}

std::vector<std::pair<std::string, Scores>> read_table(const Json& json, const char* key) {
  std::vector<std::pair<std::string, Scores>> out;
  const auto at = json.find(key);
  if (at == json.end()) return out;
  for (const auto& [name, scores] : at->get_ref<const Json::object_t&>()) {
    out.emplace_back(name, read_scores(scores));
  }
  return out;
}

template <typename T>
void read(const Json& json, const char* key, T& out) {
  const auto at = json.find(key);
  if (at != json.end() && !at->is_null()) out = at->get<T>();
}

}  // namespace

void Scores::set(std::string_view name, const Estimate& estimate) {
  for (auto& [known, slot] : items_) {
    if (known == name) {
      slot = estimate;
      return;
    }
  }
  items_.emplace_back(name, estimate);
}

const Estimate* Scores::find(std::string_view name) const {
  const auto at =
      std::find_if(items_.begin(), items_.end(), [&](const auto& i) { return i.first == name; });
  return at == items_.end() ? nullptr : &at->second;
}

std::optional<double> Scores::value(std::string_view name) const {
  const Estimate* estimate = find(name);
  return estimate ? estimate->value : std::nullopt;
}

Json to_json(const Scores& scores) { return scores_json(scores, true); }

Json to_json(const Suite& suite) {
  Json out;
  out["model"] = suite.model;
  out["store"] = suite.store;
  out["split"] = suite.split;
  out["clips"] = suite.clips;
  out["frames"] = suite.frames;
  out["curves"] = suite.curves;
  out["fps"] = io::number_or_null(suite.fps > 0 ? std::optional(suite.fps) : std::nullopt);
  out["baseline"] = suite.baseline;
  out["evidence"] = suite.evidence;
  if (!suite.vertices.empty()) out["vertices"] = suite.vertices;
  out["metrics"] = to_json(suite.metrics);
  out["per_curve"] = table_json(suite.per_curve, true);
  out["per_clip"] = table_json(suite.per_clip, false);
  // Where every clip has every curve the file is what it always was.
  for (const auto& [name, clips] : suite.clips_of_curve) out["clips_of_curve"][name] = clips;
  out["units"] = {{"kind", suite.units.kind},
                  {"clip", suite.units.clip},
                  {"squared_error", suite.units.squared_error},
                  {"count", suite.units.count}};
  return out;
}

Suite suite_from_json(const Json& json, const std::string& file) {
  Suite out;
  try {
    read(json, "model", out.model);
    read(json, "store", out.store);
    read(json, "split", out.split);
    read(json, "clips", out.clips);
    read(json, "frames", out.frames);
    read(json, "curves", out.curves);
    read(json, "fps", out.fps);
    read(json, "baseline", out.baseline);
    read(json, "evidence", out.evidence);
    read(json, "vertices", out.vertices);
    out.metrics = read_scores(json.at("metrics"));
    out.per_curve = read_table(json, "per_curve");
    out.per_clip = read_table(json, "per_clip");
    if (const auto few = json.find("clips_of_curve"); few != json.end()) {
      for (const auto& [name, clips] : few->get_ref<const Json::object_t&>()) {
        out.clips_of_curve.emplace_back(name, clips.get<int64_t>());
      }
    }
    if (const auto units = json.find("units"); units != json.end()) {
      units->get_ref<const Json::object_t&>();
      read(*units, "kind", out.units.kind);
      read(*units, "clip", out.units.clip);
      read(*units, "squared_error", out.units.squared_error);
      read(*units, "count", out.units.count);
    }
  } catch (const nlohmann::json::exception& e) {
    fail_data(file, std::string("not a metrics file (") + e.what() +
                        "); give one that kuchi eval --json wrote");
  }
  return out;
}

}  // namespace kuchi::eval
