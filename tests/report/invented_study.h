// A study that never was, for the tests of its tables and its page: realistic in form and size.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/random.h"
#include "core/text.h"

namespace kuchi::test {

using StudyJson = nlohmann::ordered_json;

struct InventedStudy {
  int64_t fractions = 3;  // settings: 4 heads x 2 lags x so many fractions
  int64_t seeds = 3;
  int64_t failed = 2;  // trials, from the second on
};

inline StudyJson estimate_json(double value, double half) {
  return {{"value", value}, {"low", value * (1 - half)}, {"high", value * (1 + half)}};
}

/// The invented truth: transformers need data, lags cost a little.
inline double invented_mse(size_t head, double fraction, int64_t lag) {
  const double at_all[] = {0.0062, 0.0050, 0.0046, 0.0055};
  const double slope[] = {0.15, 0.22, 0.38, 0.20};
  return at_all[head] * std::pow(fraction, -slope[head]) * (1 + 0.03 * std::abs(double(lag)));
}

/// summary.json of heads x fractions x lags (4 x fractions x 2 settings), one baseline, a question
/// a head at all data, and learning curves that cross. The same options, the same bytes.
inline StudyJson invented_study(const InventedStudy& options = {}) {
  const std::vector<std::string> heads = {"linear", "bilstm", "transformer", "tcn"};
  StudyJson fractions = StudyJson::array();
  for (int64_t i = 0; i < options.fractions; ++i) {
    const auto share = double(i + 1) / double(options.fractions);
    fractions.push_back(std::round(1000 * share * share) / 1000);
  }
  const std::vector<int64_t> lags = {0, 2};
  StudyJson out = {{"name", "heads by data"},
                   {"about", "Which head, at how much data?"},
                   {"base", "experiment/facegood_bilstm"},
                   {"search", "grid"},
                   {"metric", "mse"},
                   {"better", "lower"}};
  out["factors"] = {{{"key", "model.head"}, {"values", heads}},
                    {{"key", "data.fraction"}, {"values", fractions}},
                    {{"key", "data.lag_frames"}, {"values", lags}}};
  out["seeds"] = StudyJson::array();
  for (int64_t s = 0; s < options.seeds; ++s) out["seeds"].push_back(s);
  out["folds"] = StudyJson::array();
  out["evidence"] = "under 20 clips: 5 s blocks of 5 clips; evidence within these clips only";
  out["trials"] = out["settings"] = out["comparisons"] = StudyJson::array();
  size_t best = 0;
  int64_t trials = 0;
  for (size_t h = 0; h < heads.size(); ++h) {
    for (const double fraction : fractions) {
      for (const int64_t lag : lags) {
        const size_t setting = out["settings"].size();
        const StudyJson overrides = {
            {"model.head", heads[h]}, {"data.fraction", fraction}, {"data.lag_frames", lag}};
        double sum = 0;
        int64_t failed = 0;
        for (int64_t seed = 0; seed < options.seeds; ++seed, ++trials) {
          Stream draw(7, "test.study", setting, static_cast<uint64_t>(seed));
          const double mse = invented_mse(h, fraction, lag) * (1 + 0.02 * draw.normal());
          const auto id = cat("t", 1000 + trials);
          StudyJson trial = {{"id", id},
                             {"setting", setting},
                             {"overrides", overrides},
                             {"seed", seed},
                             {"fold", nullptr},
                             {"rung", 0},
                             {"status", "done"},
                             {"reason", ""},
                             {"run", "trials/" + id},
                             {"seconds", 10 + draw.uniform()}};
          trial["metrics"] = {
              {"mse", estimate_json(mse, 0.08)},
              {"r2", {{"value", 1 - 100 * mse}, {"low", nullptr}, {"high", nullptr}}},
              {"closure_f1", {{"value", 0.8}, {"low", 0.7}, {"high", 0.9}}}};
          if (trials > 0 && trials <= options.failed) {
            trial["status"] = "failed";
            trial["reason"] = trials % 2 ? "the loss is not finite at step 120 (NaN)"
                                         : "out of memory: 3.1 GB asked for";
            trial["metrics"] = StudyJson::object();
            ++failed;
          } else {
            sum += mse;
          }
          out["trials"].push_back(std::move(trial));
        }
        const double done = double(options.seeds - failed);
        StudyJson metrics = {{"mse", {{"value", nullptr}, {"low", nullptr}, {"high", nullptr}}}};
        if (done > 0) metrics["mse"] = estimate_json(sum / done, 0.09);
        out["settings"].push_back({{"name", cat("model.head=", heads[h], " data.fraction=",
                                                number(fraction), " data.lag_frames=", lag)},
                                   {"overrides", overrides},
                                   {"rung", 0},
                                   {"trials", options.seeds},
                                   {"done", options.seeds - failed},
                                   {"failed", failed},
                                   {"metrics", metrics}});
        const auto& now = out["settings"].back()["metrics"]["mse"]["value"];
        const auto& least = out["settings"][best]["metrics"]["mse"]["value"];
        if (least.is_null() || (now.is_number() && now.get<double>() < least.get<double>())) {
          best = setting;
        }
      }
    }
  }
  // Baseline: the second head with all data and no lag.
  const auto at_all = [&](size_t head) {
    return (head + 1) * fractions.size() * lags.size() - lags.size();
  };
  out["baseline"] = at_all(1);
  out["best"] = best;
  const char* verdicts[] = {"worse", "", "better", "not enough evidence"};
  for (size_t h = 0; h < heads.size(); ++h) {
    if (h == 1) continue;
    const auto& a = out["settings"][at_all(h)];
    const auto& b = out["settings"][at_all(1)];
    const double ratio =
        a["metrics"]["mse"]["value"].get<double>() / b["metrics"]["mse"]["value"].get<double>();
    out["comparisons"].push_back({{"a", a["name"]},
                                  {"b", b["name"]},
                                  {"metric", "mse"},
                                  {"ratio", ratio},
                                  {"low", ratio * 0.95},
                                  {"high", ratio * 1.05},
                                  {"p", h == 3 ? 0.08 : 0.0004},
                                  {"p_corrected", h == 3 ? 0.08 : 0.0012},
                                  {"smallest_p", 0.0001},
                                  {"seeds", options.seeds},
                                  {"units", 98},
                                  {"unit", "block"},
                                  {"verdict", verdicts[h]},
                                  {"need", nullptr},
                                  {"says", cat(heads[h], " is judged against bilstm")}});
  }
  StudyJson lines = StudyJson::array();
  for (size_t h = 0; h < heads.size(); ++h) {
    StudyJson points = StudyJson::array();
    for (const double fraction : fractions) {
      auto point = estimate_json(invented_mse(h, fraction, 0), 0.07);
      point["x"] = fraction;
      points.push_back(point);
    }
    lines.push_back({{"name", "model.head=" + heads[h]}, {"points", points}});
  }
  out["learning_curves"] = {
      {"factor", "data.fraction"}, {"lines", lines}, {"crossings", StudyJson::array()}};
  out["learning_curves"]["crossings"].push_back({{"a", "model.head=transformer"},
                                                 {"b", "model.head=bilstm"},
                                                 {"x", 0.59},
                                                 {"low", 0.4},
                                                 {"high", 0.8}});
  return out;
}

/// Two settings of one factor with a trial each, the second failed; all text is `name`.
inline StudyJson hostile_study(const std::string& name) {
  const auto setting = [&](const std::string& value, StudyJson metric) {
    return StudyJson{
        {"name", name + value},
        {"overrides", {{name, name + value}}},
        {"rung", 0},
        {"trials", 1},
        {"done", metric.is_null() ? 0 : 1},
        {"failed", metric.is_null() ? 1 : 0},
        {"metrics", {{name, {{"value", metric}, {"low", nullptr}, {"high", nullptr}}}}}};
  };
  StudyJson out = {{"name", name},    {"about", name},     {"base", name},     {"search", "list"},
                   {"metric", name},  {"better", "lower"}, {"evidence", name}, {"baseline", 0},
                   {"best", nullptr}, {"seeds", {0}},      {"folds", {name}}};
  out["factors"] = StudyJson::array({{{"key", name}, {"values", StudyJson::array({name})}}});
  out["settings"] = {setting("", 0.5), setting("2", nullptr)};
  const auto trial = [&](size_t index, const std::string& value) {
    return StudyJson{{"id", name + value},
                     {"setting", index},
                     {"overrides", {{name, name + value}}},
                     {"seed", 0},
                     {"fold", name},
                     {"rung", 0},
                     {"reason", name},
                     {"run", "trials/../" + name}};
  };
  out["trials"] = {trial(0, ""), trial(1, "2")};
  out["trials"][0]["status"] = "done";
  out["trials"][0]["metrics"] = {{name, {{"value", 0.5}, {"low", 0.25}, {"high", 0.75}}}};
  out["trials"][1]["status"] = "failed";
  out["trials"][1]["metrics"] = StudyJson::object();
  out["comparisons"] = StudyJson::array({{{"a", name + "2"},
                                          {"b", name},
                                          {"metric", name},
                                          {"verdict", name},
                                          {"says", name},
                                          {"unit", name}}});
  out["learning_curves"] = {
      {"factor", name},
      {"lines",
       StudyJson::array(
           {{{"name", name},
             {"points",
              StudyJson::array({{{"x", 1}, {"value", 0.5}, {"low", 0.4}, {"high", 0.6}},
                                {{"x", 2}, {"value", 0.4}, {"low", 0.3}, {"high", 0.5}}})}}})},
      {"crossings", StudyJson::array({{{"a", name}, {"b", name}, {"x", 1.5}}})}};
  return out;
}

}  // namespace kuchi::test
