#include <stdexcept>

#include "core/text.h"
#include "data/split.h"

namespace kuchi::data {
namespace {

constexpr const char* kUnset = "auto";
constexpr SplitBy kKinds[] = {SplitBy::time, SplitBy::clip, SplitBy::speaker, SplitBy::list,
                              SplitBy::none};

SplitBy kind_of(const std::string& name) {
  for (const auto by : kKinds) {
    if (to_string(by) == name) return by;
  }
  throw std::logic_error("no such way to split: " + name);
}

double share_of(const std::vector<std::string>& value, const char* name, SplitBy by,
                const Location& at) {
  double share = 0;
  if (value.size() != 1 || !parse_number(value[0], share)) {
    fail_config(at, cat("split.", name, " names clips, but the split is by ", to_string(by),
                        "; give a share like 0.1, or split by list"));
  }
  if (!(share >= 0 && share < 1)) {
    fail_config(at, cat("split.", name, " must be at least 0 and below 1; it is ", value[0]));
  }
  return share;
}

bool is_share(const std::vector<std::string>& value) {
  double share = 0;
  return value.size() == 1 && parse_number(value[0], share) && share < 1 &&
         value[0].find('.') != std::string::npos;
}

}  // namespace

void describe(config::Section& section, SplitOptions& options) {
  section.about(
      "How clips are divided into train, valid and test. What is not given here is as the data "
      "set's recipe has it.");
  std::vector<std::string> choices = {kUnset};
  for (const auto by : kKinds) choices.emplace_back(to_string(by));
  section.add("by", options.by)
      .choices(choices)
      .help(
          "auto: as the recipe has it; time: the end of each clip; clip, speaker: whole ones, "
          "drawn; list: those named");
  section.add("valid", options.valid)
      .help("share of the frames, clips or speakers; by list: clip ids or patterns");
  section.add("test", options.test).help("the same for the test split");
  section.add("gap_seconds", options.gap_seconds)
      .at_most(3600)
      .unit("s")
      .help("dropped between the pieces of a clip, by time; negative: as the recipe has it");
  section.add("seed", options.seed).help("of the draw; negative: as the recipe has it");
}

SplitSpec with_options(SplitSpec base, const SplitOptions& options, const Location& at) {
  const SplitBy before = base.by;
  if (options.by != kUnset) base.by = kind_of(options.by);
  const bool listed = base.by == SplitBy::list;
  if (listed != (before == SplitBy::list)) {
    base.valid_ids.clear();
    base.test_ids.clear();
    const SplitSpec fresh;
    base.valid = fresh.valid;
    base.test = fresh.test;
  }
  if (options.gap_seconds >= 0) base.gap_s = options.gap_seconds;
  if (options.seed >= 0) base.seed = options.seed;
  if (base.by == SplitBy::none) return base;
  if (listed) {
    for (const auto* value : {&options.valid, &options.test}) {
      if (is_share(*value)) {
        fail_config(at, cat("split is by list, so valid and test name clips, not shares like ",
                            (*value)[0], "; give clip ids, or split by time, clip or speaker"));
      }
    }
    if (!options.valid.empty()) base.valid_ids = options.valid;
    if (!options.test.empty()) base.test_ids = options.test;
    return base;
  }
  if (!options.valid.empty()) base.valid = share_of(options.valid, "valid", base.by, at);
  if (!options.test.empty()) base.test = share_of(options.test, "test", base.by, at);
  if (base.valid + base.test >= 1) {
    fail_config(at, cat("split.valid and split.test add up to ", number(base.valid + base.test, 4),
                        "; leave something to train on"));
  }
  return base;
}

std::string split_to_yaml(const SplitSpec& spec) {
  const auto list = [](const std::vector<std::string>& ids) {
    std::vector<std::string> texts;
    for (const auto& id : ids) texts.push_back(config::yaml_scalar(id));
    return "[" + join(texts, ", ") + "]";
  };
  if (spec.by == SplitBy::none) return "{by: none}";
  const bool listed = spec.by == SplitBy::list;
  return cat("{by: ", to_string(spec.by),
             ", valid: ", listed ? list(spec.valid_ids) : number(spec.valid),
             ", test: ", listed ? list(spec.test_ids) : number(spec.test),
             ", gap_seconds: ", number(spec.gap_s), ", seed: ", spec.seed, "}");
}

SplitSpec parse_split(const std::string& yaml, const std::string& name_for_errors) {
  config::Schema schema;
  SplitOptions options;
  auto section = schema.section("");
  describe(section, options);
  const auto root = config::parse_yaml(yaml, name_for_errors);
  schema.apply(config::flatten(root, schema));
  return with_options({}, options, {name_for_errors});
}

}  // namespace kuchi::data
