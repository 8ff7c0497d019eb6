#include "report/study_json.h"

#include <algorithm>
#include <cmath>

#include "io/json_text.h"
#include "report/main_effects.h"

namespace kuchi::report {
namespace {

using Json = StudyJson;

Json triple(const eval::Estimate& e) {
  return Json::array(
      {io::number_or_null(e.value), io::number_or_null(e.low), io::number_or_null(e.high)});
}

std::vector<std::string> metric_names(const StudySummary& study) {
  std::vector<std::string> out = {study.metric};
  const auto add = [&](const eval::Scores& scores) {
    for (const auto& item : scores.items()) {
      if (std::find(out.begin(), out.end(), item.first) == out.end()) out.push_back(item.first);
    }
  };
  for (const auto& s : study.settings) add(s.metrics);
  for (const auto& t : study.trials) add(t.metrics);
  return out;
}

/// Of each factor the place of a setting's value among the factor's; null where it has none.
Json places(const StudySummary& study, const StudySetting& setting) {
  Json out = Json::array();
  for (const auto& f : study.factors) {
    const Json* value = choice(setting.overrides, f.key);
    if (value == nullptr) {
      out.push_back(nullptr);
    } else {
      out.push_back(std::find(f.values.begin(), f.values.end(), *value) - f.values.begin());
    }
  }
  return out;
}

/// A value's number where axes may use it, and its text.
Json value_json(const Json& value) {
  return {{"text", value_text(value)}, {"number", io::number_or_null(value_number(value))}};
}

Json factors_json(const std::vector<FactorEffect>& effects) {
  Json out = Json::array();
  for (const auto& effect : effects) {
    Json values = Json::array();
    for (const auto& e : effect.values) {
      Json one = value_json(e.value);
      one["mean"] = triple(e.mean);
      one["settings"] = e.settings;
      values.push_back(std::move(one));
    }
    out.push_back(
        {{"key", effect.key}, {"note", balance_note(effect)}, {"values", std::move(values)}});
  }
  return out;
}

Json settings_json(const StudySummary& study) {
  Json out = Json::array();
  for (size_t i = 0; i < study.settings.size(); ++i) {
    const StudySetting& s = study.settings[i];
    Json metrics = Json::object();
    for (const auto& [name, e] : s.metrics.items()) metrics[name] = triple(e);
    const auto* asked = against_baseline(study, i);
    out.push_back({{"name", s.name},
                   {"values", places(study, s)},
                   {"rung", s.rung},
                   {"trials", s.trials},
                   {"done", s.done},
                   {"failed", s.failed},
                   {"metrics", std::move(metrics)},
                   {"ratio", triple(ratio_to_baseline(study, i))},
                   {"comparison", asked ? Json(asked - study.comparisons.data()) : Json(nullptr)}});
  }
  return out;
}

Json trials_json(const StudySummary& study, const std::vector<std::string>& metrics) {
  Json out = Json::array();
  for (const auto& t : study.trials) {
    Json values = Json::array();
    if (!t.metrics.items().empty()) {
      for (const auto& name : metrics) values.push_back(io::number_or_null(t.metrics.value(name)));
    }
    Json one = {{"id", t.id},     {"setting", t.setting}, {"seed", t.seed},
                {"rung", t.rung}, {"status", t.status},   {"values", std::move(values)}};
    if (!t.fold.empty()) one["fold"] = t.fold;
    if (!t.reason.empty()) one["reason"] = t.reason;
    if (!t.run.empty()) one["run"] = t.run;
    out.push_back(std::move(one));
  }
  return out;
}

Json comparisons_json(const StudySummary& study) {
  Json out = Json::array();
  for (const auto& c : study.comparisons) {
    out.push_back({{"a", c.a},
                   {"b", c.b},
                   {"metric", c.metric},
                   {"ratio", triple({c.ratio, c.low, c.high})},
                   {"p", io::number_or_null(c.p)},
                   {"p_corrected", io::number_or_null(c.p_corrected)},
                   {"verdict", c.verdict},
                   {"says", c.says}});
  }
  return out;
}

Json curves_json(const StudySummary& study) {
  if (study.lines.empty()) return nullptr;
  Json lines = Json::array(), crossings = Json::array();
  for (const auto& line : study.lines) {
    Json points = Json::array();
    for (const auto& p : line.points) points.push_back({{"x", p.x}, {"y", triple(p.y)}});
    lines.push_back({{"name", line.name}, {"points", std::move(points)}});
  }
  for (const auto& c : study.crossings) {
    crossings.push_back({{"a", c.a},
                         {"b", c.b},
                         {"x", triple({c.x, c.low, c.high})},
                         {"share", io::number_or_null(c.share)},
                         {"beyond", c.beyond}});
  }
  return {{"factor", study.curve_factor}, {"lines", lines}, {"crossings", crossings}};
}

Json index_or_null(const std::optional<size_t>& index) {
  return index ? Json(*index) : Json(nullptr);
}

}  // namespace

Json study_page_json(const StudySummary& study) {
  const auto metrics = metric_names(study);
  const auto effects = main_effects(study);
  return {{"name", study.name},
          {"about", study.about},
          {"search", study.search},
          {"metric", study.metric},
          {"better", study.lower_is_better ? "lower" : "higher"},
          {"evidence", study.evidence},
          {"log", effects.log},
          {"baseline", index_or_null(study.baseline)},
          {"best", index_or_null(study.best)},
          {"order", settings_order(study)},
          {"metrics", metrics},
          {"factors", factors_json(effects.factors)},
          {"settings", settings_json(study)},
          {"trials", trials_json(study, metrics)},
          {"comparisons", comparisons_json(study)},
          {"learning", curves_json(study)}};
}

}  // namespace kuchi::report
