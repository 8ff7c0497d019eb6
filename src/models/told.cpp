#include "models/told.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "core/error.h"
#include "core/random.h"
#include "core/text.h"
#include "data/store.h"
#include "io/json_text.h"

namespace kuchi::models {
namespace {

constexpr double kMostIntensity = 10;
constexpr size_t kNamesShown = 20;

/// "" where a clip has none.
std::string label(const data::Labels& labels, const char* name) {
  const auto it = labels.find(name);
  return it == labels.end() ? "" : it->second;
}

std::string speaker_of(const data::Labels& labels) { return label(labels, "speaker"); }

std::string style_of(const data::Labels& labels) {
  const auto style = label(labels, "style");
  return style.empty() ? label(labels, "emotion") : style;
}

double intensity_of(const data::StoreInfo& store, const data::StoreClip& clip) {
  const auto text = label(clip.labels, "intensity");
  double value = 1;
  if (text.empty()) return value;
  if (!parse_number(text, value) || !(value >= 0 && value <= kMostIntensity)) {
    fail_data(store.file,
              cat("the label intensity of clip ", clip.id, " is \"", text, "\", no number from 0 ",
                  "to ", kMostIntensity, "; 1 is a style as it is, 0 is none of it"));
  }
  return value;
}

std::vector<std::string> names_of(const data::StoreInfo& store,
                                  const std::vector<data::Piece>& pieces,
                                  std::string (*name_of)(const data::Labels&)) {
  std::set<std::string> names;
  for (const auto& piece : pieces) {
    names.insert(name_of(store.clips[static_cast<size_t>(piece.clip)].labels));
  }
  names.erase("");
  return {names.begin(), names.end()};
}

int64_t number_of(const std::vector<std::string>& names, const std::string& name) {
  const auto it = std::find(names.begin(), names.end(), name);
  return it == names.end() ? 0 : 1 + (it - names.begin());
}

std::string shown(const std::vector<std::string>& names) {
  if (names.size() <= kNamesShown) return join(names, ", ");
  const std::vector<std::string> some(names.begin(), names.begin() + kNamesShown);
  return cat(join(some, ", "), " and ", names.size() - kNamesShown, " more");
}

/// The number of a name that a user gave.
int64_t asked_number(const std::vector<std::string>& names, const std::string& what,
                     const std::string& asked, const std::string& model) {
  if (names.empty()) {
    throw UserError(Exit::config,
                    cat(model, ": cannot be told a ", what, ", for it was trained without ",
                        "model.condition.", what, "; leave --", what, " out"));
  }
  const auto number = number_of(names, asked);
  if (number > 0) return number;
  throw UserError(Exit::config,
                  printable(cat(model, ": learnt no ", what, " \"", asked, "\"",
                                did_you_mean(asked, names), "; it learnt ", shown(names))));
}

std::string count_text(const std::vector<std::string>& names, const char* what) {
  return cat(names.size(), " ", what, names.size() == 1 ? "" : "s", " (", shown(names), ")");
}

}  // namespace

void describe(config::Section section, ConditionOptions& o) {
  section.about(
      "What the model is told of a clip beside its sound: who speaks and how, by the clip's "
      "labels. "
      "Of nothing where nothing is asked for.");
  section.add("speaker", o.speaker).help("tell speakers apart, by the label speaker");
  section.add("style", o.style).help("tell styles apart, by the label style, or else emotion");
  section.add("intensity", o.intensity)
      .help("scale a style by the numeric label intensity, 1 where a clip has none");
  section.add("width", o.width)
      .at_least(1)
      .at_most(4096)
      .help("values of the vector that stands for both, given to the head with every frame");
  section.add("pivot", o.pivot)
      .at_least(0)
      .below(1)
      .help(
          "share of training rows that are told no speaker, and of those told no style, so that "
          "unseen ones and none have an answer");
}

Vocabulary vocabulary_of(const ConditionOptions& o, const data::StoreInfo& store,
                         const std::vector<data::Piece>& training, const Location& at,
                         bool learnt) {
  Vocabulary out;
  if (!o.any()) return out;
  const auto refuse = [&](const char* option, const char* labels) {
    fail_config(at, cat("model.condition.", option, ": no clip of the training part has a label ",
                        labels, "; label the clips in the recipe, or leave the option out"));
  };
  if (o.speaker) out.speakers = names_of(store, training, speaker_of);
  if (o.speaker && out.speakers.empty()) refuse("speaker", "speaker");
  if (o.style) out.styles = names_of(store, training, style_of);
  if (o.style && out.styles.empty()) refuse("style", "style or emotion");
  out.width = learnt ? o.width : out.names();
  out.intensity = o.intensity;
  if (o.intensity) {
    for (const auto& clip : store.clips) intensity_of(store, clip);  // now, not in some epoch
  }
  return out;
}

Told told_by_labels(const Vocabulary& v, const data::StoreInfo& store, int64_t clip) {
  const auto& of = store.clips[static_cast<size_t>(clip)];
  Told out;
  out.speaker = number_of(v.speakers, speaker_of(of.labels));
  out.style = number_of(v.styles, style_of(of.labels));
  if (v.intensity) out.intensity = intensity_of(store, of);
  return out;
}

Told told_in_training(const Vocabulary& v, const data::StoreInfo& store,
                      const data::Segment& segment, double pivot, uint64_t seed, int64_t epoch) {
  if (v.empty()) return {};
  auto out = told_by_labels(v, store, segment.clip);
  Stream draw(seed, "condition", static_cast<uint64_t>(epoch),
              static_cast<uint64_t>(segment.clip) << 32 | static_cast<uint64_t>(segment.begin));
  // One draw each, so that a model knows how a speaker without a style is, and the reverse.
  const bool nobody = draw.chance(pivot), plain = draw.chance(pivot);
  if (nobody) out.speaker = 0;
  if (plain) out.style = 0;
  return out;
}

Told told_by_name(const Vocabulary& v, const Asked& asked, const std::string& name) {
  Told out;
  if (asked.speaker) out.speaker = asked_number(v.speakers, "speaker", *asked.speaker, name);
  if (asked.style) out.style = asked_number(v.styles, "style", *asked.style, name);
  if (!asked.intensity) return out;
  if (!v.intensity) {
    throw UserError(Exit::config, cat(name, ": cannot be told an intensity, for it was trained ",
                                      "without model.condition.intensity; leave --intensity out"));
  }
  if (!asked.style) {
    throw UserError(Exit::config, cat(name, ": --intensity scales a style; add --style, one of ",
                                      printable(shown(v.styles)), ", or leave it out"));
  }
  out.intensity = *asked.intensity;
  if (!(out.intensity >= 0 && out.intensity <= kMostIntensity)) {
    throw UserError(Exit::config, cat("--intensity ", number(out.intensity), ": outside 0 … ",
                                      kMostIntensity, "; 1 is the style as it was learnt"));
  }
  return out;
}

std::string to_text(const Vocabulary& v) {
  nlohmann::ordered_json json = {{"width", v.width}};
  if (!v.speakers.empty()) json["speakers"] = v.speakers;
  if (!v.styles.empty()) json["styles"] = v.styles;
  if (!v.styles.empty()) json["intensity"] = v.intensity;
  return io::json_text(json);
}

Vocabulary vocabulary_from(const std::string& text, const std::filesystem::path& file) {
  try {
    const auto json = nlohmann::json::parse(text);
    Vocabulary out;
    out.width = json.at("width").get<int64_t>();
    out.intensity = json.value("intensity", false);
    const auto names = [&](const char* key) { return json.value(key, std::vector<std::string>()); };
    out.speakers = names("speakers");
    out.styles = names("styles");
    if (out.width >= 1 && !out.empty()) return out;
  } catch (const nlohmann::json::exception&) {
  }
  fail_data(file, "its metadata \"condition\" lists no speakers and no styles; it is damaged");
}

std::string in_words(const Vocabulary& v) {
  std::vector<std::string> parts;
  if (!v.speakers.empty()) parts.push_back(count_text(v.speakers, "speaker"));
  if (!v.styles.empty()) {
    parts.push_back(count_text(v.styles, "style") + (v.intensity ? " with intensity" : ""));
  }
  return printable(join(parts, ", "));
}

}  // namespace kuchi::models
