#include "report/study_summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "core/error.h"
#include "core/text.h"
#include "io/json_text.h"

namespace kuchi::report {
namespace {

using Json = StudyJson;

[[noreturn]] void wrong(const std::string& where, const std::string& what) {
  fail_data("summary.json", cat(where, ": ", what, "; is it a summary that kuchi sweep wrote?"));
}

/// A value with its place in the file, for messages: settings[3].metrics.mse.
struct Place {
  const Json* json;
  std::string where;

  Place at(const std::string& key) const {
    static const Json none;
    if (!json->is_object()) wrong(where, "expected an object");
    const auto found = json->find(key);
    return {found == json->end() ? &none : &*found, where.empty() ? key : where + "." + key};
  }

  bool empty() const { return json->is_null(); }

  std::string text() const {
    if (empty()) return {};
    if (!json->is_string()) wrong(where, "expected text");
    return json->get<std::string>();
  }

  std::optional<double> number() const {
    if (empty()) return {};
    if (!json->is_number()) wrong(where, "expected a number or null");
    const double value = json->get<double>();
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
  }

  int64_t integer() const {
    if (empty()) return 0;
    if (!json->is_number_integer()) wrong(where, "expected a whole number");
    return json->get<int64_t>();
  }

  std::optional<size_t> index(size_t size) const {
    if (empty()) return {};
    const int64_t value = integer();
    if (value < 0 || value >= static_cast<int64_t>(size)) {
      wrong(where, cat(value, " leads nowhere, there are ", size));
    }
    return static_cast<size_t>(value);
  }

  std::vector<Place> list() const {
    if (empty()) return {};
    if (!json->is_array()) wrong(where, "expected a list");
    std::vector<Place> out;
    for (size_t i = 0; i < json->size(); ++i) out.push_back({&(*json)[i], cat(where, "[", i, "]")});
    return out;
  }

  std::vector<std::pair<std::string, Place>> pairs() const {
    if (empty()) return {};
    if (!json->is_object()) wrong(where, "expected an object");
    std::vector<std::pair<std::string, Place>> out;
    for (auto it = json->begin(); it != json->end(); ++it) {
      out.emplace_back(it.key(), Place{&it.value(), cat(where, ".", it.key())});
    }
    return out;
  }
};

eval::Estimate estimate(const Place& at) {
  return {at.at("value").number(), at.at("low").number(), at.at("high").number()};
}

eval::Scores scores(const Place& at) {
  eval::Scores out;
  for (const auto& [name, entry] : at.pairs()) out.set(name, estimate(entry));
  return out;
}

Choices choices(const Place& at) {
  Choices out;
  for (const auto& [key, value] : at.pairs()) out.emplace_back(key, *value.json);
  return out;
}

/// A folder's name within the study and nothing that could lead out of it.
std::string run_folder(const std::string& run) {
  constexpr std::string_view kStart = "trials/";
  if (run.rfind(kStart, 0) != 0 || run.size() == kStart.size()) return {};
  const auto plain = [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-' || c == '.';
  };
  if (run[kStart.size()] == '.') return {};
  return std::all_of(run.begin() + kStart.size(), run.end(), plain) ? run : std::string();
}

StudyTrial trial(const Place& at, size_t settings) {
  StudyTrial out;
  out.id = at.at("id").text();
  const auto setting = at.at("setting").index(settings);
  if (!setting) wrong(at.where, "names no setting");
  out.setting = *setting;
  out.overrides = choices(at.at("overrides"));
  out.seed = at.at("seed").integer();
  out.fold = at.at("fold").empty() ? "" : value_text(*at.at("fold").json);
  out.rung = at.at("rung").integer();
  out.status = at.at("status").text();
  out.reason = at.at("reason").text();
  out.run = run_folder(at.at("run").text());
  out.metrics = scores(at.at("metrics"));
  return out;
}

StudySetting setting(const Place& at) {
  StudySetting out;
  out.name = at.at("name").text();
  out.overrides = choices(at.at("overrides"));
  out.rung = at.at("rung").integer();
  out.trials = at.at("trials").integer();
  out.done = at.at("done").integer();
  out.failed = at.at("failed").integer();
  out.metrics = scores(at.at("metrics"));
  return out;
}

StudyComparison comparison(const Place& at) {
  StudyComparison out;
  out.a = at.at("a").text();
  out.b = at.at("b").text();
  out.metric = at.at("metric").text();
  out.ratio = at.at("ratio").number();
  out.low = at.at("low").number();
  out.high = at.at("high").number();
  out.p = at.at("p").number();
  out.p_corrected = at.at("p_corrected").number();
  out.smallest_p = at.at("smallest_p").number();
  out.seeds = at.at("seeds").integer();
  out.units = at.at("units").integer();
  out.unit = at.at("unit").text();
  out.verdict = at.at("verdict").text();
  if (!at.at("need").empty()) {
    out.need_units = at.at("need").at("units").number();
    out.need_seeds = at.at("need").at("seeds").number();
  }
  out.says = at.at("says").text();
  return out;
}

void read_curves(const Place& at, StudySummary& out) {
  if (at.empty()) return;
  out.curve_factor = at.at("factor").text();
  for (const auto& line : at.at("lines").list()) {
    StudyLine one{line.at("name").text(), {}};
    for (const auto& point : line.at("points").list()) {
      const auto x = point.at("x").number();
      if (!x) wrong(point.where, "has no x");
      one.points.push_back({*x, estimate(point)});
    }
    out.lines.push_back(std::move(one));
  }
  for (const auto& c : at.at("crossings").list()) {
    out.crossings.push_back({c.at("a").text(), c.at("b").text(), c.at("x").number(),
                             c.at("low").number(), c.at("high").number(), c.at("share").number(),
                             c.at("beyond").text()});
  }
}

/// Values that settings have and the list does not (ranges, lists of settings): numbers rising.
void complete(StudyFactor& factor, const std::vector<StudySetting>& settings) {
  std::vector<Json> more;
  const auto known = [](const std::vector<Json>& list, const Json& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  for (const auto& s : settings) {
    const Json* value = choice(s.overrides, factor.key);
    if (value != nullptr && !known(factor.values, *value) && !known(more, *value)) {
      more.push_back(*value);
    }
  }
  std::stable_sort(more.begin(), more.end(), [](const Json& a, const Json& b) {
    return value_number(a) && value_number(b) && *value_number(a) < *value_number(b);
  });
  factor.values.insert(factor.values.end(), more.begin(), more.end());
}

}  // namespace

StudySummary read_study(const Json& json) {
  const Place root{&json, ""};
  if (!json.is_object()) wrong("the file", "expected an object");
  StudySummary out;
  out.name = root.at("name").text();
  out.about = root.at("about").text();
  out.base = root.at("base").text();
  out.search = root.at("search").text();
  out.metric = root.at("metric").text();
  out.evidence = root.at("evidence").text();
  out.lower_is_better = root.at("better").text() != "higher";
  for (const auto& s : root.at("settings").list()) out.settings.push_back(setting(s));
  for (const auto& t : root.at("trials").list()) {
    out.trials.push_back(trial(t, out.settings.size()));
  }
  for (const auto& f : root.at("factors").list()) {
    StudyFactor factor{f.at("key").text(), {}};
    for (const auto& value : f.at("values").list()) factor.values.push_back(*value.json);
    complete(factor, out.settings);
    out.factors.push_back(std::move(factor));
  }
  for (const auto& seed : root.at("seeds").list()) out.seeds.push_back(seed.integer());
  for (const auto& fold : root.at("folds").list()) out.folds.push_back(value_text(*fold.json));
  out.baseline = root.at("baseline").index(out.settings.size());
  out.best = root.at("best").index(out.settings.size());
  for (const auto& c : root.at("comparisons").list()) out.comparisons.push_back(comparison(c));
  read_curves(root.at("learning_curves"), out);
  return out;
}

const Json* choice(const Choices& choices, const std::string& key) {
  const auto found = std::find_if(choices.begin(), choices.end(),
                                  [&](const auto& entry) { return entry.first == key; });
  return found == choices.end() ? nullptr : &found->second;
}

std::string value_text(const Json& value) {
  return value.is_string() ? value.get<std::string>() : io::json_text(value);
}

std::optional<double> value_number(const Json& value) {
  if (!value.is_number()) return {};
  const double number = value.get<double>();
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

const StudyComparison* against_baseline(const StudySummary& study, size_t setting) {
  if (!study.baseline || *study.baseline == setting) return nullptr;
  if (study.settings[*study.baseline].rung != study.settings[setting].rung) return nullptr;
  const std::string& a = study.settings[setting].name;
  const std::string& b = study.settings[*study.baseline].name;
  const auto asks = [&](const StudyComparison& c) {
    return c.a == a && c.b == b && c.metric == study.metric;
  };
  const auto found = std::find_if(study.comparisons.begin(), study.comparisons.end(), asks);
  return found == study.comparisons.end() ? nullptr : &*found;
}

eval::Estimate ratio_to_baseline(const StudySummary& study, size_t setting) {
  if (!study.baseline) return {};
  if (const auto* asked = against_baseline(study, setting)) {
    return {asked->ratio, asked->low, asked->high};
  }
  if (study.settings[*study.baseline].rung != study.settings[setting].rung) return {};
  const auto own = study_metric(study, study.settings[setting].metrics).value;
  const auto base = study_metric(study, study.settings[*study.baseline].metrics).value;
  if (!own || !base || *own <= 0 || *base <= 0) return {};
  return {*own / *base, {}, {}};
}

eval::Estimate study_metric(const StudySummary& study, const eval::Scores& scores) {
  const auto* found = scores.find(study.metric);
  return found == nullptr ? eval::Estimate{} : *found;
}

std::vector<size_t> settings_order(const StudySummary& study) {
  std::vector<size_t> order(study.settings.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (study.search != "random" && study.search != "halving") return order;
  const auto place = [&](size_t i) {
    const auto value = study_metric(study, study.settings[i].metrics).value;
    const double badness = !value                  ? std::numeric_limits<double>::infinity()
                           : study.lower_is_better ? *value
                                                   : -*value;
    return std::tuple(-study.settings[i].rung, badness);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return place(a) < place(b); });
  return order;
}

}  // namespace kuchi::report
