#include "data/recipe.h"

#include <algorithm>

#include "config/schema.h"
#include "config/yaml.h"
#include "core/text.h"
#include "curves/track.h"
#include "data/consent.h"
#include "data/pattern.h"

namespace kuchi::data {
namespace fs = std::filesystem;
namespace {

constexpr double kLowestFps = 1, kHighestFps = 1000;

// What the file says, before it is checked as a whole.
struct Text {
  std::string root = ".";
  std::string fps = "timecode";
  SplitOptions split;
};

void describe(config::Schema& schema, Recipe& recipe, Text& text) {
  auto top = schema.section("");
  auto& provenance = recipe.provenance;
  top.add("name", provenance.data).help("of the data set; default: the file's name");
  top.add("licence", provenance.licence).help("under which the data may be used");
  top.add("consent", provenance.consent)
      .help("what the recorded people agreed to; required: to be recorded before it is prepared");
  top.add("permitted_use", provenance.permitted_use)
      .help("what the recordings and models of them may be used for");
  top.add("synthetic_mark", provenance.synthetic_mark)
      .help("how what models of these data make is marked");
  top.add("root", text.root).help("directory of the files, relative to this one");
  top.add("fps", text.fps).unit("frames/s").help("of the curves, or timecode: taken from the file");
  top.add("rig", recipe.rig).help("a shipped rig's name, or a file relative to this one");
  auto clips = schema.section("clips");
  clips.add("audio", recipe.clips.audio).help("pattern of the audio files, under the root");
  clips.add("curves", recipe.clips.curves).help("pattern of the curve files, under the root");
  clips.add("names", recipe.clips.names).help("file with the curves' names, under the root");
  auto formats = curves::readable_formats();
  formats.insert(formats.begin(), "auto");
  clips.add("format", recipe.clips.format).choices(formats).help("of the curve files");
  auto split = schema.section("split");
  data::describe(split, text.split);
  auto sync = schema.section("sync");
  sync::describe(sync, recipe.sync);
}

// Runs a check and keeps its message, so that all mistakes are told at once.
template <typename Check>
void gather(std::vector<std::string>& mistakes, const Check& check) {
  try {
    check();
  } catch (const UserError& e) {
    mistakes.emplace_back(e.what());
  }
}

// `labels:` is a map of free keys, which the option table does not know; taken out here.
Labels take_labels(config::Node& root) {
  Labels labels;
  const auto it =
      std::find_if(root.entries.begin(), root.entries.end(),
                   [](const config::Node::Entry& entry) { return entry.key == "labels"; });
  if (it == root.entries.end()) return labels;
  const config::Node value = it->value;
  root.entries.erase(it);
  if (value.kind == config::Node::Kind::null) return labels;
  if (!value.is_map()) fail_config(value.at, "labels needs a map, like {speaker: anna}");
  for (const auto& entry : value.entries) {
    const auto odd = [](unsigned char c) { return std::isalnum(c) == 0 && c != '_'; };
    if (entry.key.empty() || std::any_of(entry.key.begin(), entry.key.end(), odd) ||
        entry.key == "id" || entry.key == "any") {
      fail_config(entry.key_at,
                  cat("\"", entry.key, "\" cannot be a label; use a word of letters, ",
                      "digits and _ other than id and any"));
    }
    labels[entry.key] = entry.value.text();
  }
  return labels;
}

double parse_fps(const std::string& text, const Location& at) {
  if (text == "timecode") return 0;
  double fps = 0;
  if (!parse_number(text, fps) || !(fps >= kLowestFps && fps <= kHighestFps)) {
    fail_config(at, cat("fps must be a number from ", kLowestFps, " to ", kHighestFps,
                        " or timecode; it is \"", text, "\""));
  }
  return fps;
}

void require(const config::Schema& schema, const std::string& key, const std::string& value,
             const std::string& example, const fs::path& file) {
  if (!value.empty()) return;
  const Location at = schema.was_set(key) ? schema.origin(key) : Location{file.string()};
  fail_config(at, cat(key, " is missing; give it like ", key, ": ", example));
}

void check_texts(const config::Schema& schema, const Provenance& provenance) {
  for (const auto& [field, text] : fields(provenance)) {
    const std::string key = field == "data" ? "name" : field;
    check_provenance_text(key, text, schema.origin(key));
  }
}

/// Texts that are still to be written are none, and told of.
void take_todos(const config::Schema& schema, Recipe& recipe) {
  auto& p = recipe.provenance;
  for (const auto& [key, text] : {std::pair<std::string, std::string*>{"licence", &p.licence},
                                  {"consent", &p.consent},
                                  {"permitted_use", &p.permitted_use}}) {
    if (!trim(*text).starts_with("TODO")) continue;
    recipe.todo.push_back(cat(to_string(schema.origin(key)), ": ", key, " is still to be written (",
                              printable(*text), "); until then the store has none"));
    text->clear();
  }
}

void check_pattern(const config::Schema& schema, const std::string& key, const std::string& text) {
  if (!text.empty()) Pattern::parse(text, schema.origin(key));
}

}  // namespace

Recipe load_recipe(const fs::path& file) {
  config::Node root = config::load_yaml(file);
  if (!root.is_map()) {
    fail_config(root.at,
                "a recipe needs keys like name, root, fps, rig, clips; see "
                "datasets/README.md");
  }
  Recipe recipe;
  recipe.provenance.synthetic_mark = kSyntheticMark;
  Text text;
  config::Schema schema;
  describe(schema, recipe, text);
  std::vector<std::string> mistakes;
  gather(mistakes, [&] { recipe.labels = take_labels(root); });
  gather(mistakes, [&] { schema.apply(config::flatten(root, schema)); });
  gather(mistakes, [&] { check_texts(schema, recipe.provenance); });
  gather(mistakes, [&] { recipe.fps = parse_fps(text.fps, schema.origin("fps")); });
  gather(mistakes, [&] { require(schema, "rig", recipe.rig, "arkit", file); });
  const auto& clips = recipe.clips;
  gather(mistakes, [&] { require(schema, "clips.audio", clips.audio, "wav/{id}.wav", file); });
  gather(mistakes, [&] { require(schema, "clips.curves", clips.curves, "curves/{id}.csv", file); });
  gather(mistakes, [&] { check_pattern(schema, "clips.audio", clips.audio); });
  gather(mistakes, [&] { check_pattern(schema, "clips.curves", clips.curves); });
  gather(mistakes, [&] {
    Location at{file.string()};
    for (const char* key : {"split.test", "split.valid", "split.by"}) {
      if (schema.was_set(key)) at = schema.origin(key);
    }
    recipe.split = with_options({}, text.split, at);
  });
  if (!mistakes.empty()) throw UserError(Exit::config, join(mistakes, "\n"));
  take_todos(schema, recipe);

  recipe.file = file;
  recipe.root = (file.parent_path() / text.root).lexically_normal();
  if (recipe.provenance.data.empty()) recipe.provenance.data = file.stem().string();
  recipe.consent_at =
      schema.was_set("consent") ? schema.origin("consent") : Location{file.string()};
  std::error_code ec;
  const fs::path own_rig = file.parent_path() / recipe.rig;
  if (fs::is_regular_file(own_rig, ec)) recipe.rig = own_rig.string();
  return recipe;
}

fs::path names_file(const Recipe& recipe, const fs::path& root) {
  std::error_code ec;
  fs::path file = root / recipe.clips.names;
  if (fs::is_regular_file(file, ec)) return file;
  const fs::path beside = recipe.file.parent_path() / recipe.clips.names;
  if (fs::is_regular_file(beside, ec)) return beside;
  fail_data(file, cat("no such file; it is clips.names of ", recipe.file.string(),
                      ", under the root or beside the recipe"));
}

}  // namespace kuchi::data
