#include "data/store_layout.h"

#include <algorithm>

#include "config/schema.h"
#include "core/error.h"
#include "core/text.h"

namespace kuchi::data::layout {
namespace {

std::string measured(const std::optional<double>& value) {
  return value.has_value() ? number(*value) : "";
}

void describe_all(config::Section& section, features::Options& options) {
  features::describe(section, options);
  auto facts = section.section("facts");
  features::describe_facts(facts, options);
}

}  // namespace

std::string captured_text(const StoreClip& clip) {
  std::string out;
  for (const bool has : clip.captured) out += has ? '1' : '0';
  return out;
}

int64_t format_version(const StoreInfo& info) {
  const bool masked = std::any_of(info.clips.begin(), info.clips.end(),
                                  [](const StoreClip& clip) { return !clip.captured.empty(); });
  return masked || !info.sets.empty() ? kFormatVersionMasked : kFormatVersionValue;
}

std::string content_hash(const StoreInfo& info, const std::string& rig_yaml,
                         const ArrayHashes& arrays) {
  Hasher all;
  all.add(kFormatValue).add(std::to_string(kFormatVersionValue));
  const Provenance& from = info.provenance;
  all.add(from.data).add(from.licence).add(from.consent).add(rig_yaml).add(number(info.fps));
  all.add(features_to_yaml(info.features)).add(info.feature_signature);
  all.add(split_to_yaml(info.split)).add(std::to_string(info.clips.size()));
  for (const auto& clip : info.clips) {
    all.add(clip.id).add(std::to_string(clip.frames)).add(std::to_string(clip.samples));
    all.add(measured(clip.lag_ms)).add(measured(clip.drift_ppm)).add(measured(clip.confidence));
    for (const auto& [name, value] : clip.labels) {
      if (!value.empty()) all.add(name).add(value);  // "" in a file says: has no such label
    }
    all.add("");
  }
  all.add(arrays.features.hex()).add(arrays.curves.hex()).add(arrays.audio.hex());
  // Younger than the first stores: only what differs from their silence counts, named, at the end.
  if (!from.permitted_use.empty()) all.add(kPermittedUse).add(from.permitted_use);
  if (from.synthetic_mark != kSyntheticMark) {
    all.add(kMark).add(from.synthetic_mark);
  }
  if (format_version(info) > kFormatVersionValue) {
    for (const auto& clip : info.clips) all.add(kCaptured).add(captured_text(clip));
    for (const auto& set : info.sets) {
      all.add(kSets).add(set.name).add(std::to_string(set.clips)).add(split_to_yaml(set.split));
    }
  }
  return all.hex();
}

std::string features_to_yaml(const features::Options& options) {
  config::Schema schema;
  features::Options copy = options;
  copy.encoder.clear();  // a path of this machine; the encoder's hash names it
  auto section = schema.section("");
  describe_all(section, copy);
  // A store of log-mel says what it always said, and keeps its content hash.
  const std::vector<std::string> without =  // likewise of an encoder that hears whole clips
      copy.is_windowed() ? std::vector<std::string>() : std::vector<std::string>{"window"};
  return copy.is_encoder() ? schema.to_yaml(without)
                           : cat("kind: ", copy.kind, "\nstack: ", copy.stack, "\n");
}

features::Options parse_features(const std::string& yaml, const std::string& name_for_errors) {
  config::Schema schema;
  features::Options options;
  auto section = schema.section("");
  describe_all(section, options);
  schema.apply(config::flatten(config::parse_yaml(yaml, name_for_errors), schema));
  if (options.is_encoder() && (options.facts.hidden < 1 || options.facts.hash.empty())) {
    fail_data(std::filesystem::path(name_for_errors),
              "says nothing of the encoder its features are of; it is damaged");
  }
  return options;
}

}  // namespace kuchi::data::layout
